"""Backups of database and files that fit each other, and restoring them."""
