"""Laboratory results and clinical events as a timeline carries them: frozen, in canonical units, no Django."""

from dataclasses import dataclass
from datetime import date

from patients.labs.words import Analyte, Bound, EventKind, Standing
from patients.vocabulary import Word

Series = tuple[Analyte, str, str]


@dataclass(frozen=True, slots=True)
class Lab:
    """One result in force.

    `value`, `low` and `high` are in `unit`, the canonical one of its analyte; `entered` is what was typed, in the
    unit it was typed in. With a `bound` the value is the limit that was not reached or run over; 0 where an
    undetectable result has no limit. `sources`: the results it is worked out from, empty where it was measured;
    such a result has no row of its own (`pk` 0).
    """

    pk: int
    code: str
    analyte: Analyte
    name: str
    taken_on: date
    value: float
    unit: str
    bound: Bound = Bound.EXACT
    low: float | None = None
    high: float | None = None
    entered: str = ""
    assay: str = ""
    sources: tuple[int, ...] = ()

    @property
    def series(self) -> Series:
        """Results that may be joined by a line: one analyte, one name, one unit."""
        return (self.analyte, self.name, self.unit)

    @property
    def is_undetectable(self) -> bool:
        """Whether the assay found none."""
        return self.bound is Bound.BELOW

    @property
    def level(self) -> float:
        """The value, 0 where none was found."""
        return 0.0 if self.is_undetectable else self.value

    @property
    def limit_ratio(self) -> float | None:
        """The value as a multiple of the upper limit of normal; None where no limit was given.

        Examples
        --------
        >>> Lab(1, "", Analyte.LDH, "LDH", date(2024, 1, 8), 475.0, "U/L", high=250.0).limit_ratio
        1.9
        """
        return self.value / self.high if self.high else None

    @property
    def standing(self) -> Standing:
        """Where it lies beside its reference range; a limit that was not reached may hide what lies below."""
        if self.low is None and self.high is None:
            return Standing.UNKNOWN
        if self.high is not None and self.value > self.high:
            return Standing.HIGH if self.bound is not Bound.BELOW else Standing.UNKNOWN
        if self.low is not None and self.value < self.low:
            return Standing.LOW if self.bound is not Bound.ABOVE else Standing.UNKNOWN
        return Standing.NORMAL


@dataclass(frozen=True, slots=True)
class Event:
    """One clinical event in force.

    `grade` is that of ECOG or CTCAE, `value` a daily dose in mg prednisone equivalent (steroids), `detail` the word
    its kind asks for (`words.DETAILS`). `ended_on` is None where it goes on, or where it is of one day.
    `readers`: the two who agreed on an adjudicated outcome; `started_on` is then the day of the progression.
    """

    pk: int
    code: str
    kind: EventKind
    started_on: date
    ended_on: date | None = None
    grade: int | None = None
    value: float | None = None
    detail: Word | None = None
    text: str = ""
    lesion_pk: int | None = None
    readers: tuple[str, ...] = ()

    def covers(self, on: date) -> bool:
        """Whether it was going on at a day."""
        return self.started_on <= on and (self.ended_on is None or on <= self.ended_on)
