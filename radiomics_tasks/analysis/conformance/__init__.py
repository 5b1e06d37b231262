"""The criteria against written cases: each expected value beside the one obtained."""
