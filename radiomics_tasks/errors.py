"""What can go wrong, in words a user can act on.

A Refusal is a decision about what was sent; anything else that is raised is a defect.
"""

from typing import Any, Self


class Refusal(Exception):
    """Something sent to us cannot be used as it is.

    Parameters
    ----------
    code : a stable code: `E_…` final for these bytes, `Q_…` a person must decide, `W_…` a note.
    sentence : what is wrong and what to do, without paths, tag values or another patient's data.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code = code
        self.sentence = sentence

    def as_dict(self) -> dict[str, str]:
        """The refusal as plain data, to cross a process border."""
        return {"code": self.code, "sentence": self.sentence}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The refusal back from plain data."""
        return cls(str(data["code"]), str(data["sentence"]))


class NeedsPerson(Refusal):
    """What was sent may be right, but only a person can say so."""


class ChildFailure(Exception):
    """The limited process died, ran out of memory or time, or answered nonsense; worth another try.

    `code` is E_PARSER_CRASH, E_PARSER_MEMORY or E_PARSER_TIMEOUT while reading,
    E_EXTRACT_CRASH, E_EXTRACT_MEMORY or E_EXTRACT_TIMEOUT while measuring.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code = code
        self.sentence = sentence


class Fenced(Exception):
    """This worker's lease was taken over by another; its results are dropped, nothing is written."""
