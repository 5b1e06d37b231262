"""An upload taken apart: archives, kinds of files, series, and which outline belongs to which scan."""
