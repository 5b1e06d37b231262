"""What the pages tell of noise, comparability, scores and models: rows and words, ready for a template."""
