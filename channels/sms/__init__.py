"""短信: approved templates to lists of mobile numbers; what the vendors share is here, each vendor in its own files."""
