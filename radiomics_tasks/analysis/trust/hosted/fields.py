"""Reading the fields of a model's file: each is there, of its kind and finite, or the sentence says what to mend."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn, TypeVar

from patients.vocabulary import Word
from radiomics_tasks.errors import Refusal

LONGEST_TEXT = 4000
Fields = Mapping[str, Any]
AnyWord = TypeVar("AnyWord", bound=Word)


def refuse(sentence: str) -> NoReturn:
    """Raise the refusal of a model: E_MODEL with what is wrong and how to mend it."""
    raise Refusal("E_MODEL", sentence)


def read_json(text: str) -> Fields:
    """The object that a text holds; Refusal E_MODEL for what is none, repeats a name or holds no finite number.

    Examples
    --------
    >>> read_json('{"a": [1, 2]}')
    {'a': [1, 2]}
    """
    try:
        data = json.loads(text, parse_constant=_not_finite, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        raise Refusal("E_MODEL", f"The model is not JSON (line {error.lineno}).") from error
    except (RecursionError, ValueError) as error:
        raise Refusal("E_MODEL", "The model is nested too deeply, or holds a number too long to be one.") from error
    if not isinstance(data, dict):
        refuse("The model is not a JSON object.")
    return data


def _not_finite(name: str) -> NoReturn:
    refuse(f"The model holds {name}, which is no number. Give a finite number.")


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if twice := next((name for name in names if names.count(name) > 1), None):
        refuse(f"The model states {twice} twice in one place. Keep one of them.")
    return dict(pairs)


def number(fields: Fields, name: str, where: str) -> float:
    """A finite number.

    Examples
    --------
    >>> number({"beta": 2}, "beta", "Term 1")
    2.0
    """
    return as_number(_there(fields, name, where), f"{where}: {name}")


def as_number(value: Any, where: str) -> float:
    """A value that must be a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        refuse(f"{where} must be a number.")
    try:
        found = float(value)
    except OverflowError:
        found = math.inf
    if not math.isfinite(found):
        refuse(f"{where} must be a finite number.")
    return found


def whole(fields: Fields, name: str, where: str) -> int:
    """A whole number from zero up."""
    value = _there(fields, name, where)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 10**9:
        refuse(f"{where}: {name} must be a whole number from 0 up.")
    return value


def text(fields: Fields, name: str, where: str, longest: int = LONGEST_TEXT) -> str:
    """Words that are there and can be read; line breaks are kept.

    Examples
    --------
    >>> text({"licence": " CC-BY-4.0 "}, "licence", "The model card")
    'CC-BY-4.0'
    """
    value = fields.get(name)
    if not isinstance(value, str) or not value.strip():
        refuse(f"{where} lacks {name}. Fill it in.")
    if len(value) > longest:
        refuse(f"{where}: {name} has more than {longest} letters. Shorten it.")
    if not value.replace("\n", "").replace("\r", "").isprintable():
        refuse(f"{where}: {name} holds hidden signs. Write it again.")
    return value.strip()


def word(kind: type[AnyWord], fields: Fields, name: str, where: str) -> AnyWord:
    """One of the words of a vocabulary, by its value."""
    value = _there(fields, name, where)
    found = next((member for member in kind if isinstance(value, str) and member.value == value), None)
    if found is None:
        said = value if isinstance(value, str) and len(value) <= 60 and value.isprintable() else "something else"
        refuse(f"{where}: {name} is {said}. It must be one of {', '.join(kind)}.")
    return found


def record(fields: Fields, name: str, where: str) -> Fields:
    """An object within an object."""
    value = _there(fields, name, where)
    if not isinstance(value, dict):
        refuse(f"{where}: {name} must be an object.")
    return value


def rows(fields: Fields, name: str, where: str, most: int) -> list[Any]:
    """A list that is there and not empty."""
    value = _there(fields, name, where)
    if not isinstance(value, list) or not value:
        refuse(f"{where}: {name} must be a list with at least one entry.")
    if len(value) > most:
        refuse(f"{where}: {name} has more than {most} entries.")
    return value


def interval(fields: Fields, name: str, where: str) -> tuple[float, float]:
    """Two finite numbers, the smaller first.

    Examples
    --------
    >>> interval({"range": [0, 10]}, "range", "Term 1")
    (0.0, 10.0)
    """
    value = _there(fields, name, where)
    if not isinstance(value, list) or len(value) != 2:
        refuse(f"{where}: {name} must be two numbers, the smaller first.")
    low, high = (as_number(one, f"{where}: {name}") for one in value)
    if low > high:
        refuse(f"{where}: {name} must be two numbers, the smaller first.")
    return low, high


def only(fields: Fields, known: Sequence[str], where: str) -> None:
    """Refuse a name that would be passed over in silence: it may be a slip in one that counts."""
    if unknown := sorted(set(fields) - set(known)):
        said = unknown[0] if len(unknown[0]) <= 60 and unknown[0].isprintable() else "something"
        refuse(f"{where} holds {said}, which is not known here. Take it out, or mend its name.")


def _there(fields: Fields, name: str, where: str) -> Any:
    if name not in fields:
        refuse(f"{where} lacks {name}. Add it.")
    return fields[name]
