"""Searching the audit trail, newest first, and the part of it that is about one patient."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from patients.csv_cells import csv_cell
from patients.models import AuditEvent, Patient
from patients.words.audit_words import SEEING, Deed, Origin

COLUMNS = (
    "number",
    "at",
    "login",
    "origin",
    "deed",
    "door",
    "status",
    "patient_code",
    "subject_kind",
    "subject_code",
    "address",
    "detail",
    "link",
)
CHUNK = 2000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an auditor looks for; what is empty is not asked."""

    patient: str = ""
    login: str = ""
    deed: str = ""
    since: date | None = None
    until: date | None = None


def found_events(wanted: Wanted) -> "QuerySet[AuditEvent]":
    """The events that an auditor looks for, newest first. A patient is named by its code or its whole pseudonym."""
    rows = AuditEvent.objects.select_related("link").order_by("-pk")
    if wanted.patient:
        rows = rows.filter(patient_code=_code(wanted.patient))
    if wanted.login:
        rows = rows.filter(login=wanted.login)
    if wanted.deed:
        rows = rows.filter(deed=wanted.deed)
    if wanted.since:
        rows = rows.filter(at__gte=_midnight(wanted.since))
    if wanted.until:
        rows = rows.filter(at__lt=_midnight(wanted.until + timedelta(days=1)))
    return rows


def events_of(patient: Patient) -> "QuerySet[AuditEvent]":
    """What was done with one patient's record, and the lists of the team's patients that it stood in."""
    own = Q(patient_code=patient.code) | Q(patient_code=None, team_pks__contains=[patient.team_id])
    return AuditEvent.objects.filter(own).select_related("link").order_by("-pk")


def is_seeing(event: AuditEvent) -> bool:
    """Whether somebody only looked."""
    return event.deed in SEEING


def csv_rows(events: "QuerySet[AuditEvent]") -> Iterator[list[str]]:
    """The events as the cells of a table; what they were is told in the words of the trail itself."""
    for event in events.iterator(CHUNK):
        cells = (
            event.link.number if hasattr(event, "link") else None,
            event.at.isoformat(timespec="milliseconds"),
            event.login,
            event.origin,
            event.deed,
            event.door,
            event.status,
            str(event.patient_code or ""),
            event.subject_kind,
            event.subject_code,
            event.address,
            " ".join(f"{name}={value}" for name, value in sorted(event.detail.items())),
            event.link.digest if hasattr(event, "link") else "",
        )
        yield [csv_cell(cell) for cell in cells]


def in_words(event: AuditEvent) -> str:
    """What was done, as a person reads it."""
    return Deed(event.deed).label if event.deed in set(Deed) else event.deed


def by_whom(event: AuditEvent) -> str:
    """Whose hand it was."""
    return event.login or Origin(event.origin).label


def _code(said: str) -> UUID | None:
    """The code that was typed, or that of the pseudonym; one that nobody has finds nothing."""
    try:
        return UUID(said)
    except ValueError:
        known = Patient.objects.filter(pseudonym__iexact=said).values_list("code", flat=True).first()
        return known or UUID(int=0)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
