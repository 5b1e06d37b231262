"""The bytes of a model as text, refused where they are no such thing: too large, a pickle, an archive. No Django."""

LARGEST_BYTES = 1_000_000
# What a file begins with that can run code when it is opened, or hides what it holds.
FORBIDDEN = (
    (b"\x80", "a pickle"),
    (b"PK\x03\x04", "a zip archive (skops and NumPy files are ones)"),
    (b"PK\x05\x06", "a zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x78\x01", "compressed by joblib"),
    (b"\x78\x5e", "compressed by joblib"),
    (b"\x78\x9c", "compressed by joblib"),
    (b"\x78\xda", "compressed by joblib"),
    (b"ZF0x", "compressed by joblib"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x93NUMPY", "a NumPy file"),
    (b"\x89HDF", "an HDF5 file"),
)
WANTED = "Send the coefficients as JSON text; README.md says how."


class ModelRefused(Exception):
    """A model cannot be taken like this: a stable code and a sentence."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code = code
        self.sentence = sentence


def too_large() -> ModelRefused:
    """The refusal of a file that is larger than any table of coefficients."""
    return ModelRefused("E_MODEL_SIZE", f"A model has at most {LARGEST_BYTES // 1000} kB. {WANTED}")


def model_text(content: bytes) -> str:
    """The text of a model's file.

    Raises
    ------
    ModelRefused
        E_MODEL_SIZE: empty or too large. E_MODEL_FORMAT: a pickle, an archive, anything but UTF-8 text; nothing of
        it is opened.

    Examples
    --------
    >>> model_text(b'{"id": "m"}')
    '{"id": "m"}'
    """
    if len(content) > LARGEST_BYTES:
        raise too_large()
    if not content.strip():
        raise ModelRefused("E_MODEL_SIZE", f"The file is empty. {WANTED}")
    for magic, name in FORBIDDEN:
        if content.startswith(magic):
            raise ModelRefused("E_MODEL_FORMAT", f"This file is {name}, which is never opened here. {WANTED}")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ModelRefused("E_MODEL_FORMAT", f"This file is not UTF-8 text. {WANTED}") from None
    # An old pickle is text as well; so is the start of one whose JSON was cut off.
    if "\x00" in text or not text.lstrip().startswith("{"):
        raise ModelRefused("E_MODEL_FORMAT", f"This file is not a JSON object. {WANTED}")
    return text
