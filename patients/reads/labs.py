"""Rows of results and events to what a timeline carries: those in force, in the order of their days."""

from collections.abc import Collection, Iterator
from datetime import UTC, timedelta, timezone
from decimal import Decimal

from patients.labs.derived import with_ratios
from patients.labs.seen import Event, Lab
from patients.labs.words import DETAILS, Analyte, Bound, EventKind
from patients.measured.cells import as_text
from patients.models import ClinicalEvent, LabResult


def labs_of(patient_pk: int) -> tuple[Lab, ...]:
    """The results in force of one patient, and the ratios worked out from them; one query."""
    return with_ratios(lab_of(row) for row in LabResult.objects.filter(patient=patient_pk, superseded_at=None))


def lab_of(row: LabResult) -> Lab:
    """One row as a result."""
    return Lab(
        pk=row.pk,
        code=str(row.code),
        analyte=Analyte(row.analyte),
        name=row.name,
        taken_on=row.taken_on,
        value=row.canonical_value,
        unit=row.canonical_unit,
        bound=Bound(row.bound),
        low=row.canonical_low,
        high=row.canonical_high,
        entered=entered_words(row),
        assay=row.assay,
    )


def entered_words(row: LabResult) -> str:
    """What was typed, with its unit."""
    bound = "" if row.bound == Bound.EXACT else row.bound
    return "undetectable" if bound == Bound.BELOW and not row.value else f"{bound}{row.value:.15g} {row.unit}"


def events_of(patient_pk: int) -> tuple[Event, ...]:
    """The events in force of one patient; one query."""
    return tuple(event_of(row) for row in ClinicalEvent.objects.filter(patient=patient_pk, superseded_at=None))


def event_of(row: ClinicalEvent) -> Event:
    """One row as an event."""
    kind = EventKind(row.kind)
    words = DETAILS.get(kind)
    return Event(
        pk=row.pk,
        code=str(row.code),
        kind=kind,
        started_on=row.started_on,
        ended_on=row.ended_on,
        grade=row.grade,
        value=row.value,
        detail=words(row.detail) if words and row.detail else None,
        text=row.text,
        lesion_pk=row.lesion_id,
        readers=tuple(reader for reader in (row.reader_one, row.reader_two) if reader),
    )


def result_rows(patient_pks: Collection[int]) -> Iterator[dict[str, object]]:
    """Every result in force as a row of the table that is read again, in the unit it was entered in."""
    rows = LabResult.objects.filter(patient__in=patient_pks, superseded_at=None).select_related("patient")
    for row in rows.order_by("patient__pseudonym", "taken_on", "pk"):
        yield {"patient": row.patient.pseudonym, **_result_fields(row)}


def _result_fields(row: LabResult) -> dict[str, object]:
    return {
        "analyte": row.name,
        "date": _moment(row),
        "value": _value_text(row),
        "unit": row.unit,
        "low": row.low,
        "high": row.high,
        "assay": row.assay,
    }


def result_texts_of(row: LabResult) -> dict[str, str]:
    """One result in the texts in which it was said."""
    return {name: as_text(value) for name, value in _result_fields(row).items()}


def _moment(row: LabResult) -> str:
    """The day, or the moment in a zone in which it is of that day."""
    if row.taken_at is None:
        return row.taken_on.isoformat()
    at = row.taken_at.astimezone(UTC)
    hours = 14 if at.date() < row.taken_on else -12 if at.date() > row.taken_on else 0
    return at.astimezone(timezone(timedelta(hours=hours))).isoformat()


def _value_text(row: LabResult) -> object:
    if row.bound == Bound.EXACT:
        return row.value
    return "undetectable" if not row.value else f"{row.bound}{Decimal(repr(row.value)):f}"


def event_rows(patient_pks: Collection[int]) -> Iterator[dict[str, object]]:
    """Every event in force as a row of the table that is read again."""
    rows = ClinicalEvent.objects.filter(patient__in=patient_pks, superseded_at=None)
    for row in rows.select_related("patient", "lesion").order_by("patient__pseudonym", "started_on", "pk"):
        yield {"patient": row.patient.pseudonym, **_event_fields(row)}


def _event_fields(row: ClinicalEvent) -> dict[str, object]:
    return {
        "kind": row.kind,
        "date": row.started_on.isoformat(),
        "end": row.ended_on.isoformat() if row.ended_on else "",
        "grade": row.grade,
        "dose_mg": row.value,
        "detail": row.detail,
        "text": row.text,
        "lesion": row.lesion.tracking_id if row.lesion else "",
        "reader_1": row.reader_one,
        "reader_2": row.reader_two,
    }


def event_texts_of(row: ClinicalEvent) -> dict[str, str]:
    """One event in the texts in which it was said."""
    return {name: as_text(value) for name, value in _event_fields(row).items()}
