"""The audit trail's arithmetic and its anchor outside the database; no Django."""
