"""What waits for a second person, and what is hidden."""
