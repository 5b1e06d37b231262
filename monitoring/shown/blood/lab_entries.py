"""Results and events of one patient as the page lists them: newest first, corrected ones still to be seen."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from monitoring.charts.blood import lab_lines
from monitoring.charts.happenings import event_lines
from monitoring.shown.blood.lab_forms import AboutForm, EventForm, ResultForm, TableForm
from patients.labs.words import EventKind, Standing
from patients.models import ClinicalEvent, LabResult, Patient
from patients.reads.labs import entered_words, event_of, lab_of

Row = LabResult | ClinicalEvent


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the list; `group` is the analyte or the kind, `words` everything else there is to say."""

    code: str
    on: date
    group: str
    value: str
    words: str
    is_in_force: bool
    entered_by: str
    entered_at: datetime
    became: str
    is_result: bool = False
    is_outside: bool = False


def lab_context(patient: Patient, *, can_see_outcomes: bool = True, **forms: Any) -> dict[str, Any]:
    """What the list and its forms need; two queries. A form that did not hold takes the place of an empty one."""
    born = patient.birth_year
    empty = {
        "result_form": ResultForm(born),
        "event_form": EventForm(born),
        "about_form": AboutForm(initial={"tumour": patient.tumour, "birth_year": born}),
        "table_form": TableForm(),
    }
    rows = entries(patient, can_see_outcomes=can_see_outcomes)
    known = [entry for entry in rows if entry.is_in_force]
    return {**empty, **forms, "entries": known, "entries_before": [one for one in rows if not one.is_in_force]}


def entries(patient: Patient, *, can_see_outcomes: bool = True) -> list[Entry]:
    """Every result and event that was ever entered, newest first."""
    joined = ("entered_by", "superseded_by")
    results = [_result(row) for row in LabResult.objects.filter(patient=patient).select_related(*joined)]
    events = [
        _event(row)
        for row in ClinicalEvent.objects.filter(patient=patient).select_related(*joined, "lesion")
        if can_see_outcomes or row.kind != EventKind.ADJUDICATED_OUTCOME
    ]
    return sorted([*results, *events], key=lambda entry: (entry.on, entry.entered_at), reverse=True)


def _result(row: LabResult) -> Entry:
    lab = lab_of(row)
    lines = [line for line in lab_lines(lab)[2:] if not line.startswith("entered as")]
    if lab.unit not in lab.entered:
        lines.insert(0, f"= {lab.value:.6g} {lab.unit}")
    words = ", ".join([*lines, *([lab.assay] if lab.assay else [])])
    is_outside = lab.standing in (Standing.HIGH, Standing.LOW)
    return Entry(
        str(row.code), row.taken_on, row.name, entered_words(row), words, *_history(row),
        is_result=True, is_outside=is_outside,
    )  # fmt: skip


def _event(row: ClinicalEvent) -> Entry:
    names = {row.lesion_id: row.lesion.tracking_id} if row.lesion_id and row.lesion else {}
    _, what, *rest = event_lines(event_of(row), names)
    kind = EventKind(row.kind).label
    until = [f"until {row.ended_on:%-d %b %Y}"] if row.ended_on else []
    value = what.removeprefix(kind).removeprefix(",").strip()
    return Entry(str(row.code), row.started_on, kind, value, ", ".join([*rest, *until]), *_history(row))


def _history(row: Row) -> tuple[bool, str, datetime, str]:
    who = row.entered_by.get_username() if row.entered_by else "from a file"
    return row.superseded_at is None, who, row.entered_at, became(row)


def became(row: Row) -> str:
    """What happened to an entry that is not in force, with the reason; empty for one that is."""
    if row.superseded_at is None:
        return ""
    what = "corrected" if row.superseded_by_id else "taken back"
    return f"{what}: {row.superseded_why}" if row.superseded_why else what
