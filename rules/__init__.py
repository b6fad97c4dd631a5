"""What the office's rules say: pure functions over plain data; no clock, no database, no HTTP."""
