"""Single-file image formats, header by header."""
