"""What the bot does on its clock: plain functions, an office and `now` in, a summary out."""
