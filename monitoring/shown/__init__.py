"""What pages tell, made ready for their templates; no page of its own, and no query that a view did not ask for."""
