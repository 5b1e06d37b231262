"""What the pages tell of sizes, readings and responses: rows and words, ready for a template."""
