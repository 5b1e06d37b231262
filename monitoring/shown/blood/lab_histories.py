"""Each analyte of a patient by itself: its unit, its reference range, its course, and corrected results among them."""

from dataclasses import dataclass
from datetime import date

from monitoring.charts.blood import by_series, value_words
from monitoring.charts.spark import sparkline
from monitoring.charts.theme import Markup, short
from monitoring.shown.blood.lab_entries import became
from patients.labs.derived import with_ratios
from patients.labs.seen import Lab
from patients.labs.words import Standing
from patients.models import LabResult, Patient
from patients.reads.labs import lab_of


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One result in the unit of its history; `became` says what happened to one that is not in force."""

    on: date
    value: str
    limit_ratio: float | None
    standing: str
    is_outside: bool
    entered: str
    assay: str
    became: str


@dataclass(frozen=True, slots=True)
class History:
    """One analyte in one unit, newest first; `count` counts the results in force, `latest` is the newest of them.

    `references` are its ranges in words, the newest first: another laboratory may have another one.
    """

    name: str
    unit: str
    references: tuple[str, ...]
    spark: Markup
    count: int
    latest: HistoryRow | None
    rows: tuple[HistoryRow, ...]


def histories(patient: Patient) -> tuple[History, ...]:
    """Every series of results, those of the vocabulary first, with ratios that are worked out; one query."""
    rows = list(LabResult.objects.filter(patient=patient).select_related("superseded_by"))
    in_force = with_ratios(lab_of(row) for row in rows if row.superseded_at is None)
    before = {row.pk: became(row) for row in rows if row.superseded_at is not None}
    known = [*in_force, *(lab_of(row) for row in rows if row.pk in before)]
    known.sort(key=lambda lab: lab.taken_on, reverse=True)
    return tuple(_history(labs, before) for labs in by_series(known).values())


def _history(newest_first: tuple[Lab, ...], before: dict[int, str]) -> History:
    in_force = [lab for lab in newest_first if lab.pk not in before]
    rows = [(lab, _row(lab, before.get(lab.pk, ""))) for lab in newest_first]
    ranges = [reference_words(lab) for lab in in_force or newest_first]
    return History(
        name=newest_first[0].name,
        unit=newest_first[0].unit,
        references=tuple(dict.fromkeys(words for words in ranges if words)),
        spark=sparkline([(lab.taken_on, lab.level) for lab in reversed(in_force)]),
        count=len(in_force),
        latest=next((row for _, row in rows if not row.became), None),
        rows=tuple(row for _, row in rows),
    )


def _row(lab: Lab, what_became: str) -> HistoryRow:
    return HistoryRow(
        on=lab.taken_on,
        value=value_words(lab),
        limit_ratio=lab.limit_ratio,
        standing=lab.standing.label,
        is_outside=lab.standing in (Standing.HIGH, Standing.LOW),
        entered=lab.entered,
        assay=lab.assay,
        became=what_became,
    )


def reference_words(lab: Lab) -> str:
    """The reference range of a result in its unit; empty where none was given."""
    if lab.low is not None and lab.high is not None:
        return f"{short(lab.low)} to {short(lab.high)}"
    if lab.high is not None:
        return f"up to {short(lab.high)}"
    return "" if lab.low is None else f"from {short(lab.low)}"
