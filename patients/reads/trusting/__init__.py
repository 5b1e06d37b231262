"""Asking what was concluded about trust: noise, pairs of scans, scores, models, numbers computed again."""
