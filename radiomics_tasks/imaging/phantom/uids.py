"""UIDs of made-up objects: the same words always give the same UID."""

import hashlib


def uid_from(*words: object) -> str:
    """A DICOM UID derived from words by hash.

    Parameters
    ----------
    *words
        Anything whose text says what the object is: seed, patient, date, "series" and the like.

    Returns
    -------
    str
        A UID below the root 2.25 (ISO/IEC 9834-8: a 128-bit integer, at most 44 characters).
    """
    digest = hashlib.sha256("\x1f".join(str(word) for word in words).encode()).digest()
    return f"2.25.{int.from_bytes(digest[:16])}"
