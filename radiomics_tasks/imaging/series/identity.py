"""Who a scan belongs to, kept only as keyed hashes; and text made safe to keep."""

import hmac
import unicodedata
from hashlib import sha256

MAX_TEXT = 256


def keyed_uid(uid: str, key: bytes) -> str:
    """The UID under which an object is known here: the same original and key always give the same one."""
    if not uid:
        return ""
    return f"2.25.{int.from_bytes(hmac.digest(key, b'uid|' + uid.encode(), sha256)[:16], 'big')}"


def keyed_hash(purpose: str, value: str, key: bytes) -> str:
    """HMAC-SHA256 (hex) of a cleaned value under the site key; empty stays empty."""
    if not value:
        return ""
    return hmac.new(key, f"{purpose}|{value}".encode(), sha256).hexdigest()


def clean_text(value: object, limit: int = MAX_TEXT) -> str:
    """One line of readable text: NFC, no control, formatting or surrogate characters, at most `limit`."""
    spaced = (" " if char.isspace() else char for char in str(value if value is not None else ""))
    kept = "".join(char for char in spaced if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    return " ".join(unicodedata.normalize("NFC", kept).split())[:limit].strip()


def hashed_identity(patient_id: str, birth_date: str, sex: str, key: bytes) -> dict[str, str]:
    """What is kept of a person: three keyed hashes, by which the next scan finds its patient."""
    return {
        "patient_id_hmac": keyed_hash("patient-id", clean_text(patient_id), key),
        "birth_date_hmac": keyed_hash("birth-date", clean_text(birth_date), key),
        "sex_hmac": keyed_hash("sex", clean_text(sex).upper(), key),
    }


def without_names(text: str, *names: str) -> str:
    """The text, or nothing where it holds a part of a name or an identifier of three letters or more."""
    folded = text.casefold()
    for name in names:
        parts = clean_text(name.replace("^", " ").replace("=", " ")).casefold().split()
        if any(len(part) >= 3 and part in folded for part in parts):
            return ""
    return text
