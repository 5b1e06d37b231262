"""What the image itself says of its contrast phase: aorta and liver, found by plain rules or not at all."""
