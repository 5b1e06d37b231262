"""Reading the audit trail: searching it, and finding out whether anybody changed it."""
