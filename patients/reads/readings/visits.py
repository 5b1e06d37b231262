"""Readings as a login may see them: its own, and those of others once it has signed its own.

A reader who has not signed a visit learns that others did, not what they said, of it and of what followed.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import User
from django.db.models import Prefetch, QuerySet

from patients.counting import counting_reading, whose
from patients.lesions_shown import lesions_shown
from patients.models import Adjudication, Lesion, LesionReading, Reading, Scan, Segmentation, Timepoint
from patients.models.readings import IN_FORCE
from patients.outlined import NOTHING, OutlinedSize, outlined_visits
from patients.reads.readings.independence import withheld_from
from patients.reads.readings.judgements import is_withheld
from patients.words.reading_words import ReadingState


@dataclass(frozen=True, slots=True)
class LesionToRead:
    """One lesion of the form: its outline at this visit, what was said of it here, and at the reader's last visit."""

    lesion: Lesion
    outline: OutlinedSize | None
    said: LesionReading | None
    before: LesionReading | None


@dataclass(frozen=True, slots=True)
class ReadingSeen:
    """One visit for one reader.

    `shown` is the reader's draft, else what is in force, else None: then nothing may stand in the form but the
    sizes of outlines. `versions`: all of the reader's own, first to last. `before`: what the reader signed of the
    last visit before this one that the reader signed. `hidden_count`: signed readings of others that are hidden.
    `outlines_digest` is of the outlines that the sizes here come from.
    """

    timepoint: Timepoint
    dates: tuple[date, ...]
    shown: Reading | None
    in_force: Reading | None
    versions: tuple[Reading, ...]
    before: Reading | None
    lesions: tuple[LesionToRead, ...]
    others: tuple[Reading, ...]
    hidden_count: int
    outlines_digest: str


@dataclass(frozen=True, slots=True)
class VisitReadings:
    """The readings of one visit that a login may see: those in force and its own draft.

    `counting_pk` names the one that counts. `decision`: the newest adjudication, None while readings are hidden.
    """

    timepoint_pk: int
    readings: tuple[Reading, ...]
    hidden_count: int
    counting_pk: int | None
    decision: Adjudication | None


def reading_seen(timepoint: Timepoint, user: User, *, is_reader: bool) -> ReadingSeen:
    """One visit for the form of one login, in a fixed number of queries.

    `is_reader`: the login may assess, so it must not see what others said before it signed.
    """
    days = visit_days(timepoint.patient_id)
    rows = list(_rows(Reading.objects.filter(patient=timepoint.patient_id)))
    own = [row for row in rows if row.reader_id == user.pk]
    versions = tuple(row for row in own if row.timepoint_id == timepoint.pk)
    shown = _last(row for row in versions if row.state in (*IN_FORCE, ReadingState.DRAFT))
    earlier = [row for row in own if row.is_in_force and _is_before(days, row.timepoint_id, timepoint.pk)]
    before = max(earlier, key=lambda row: days[row.timepoint_id], default=None)
    here = [row for row in rows if row.timepoint_id == timepoint.pk and row.reader_id != user.pk and row.is_in_force]
    withheld = withheld_from(user.pk, rows, days) if is_reader else frozenset()
    others = tuple(row for row in here if (timepoint.pk, whose(row)) not in withheld)
    outlined = outlined_visits(timepoint.patient_id).get(timepoint.pk, NOTHING)
    said, said_before = _said(shown), _said(before)
    return ReadingSeen(
        timepoint=timepoint,
        dates=tuple(days.get(timepoint.pk, ())),
        shown=shown,
        in_force=_last(row for row in versions if row.is_in_force),
        versions=versions,
        before=before,
        lesions=tuple(
            LesionToRead(lesion, outlined.by_lesion.get(lesion.pk), said.get(lesion.pk), said_before.get(lesion.pk))
            for lesion in lesions_shown(timepoint.patient_id, user.pk)
        ),
        others=others,
        hidden_count=len(here) - len(others),
        outlines_digest=outlined.digest,
    )


