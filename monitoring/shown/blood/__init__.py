"""What the pages tell, and take in, of blood and of events."""
