"""The rules of RECIST 1.1 as data, and the two that look at more than one visit."""
