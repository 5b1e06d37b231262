"""Rows of results and events to what a timeline carries: those in force, in the order of their days."""

from patients.labs.derived import with_ratios
from patients.labs.seen import Event, Lab
from patients.labs.words import DETAILS, Analyte, Bound, EventKind
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
