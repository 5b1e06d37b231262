"""Made-up scans with known answers: small ones for tests, a whole cohort for the demo."""
