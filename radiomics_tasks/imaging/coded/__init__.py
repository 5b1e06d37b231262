"""What SEG and RTSTRUCT have in common."""
