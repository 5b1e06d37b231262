"""An outline and its image, disturbed a little and extracted again: how much of a change is noise at least."""
