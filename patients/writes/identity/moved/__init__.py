"""What goes along when scans are put under another patient."""
