"""The courses of `every_course` called a second time, from the publications and in plain fractions: no engine here."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from patients.words.reading_words import NonTarget

State = tuple[str, NonTarget, str]
PD, NE, CR = NonTarget.PD, NonTarget.NE, NonTarget.CR


def is_over(size: Fraction, nadir: Fraction) -> bool:
    """20 % and 5 mm."""
    return size - nadir >= 5 and (size - nadir) * 5 >= nadir


@dataclass
class Persistence:
    """A confirmed PR goes on through SD until PD: two PRs of visits 42 days apart, SD between starts anew."""

    has_first: bool = False
    is_standing: bool = False

    def called(self, word: str) -> str:
        shown = "PR" if word == "SD" and self.is_standing else word
        if word == "PR":
            self.is_standing, self.has_first = self.is_standing or self.has_first, True
        elif word != "NE":
            self.has_first = False
            self.is_standing = self.is_standing and word != "PD"
        return shown


@dataclass
class Sizes:
    """The target and the new lesions of a course, visit by visit; a new lesion of 0 mm is stated absent."""

    size: Fraction = Fraction(25)
    nadir: Fraction = Fraction(25)
    known: dict[int, Fraction] = field(default_factory=dict)
    number: int = 0

    def target(self, change: str) -> bool:
        """The next size; whether it is progression."""
        number = Fraction(change.split()[0])
        self.size = self.size * (100 + number) / 100 if "%" in change else self.size + number
        has_progressed = is_over(self.size, self.nadir)
        self.nadir = min(self.nadir, self.size)
        return has_progressed

    def told(self, new: str) -> dict[int, Fraction | None]:
        """What is told of each new lesion: its size, None where it was not evaluated."""
        self.number += 1
        if new == "NE":
            return dict.fromkeys(self.known)
        if new == "new":
            self.known = {**self.known, self.number: Fraction(10)}
        elif new in ("grown", "gone"):
            lesions = self.known or {self.number: Fraction(10)}
            self.known = {key: mm + 5 if new == "grown" else Fraction(0) for key, mm in lesions.items()}
        return {} if new == "none" else dict(self.known)


def recist(states: Sequence[State]) -> list[str]:
    """RECIST 1.1, visit by visit."""
    sizes, persistence, words = Sizes(), Persistence(), []
    for change, non_target, new in states:
        has_progressed = sizes.target(change)
        if has_progressed or non_target is PD or new in ("new", "grown"):
            word = "PD"
        elif new == "NE":
            word = "NE"
        else:
            word = "PR" if sizes.size <= Fraction(35, 2) else "SD"
        words.append(persistence.called(word))
    return words


@dataclass
class Open:
    """An unconfirmed progression."""

    drivers: set[str]
    size: Fraction
    least: Fraction
    is_response: bool
    new: dict[int, Fraction]
    new_keys: set[int]
    new_least: tuple[frozenset[int], Fraction] | None


class Immune:
    """iRECIST as Seymour 2017, Table 2, and the RECIST group's answers have it, for these courses alone."""

    def __init__(self) -> None:
        self.sizes, self.persistence = Sizes(), Persistence()
        self.open: Open | None = None
        self.is_over = False
        self.counted: set[int] = set()
        self.last: dict[int, Fraction] = {}
        self.new_nadir: tuple[frozenset[int], Fraction] | None = None

    def next(self, state: State) -> str:
        """The category of one more visit."""
        change, self.non_target, new = state
        self.is_target_pd = self.sizes.target(change)
        known = set(self.last) | self.counted
        self.told = {key: mm for key, mm in self.sizes.told(new).items() if mm or mm is None or key in known}
        self.present = {key: mm for key, mm in self.told.items() if mm}
        self.fresh = set(self.present) - self.counted
        self.unknown = {key for key in known if self.told.get(key) is None}
        self.sum = None
        if self.told and not self.unknown:
            self.sum = frozenset(self.told), sum((mm or Fraction(0) for mm in self.told.values()), Fraction(0))
        self.is_new_pd = self._same(self.new_nadir) and is_over(self.sum[1], self.new_nadir[1])
        if self.is_over:
            return "POST_iCPD"
        self.is_new_unknown = new == "NE" or bool(self.unknown)
        word = self._open() if self.open else self._start()
        self._remember()
        by_number = {"iUPD": "PD", "iCPD": "PD", "iPR": "PR", "iSD": "SD"}.get(word, "NE")
        shown = self.persistence.called(by_number)
        return "iPR" if (by_number, shown) == ("SD", "PR") else word

    def _same(self, other: tuple[frozenset[int], Fraction] | None) -> bool:
        return self.sum is not None and other is not None and self.sum[0] == other[0]

    def _by_numbers(self) -> str:
        return "iPR" if self.sizes.size <= Fraction(35, 2) else "iSD"

    def _start(self) -> str:
        found = {"T": self.is_target_pd, "NT": self.non_target is PD, "NL": bool(self.fresh) or self.is_new_pd}
        drivers = {name for name, is_worse in found.items() if is_worse}
        if drivers:
            size, is_response = self.sizes.size, not self.is_target_pd and self._by_numbers() == "iPR"
            new = {key: mm for key, mm in self.told.items() if mm is not None}
            self.open = Open(drivers, size, size, is_response, new, set(self.fresh), self.sum)
            return "iUPD"
        return "NE" if self.is_new_unknown else self._by_numbers()

    def _confirms(self, block: Open) -> bool:
        if "T" in block.drivers and self.is_target_pd and self.sizes.size - block.least >= 5:
            return True
        if "NT" in block.drivers and self.non_target is PD:
            return True
        is_progressive = bool((block.new_keys | self.fresh) & set(self.present)) or self.is_new_pd
        has_grown = self._same(block.new_least) and self.sum[1] - block.new_least[1] >= 5
        if "NL" in block.drivers and is_progressive and has_grown:
            return True
        other = (self.is_target_pd and "T" not in block.drivers) or (
            self.non_target is PD and "NT" not in block.drivers
        )
        return bool(self.fresh) or other

    def _open(self) -> str:
        block = self.open
        if self._confirms(block):
            self.is_over, self.open = True, None
            return "iCPD"
        if self.is_new_unknown:
            return self._kept("NE")
        if self.non_target is NE and not self.is_target_pd and "NT" in block.drivers:
            return self._kept("NE")
        is_quiet = not self.is_target_pd and self.non_target is not PD and not self.is_new_pd
        if not is_quiet or ("NL" in block.drivers and (self._has_grown() or not self._is_better(block))):
            return self._kept("iUPD")
        self.open = None
        return self._by_numbers()

    def _kept(self, word: str) -> str:
        self.open.least = min(self.open.least, self.sizes.size)
        if self.sum and not (self._same(self.open.new_least) and self.open.new_least[1] <= self.sum[1]):
            self.open.new_least = self.sum
        return word

    def _has_grown(self) -> bool:
        return any(mm - self.last[key] >= 2 for key, mm in self.present.items() if key in self.last)

    def _is_better(self, block: Open) -> bool:
        are_gone = bool(self.told) and not self.present
        are_smaller = any(
            block.new[key] - mm >= 2 for key, mm in self.told.items() if key in block.new and mm is not None
        )
        was_worse = "T" in block.drivers or (not block.is_response and self._by_numbers() == "iPR")
        return are_gone or are_smaller or was_worse or block.size - self.sizes.size >= 5

    def _remember(self) -> None:
        self.counted |= set(self.present)
        self.last |= {key: mm for key, mm in self.told.items() if mm is not None}
        if self.sum and not (self._same(self.new_nadir) and self.new_nadir[1] <= self.sum[1]):
            self.new_nadir = self.sum


def irecist(states: Sequence[State]) -> list[str]:
    """iRECIST, visit by visit."""
    course = Immune()
    return [course.next(state) for state in states]
