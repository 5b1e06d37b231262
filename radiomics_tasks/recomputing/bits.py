"""Whether two numbers are the same to the bit, and by how much they are not. No Django."""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not what it was: a number, a file, a profile, a fact of the record.

    `stored` and `now` carry all digits; `units` is their distance in units in the last place, where both are numbers.
    """

    what: str
    name: str
    stored: str
    now: str
    units: int | None = None

    @property
    def sentence(self) -> str:
        """The difference for a reader, digits included."""
        apart = "" if self.units is None else f" ({in_units(self.units)})"
        return f"{self.what} {self.name}: stored {self.stored}, now {self.now}{apart}"

    def as_dict(self) -> dict[str, Any]:
        """Plain data, with the sentence."""
        return {**asdict(self), "sentence": self.sentence}


def in_units(units: int) -> str:
    """A distance in words.

    >>> in_units(1), in_units(0), in_units(2000)
    ('1 unit in the last place', 'another sign of zero', '2,000 units in the last place')
    """
    if units == 0:
        return "another sign of zero"
    return f"{units:,} unit{'s' if units != 1 else ''} in the last place"


def units_apart(one: float, other: float) -> int:
    """How many doubles lie between two finite numbers, counting the last.

    >>> units_apart(1.0, 1.0 + 2**-52), units_apart(0.1 + 0.2, 0.3), units_apart(-0.0, 0.0)
    (1, 1, 0)
    """
    return abs(_place(one) - _place(other))


def _place(number: float) -> int:
    (bits,) = struct.unpack("<q", struct.pack("<d", number))
    return int(bits) if bits >= 0 else -(int(bits) & 0x7FFFFFFFFFFFFFFF)


def is_same(stored: Any, now: Any) -> bool:
    """Whether two leaves say the same: numbers to the bit, all else as equal.

    >>> is_same(1.5, 1.5), is_same(0.0, -0.0), is_same(None, None), is_same("A", "B"), is_same(1, 1.0)
    (True, False, True, False, True)
    """
    if _is_number(stored) and _is_number(now):
        return struct.pack("<d", stored) == struct.pack("<d", now)
    return bool(stored == now)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def as_kept(value: Any) -> Any:
    """Plain data as the database keeps it as JSON: its numbers know no sign of zero.

    >>> as_kept({"a": [-0.0, 1.5], "b": "x"})
    {'a': [0.0, 1.5], 'b': 'x'}
    """
    if isinstance(value, dict):
        return {key: as_kept(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [as_kept(inner) for inner in value]
    return 0.0 if isinstance(value, float) and value == 0.0 else value


def told(value: Any) -> str:
    """A leaf with all its digits.

    >>> told(0.1), told(None), told("SMALL_ROI")
    ('0.1', 'nothing', 'SMALL_ROI')
    """
    if value is None or value == "":
        return "nothing"
    return repr(float(value)) if _is_number(value) else str(value)


def differ(what: str, name: str, stored: Any, now: Any) -> Difference:
    """Two leaves that are not the same."""
    both = _is_number(stored) and _is_number(now)
    return Difference(what, name, told(stored), told(now), units_apart(stored, now) if both else None)


def differences(what: str, name: str, stored: Any, now: Any, names: Sequence[str] = ()) -> Iterator[Difference]:
    """Every leaf of two pieces of plain data that differs; `names` are those of an array's places.

    >>> [found.sentence for found in differences("delta", "absolute", [1.0, None], [1.0, 2.0], ["a", "b"])]
    ['delta absolute, b: stored nothing, now 2.0']
    >>> list(differences("delta", "reasons", {"x": ["A"]}, {"x": ("A",)}))
    []
    """
    if isinstance(stored, dict) and isinstance(now, dict):
        for key in dict.fromkeys((*stored, *now)):
            yield from differences(what, f"{name}, {key}", stored.get(key), now.get(key), names)
    elif isinstance(stored, list | tuple) and isinstance(now, list | tuple):
        yield from _of_arrays(what, name, stored, now, names)
    elif not is_same(stored, now):
        yield differ(what, name, stored, now)


def _of_arrays(
    what: str, name: str, stored: Sequence[Any], now: Sequence[Any], names: Sequence[str]
) -> Iterator[Difference]:
    # Only a zero can be equal and not the same to the bit: most arrays are settled by one comparison.
    if list(stored) == list(now) and 0.0 not in stored and not any(isinstance(one, dict | list) for one in stored):
        return
    if len(stored) != len(now):
        yield Difference(what, f"{name}, length", str(len(stored)), str(len(now)))
        return
    for place, (before, after) in enumerate(zip(stored, now, strict=True)):
        at = names[place] if len(names) == len(stored) else str(place + 1)
        yield from differences(what, f"{name}, {at}", before, after)
