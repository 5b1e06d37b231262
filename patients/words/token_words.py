"""What an access token may be used for. No Django."""

import hashlib

from patients.vocabulary import Word

# Known at sight: for whoever finds one lying about, and for programs that look for such.
PREFIX = "deltarad_"


def digest_of_token(secret: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Scope(Word):
    """One thing that a script may do with a token; all of them only read, within what the login itself may see."""

    FEATURES = "features:export", "Features and sizes, with their changes"
    RESPONSES = "responses:export", "What visits were called"
    MEASUREMENTS = "measurements:export", "Signed measurements"
    LABS = "labs:export", "Laboratory results and events"
    AUDIT = "audit:export", "The audit trail"
