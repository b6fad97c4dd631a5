"""The sample year: the registers a fictional college kept from 2020-09-01 to 2021-08-31, mistakes included."""
