"""Pictures with the same bytes every time."""
