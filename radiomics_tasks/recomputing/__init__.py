"""Stored numbers once more from what they were made of, held against the stored ones bit by bit."""
