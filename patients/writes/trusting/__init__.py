"""Changing what is kept about trust: noise, pairs of scans, scores, models, numbers computed again."""
