"""The demonstration: a whole school year replayed against the sandbox, on a clock of its own."""
