"""One laboratory result as a person or a file says it: checked, and converted into canonical units."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime

from patients.lab_tables.cells import Problem, Reading, bounded, moment_in_life, number
from patients.labs.analytes import UnitRefused, analyte_named, check_plausible, converted, quantity_of, spelled
from patients.labs.words import Analyte, Bound
from patients.measured.cells import name, title

FIELDS = ("analyte", "date", "value", "unit", "low", "high", "assay")
NAME_LENGTH, UNIT_LENGTH, ASSAY_LENGTH = 60, 24, 80

Identity = tuple[str, str, str, date, datetime | None, str]


@dataclass(frozen=True, slots=True)
class ResultSaid:
    """A result that may be filed; field by field what the row keeps."""

    analyte: Analyte
    name: str
    taken_on: date
    taken_at: datetime | None
    bound: Bound
    value: float
    unit: str
    low: float | None
    high: float | None
    canonical_value: float
    canonical_unit: str
    canonical_low: float | None
    canonical_high: float | None
    assay: str

    @property
    def digest(self) -> str:
        """Over everything that was said; the same words have the same digest."""
        words = {key: value.isoformat() if isinstance(value, date) else value for key, value in asdict(self).items()}
        return hashlib.sha256(json.dumps(words, sort_keys=True).encode()).hexdigest()

    @property
    def identity(self) -> Identity:
        """Of two results with the same one, only one can be right."""
        return (self.analyte, self.name, self.canonical_unit, self.taken_on, self.taken_at, self.assay)


def checked_result(
    texts: Mapping[str, str], today: date, birth_year: int | None = None
) -> tuple[ResultSaid | None, tuple[Problem, ...]]:
    """A result from the texts of `FIELDS`, or everything that is wrong in them.

    Parameters
    ----------
    today : no result was taken later.
    birth_year : none was taken before, where it is known.
    """
    reading = Reading(dict(texts))
    named = reading.read("analyte", title(NAME_LENGTH), needed="Say what was measured, for instance LDH.")
    when = reading.read("date", moment_in_life(today, birth_year), needed="The day is missing, as 2024-01-31.")
    found = reading.read("value", bounded, needed="The value is missing.")
    unit = reading.read("unit", name(UNIT_LENGTH)) or ""
    low, high = (reading.read(field, number) for field in ("low", "high"))
    assay = reading.read("assay", name(ASSAY_LENGTH)) or ""
    if named and not any(problem.field == "unit" for problem in reading.problems):
        said = _converted(reading, named, found, unit, (low, high))
        if said and when and found and not reading.problems:
            return _said(named, when, found, low, high, said, assay), ()
    return None, tuple(reading.problems)


@dataclass(frozen=True, slots=True)
class _Canonical:
    unit: str
    canonical_unit: str
    value: float
    low: float | None
    high: float | None


def _converted(
    reading: Reading,
    named: str,
    found: tuple[Bound, float] | None,
    unit: str,
    limits: tuple[float | None, float | None],
) -> _Canonical | None:
    analyte = analyte_named(named)
    try:
        quantity = quantity_of(analyte, unit)
        low, high = (None if limit is None else converted(limit, unit, quantity) for limit in limits)
        _check_range(low, high)
        if found is None:
            return None
        value = converted(found[1], unit, quantity)
        check_plausible(analyte, value, quantity, has_least=found[0] is not Bound.BELOW)
    except UnitRefused as refusal:
        reading.refuse(refusal.field, str(refusal))
        return None
    return _Canonical(spelled(unit, quantity), quantity.unit, value, low, high)


def _check_range(low: float | None, high: float | None) -> None:
    if high is not None and high <= 0:
        raise UnitRefused("high", "The upper limit of normal is more than zero. Leave it empty where none is given.")
    if low is not None and high is not None and low >= high:
        raise UnitRefused("low", "The lower limit of normal lies below the upper one. Are they swapped?")


def _said(
    named: str,
    when: tuple[date, datetime | None],
    found: tuple[Bound, float],
    low: float | None,
    high: float | None,
    canonical: _Canonical,
    assay: str,
) -> ResultSaid:
    analyte = analyte_named(named)
    return ResultSaid(
        analyte=analyte,
        name=" ".join(named.split()) if analyte is Analyte.OTHER else analyte.label,
        taken_on=when[0],
        taken_at=when[1],
        bound=found[0],
        value=found[1],
        unit=canonical.unit,
        low=low,
        high=high,
        canonical_value=canonical.value,
        canonical_unit=canonical.canonical_unit,
        canonical_low=canonical.low,
        canonical_high=canonical.high,
        assay=assay,
    )
