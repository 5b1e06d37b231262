"""Writing the audit trail: whose hand it is, what it did, and the chain of it all."""