def readings_of(patient_pk: int, user: User, *, is_reader: bool) -> dict[int, VisitReadings]:
    """The readings of every visit of a patient as a login may see them, by visit; in at most seven queries."""
    rows = list(_rows(Reading.objects.filter(patient=patient_pk)))
    decisions = Adjudication.objects.filter(timepoint__patient=patient_pk).order_by("pk")
    newest = {row.timepoint_id: row for row in decisions.select_related("reading__reader", "decided_by")}
    by_visit: dict[int, list[Reading]] = defaultdict(list)
    for row in rows:
        by_visit[row.timepoint_id].append(row)
    withheld = withheld_from(user.pk, rows, visit_days(patient_pk)) if is_reader else frozenset()
    return {visit: _visit(visit, here, newest.get(visit), user, withheld) for visit, here in by_visit.items()}


def _visit(
    visit: int,
    rows: Sequence[Reading],
    decision: Adjudication | None,
    user: User,
    withheld: Container[tuple[int, tuple[int | None, str]]],
) -> VisitReadings:
    own = [row for row in rows if row.reader_id == user.pk]
    in_force = [row for row in rows if row.is_in_force]
    others = [row for row in in_force if row.reader_id != user.pk]
    mine = [row for row in own if row.is_in_force or row.state == ReadingState.DRAFT]
    shown = [row for row in others if (visit, whose(row)) not in withheld]
    counting = counting_reading(rows, decision)
    return VisitReadings(
        timepoint_pk=visit,
        readings=(*mine, *shown),
        hidden_count=len(others) - len(shown),
        counting_pk=counting.pk if counting else None,
        decision=decision if len(shown) == len(others) else None,
    )


def blinded_visits(patient_pk: int, user: User) -> frozenset[int]:
    """The visits that others have signed and this reader has not; one query.

    While there is one, nothing that is called from the others' readings may be shown, of no visit from it on.
    """
    rows = Reading.objects.filter(patient=patient_pk, signed_at__isnull=False)
    signed_by = list(rows.values_list("timepoint_id", "reader_id"))
    own = {visit for visit, reader in signed_by if reader == user.pk}
    return frozenset(visit for visit, _ in signed_by if visit not in own)


def _rows(rows: QuerySet[Reading]) -> QuerySet[Reading]:
    drawn_on = Segmentation.objects.select_related("scan").defer("scan__facts", "scan__instances", "slices", "notes")
    lines = Prefetch("lesions__drawn_on", queryset=drawn_on)
    lesions = ("lesions__lesion", "lesions__merged_into", lines)
    # What was signed on something that is hidden by now is hidden with it.
    return rows.filter(~is_withheld()).select_related("reader").prefetch_related(*lesions).order_by("pk")


def _last(rows: Iterable[Reading]) -> Reading | None:
    return next(iter(reversed(list(rows))), None)


def visit_days(patient_pk: int) -> dict[int, list[date]]:
    """The dates of each visit that has one, first to last, by visit; two queries."""
    days: dict[int, list[date]] = defaultdict(list)
    for visit, day in Scan.objects.filter(patient=patient_pk).values_list("timepoint_id", "acquired_on"):
        days[visit].append(day)
    elsewhere = Timepoint.objects.filter(patient=patient_pk, judged_on__isnull=False)
    for visit, judged_on in elsewhere.values_list("pk", "judged_on"):
        if judged_on is not None and visit not in days:
            days[visit].append(judged_on)
    return {visit: sorted(found) for visit, found in days.items()}


def _is_before(days: dict[int, list[date]], visit: int, other: int) -> bool:
    return visit in days and other in days and days[visit] < days[other]


def _said(row: Reading | None) -> dict[int, LesionReading]:
    return {one.lesion_id: one for one in row.lesions.all()} if row else {}
