"""The model card: everything a reader must know before believing a number; a card with a gap is no card."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from radiomics_tasks.analysis.trust.hosted.fields import Fields, number, only, record, refuse, rows, text, whole

WHERE = "The model card"
TEXTS = (
    "estimand",
    "intended_use",
    "excluded_use",
    "missing_data",
    "calibration",
    "subgroups",
    "limitations",
    "licence",
    "author",
    "approver",
)
DATES = ("written_on", "trained_on")
STATUSES = ("draft", "shadow", "active", "retired")
TRAINING_TEXTS = ("sites", "dates", "scanners", "inclusion")
FIELDS = (*TEXTS, *DATES, "status", "training_data", "performance")
MOST_FIGURES = 40


@dataclass(frozen=True, slots=True)
class Performance:
    """One figure of a model's performance with its 95 % interval: where it was found and on how many."""

    measure: str
    on: str
    value: float
    low: float
    high: float
    n: int
    events: int


@dataclass(frozen=True, slots=True)
class Card:
    """The card of a model of coefficients."""

    texts: Mapping[str, str]
    training: Mapping[str, Any]
    performance: tuple[Performance, ...]
    status: str


def read_card(fields: Fields) -> Card:
    """The card of a model's file.

    Raises
    ------
    Refusal
        E_MODEL, naming the field that is missing or wrong.
    """
    only(fields, FIELDS, WHERE)
    texts = {name: text(fields, name, WHERE) for name in TEXTS}
    texts |= {name: _day(fields, name) for name in DATES}
    status = text(fields, "status", WHERE)
    if status not in STATUSES:
        refuse(f"{WHERE}: status must be one of {', '.join(STATUSES)}.")
    figures = rows(fields, "performance", WHERE, MOST_FIGURES)
    return Card(texts, _training(record(fields, "training_data", WHERE)), tuple(map(_figure, figures)), status)


def _day(fields: Fields, name: str) -> str:
    said = text(fields, name, WHERE, 10)
    try:
        return date.fromisoformat(said).isoformat()
    except ValueError:
        refuse(f"{WHERE}: {name} must be a date such as 2026-01-31.")


def _training(fields: Fields) -> Mapping[str, Any]:
    where = f"{WHERE}: training_data"
    only(fields, ("n", "events", *TRAINING_TEXTS), where)
    n, events = whole(fields, "n", where), whole(fields, "events", where)
    if not 0 < n >= events:
        refuse(f"{where}: n must be at least 1, and at least events.")
    return {"n": n, "events": events, **{name: text(fields, name, where) for name in TRAINING_TEXTS}}


def _figure(fields: object) -> Performance:
    where = f"{WHERE}: performance"
    if not isinstance(fields, dict):
        refuse(f"{where} must be a list of objects.")
    only(fields, ("measure", "on", "value", "low", "high", "n", "events"), where)
    value, low, high = (number(fields, name, where) for name in ("value", "low", "high"))
    if not low <= value <= high:
        refuse(f"{where}: value must lie between low and high, its 95 % limits.")
    return Performance(
        text(fields, "measure", where, 80),
        text(fields, "on", where, 200),
        value,
        low,
        high,
        whole(fields, "n", where),
        whole(fields, "events", where),
    )
