"""What a person sees at the command line: results in, plain official Chinese out."""
