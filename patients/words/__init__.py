"""The words of single subjects, each with a label for people; what all share is in `vocabulary`. No Django."""
