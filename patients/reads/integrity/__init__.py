"""Whether stored files and rows are what they were when they were stored."""
