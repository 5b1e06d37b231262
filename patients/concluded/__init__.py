"""What was concluded, as frozen objects by subject; `findings` puts them together. No Django."""
