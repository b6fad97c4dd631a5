"""Figures measured on the spot, each beside a peer measured in the same run."""
