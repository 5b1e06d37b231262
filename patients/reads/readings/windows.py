"""Progressions that wait to be confirmed: the window of each, and where its scan stands."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from patients.models import ConfirmationAppointment, Patient, Reading, ResponseSummary, Scan
from patients.vocabulary import DrugClass
from patients.words.reading_words import WindowState

OPEN = "OPEN"
DRIVERS = {"T": "targets", "NT": "non-targets", "NL": "new lesion"}
OUTCOMES = {
    "CONFIRMED": "progression was confirmed",
    "RESET": "progression was not confirmed",
    OPEN: "not confirmed yet",
}


@dataclass(frozen=True, slots=True)
class ConfirmationWindow:
    """One unconfirmed progression (iRECIST) and the scan that is to confirm it.

    `booking`: the newest. `scanned_on`: the first scan since the window opened. `outcome` in words, where it is
    done. `drivers` in words: what progressed.
    """

    patient: Patient
    opened_on: date
    confirm_from: date
    confirm_until: date
    booking: ConfirmationAppointment | None
    scanned_on: date | None
    state: WindowState
    outcome: str = ""
    drivers: tuple[str, ...] = ()

    @property
    def is_booked_outside(self) -> bool:
        """Whether it is booked for a day that confirms too early or late."""
        day = self.booking.booked_for if self.booking else None
        return day is not None and not self.confirm_from <= day <= self.confirm_until


def confirmation_windows(teams: Collection[int], today: date) -> list[ConfirmationWindow]:
    """The windows of the latest line of therapy of these teams' patients, the most urgent first; four queries."""
    return _windows(_latest(ResponseSummary.objects.filter(patient__team__in=teams)), today)


def windows_of(patient_pk: int, today: date) -> list[ConfirmationWindow]:
    """The windows of one patient's latest line of therapy; at most three queries."""
    return _windows(_latest(ResponseSummary.objects.filter(patient=patient_pk)), today)


def blinded_openings(teams: Collection[int], user_pk: int) -> set[int]:
    """The patients of these teams of whom others signed a visit that this login has not; one query."""
    rows = Reading.objects.filter(patient__team__in=teams, signed_at__isnull=False)
    readers: dict[tuple[int, int], set[int | None]] = defaultdict(set)
    for patient, visit, reader in rows.values_list("patient_id", "timepoint_id", "reader_id"):
        readers[patient, visit].add(reader)
    return {patient for (patient, _), signed_by in readers.items() if user_pk not in signed_by}


def open_progression(patient_pk: int, user_pk: int, day: date) -> date | None:
    """The day of the progression that still waited to be confirmed before a day, for one reader; two queries.

    By the reader's own judgements where they were called apart, else by those that count; None where the reader
    may not know those.
    """
    rows = _latest_of_readers(ResponseSummary.objects.filter(patient=patient_pk), user_pk)
    if user_pk not in rows and blinded_visits_of(patient_pk, user_pk, day):
        return None
    summary = rows.get(user_pk) or rows.get(None)
    opened = [
        date.fromisoformat(block["opened_on"])
        for block in (summary.blocks if summary else ())
        if block["closed_on"] is None or date.fromisoformat(block["closed_on"]) >= day
    ]
    return max((on for on in opened if on < day), default=None)


def _latest_of_readers(rows: QuerySet[ResponseSummary], user_pk: int) -> dict[int | None, ResponseSummary]:
    """The latest line of therapy of the reader and of what counts."""
    own_or_counting = rows.filter(Q(reader=None) | Q(reader=user_pk))
    ordered = own_or_counting.exclude(course__drug_class=DrugClass.RADIOTHERAPY).order_by("course__started_on", "pk")
    return {row.reader_id: row for row in ordered}


def blinded_visits_of(patient_pk: int, user_pk: int, day: date) -> bool:
    """Whether others signed a visit before a day that this login has not."""
    rows = Reading.objects.filter(patient=patient_pk, signed_at__isnull=False, timepoint__scans__acquired_on__lt=day)
    signed_by = set(rows.values_list("timepoint_id", "reader_id"))
    own = {visit for visit, reader in signed_by if reader == user_pk}
    return any(visit not in own for visit, _ in signed_by)


def _latest(rows: QuerySet[ResponseSummary]) -> list[ResponseSummary]:
    """What counts in the line of therapy of each patient that started last, where progression was ever unconfirmed.

    Radiotherapy begins no line.
    """
    counting = rows.filter(reader=None).exclude(course__drug_class=DrugClass.RADIOTHERAPY)
    # The database leaves one a patient: of hundreds of patients few have anything to confirm.
    latest = counting.order_by("patient", "-course__started_on", "-pk").distinct("patient").values("pk")
    with_blocks = ResponseSummary.objects.filter(pk__in=latest).exclude(blocks=[])
    return list(with_blocks.select_related("patient").order_by("patient__pseudonym"))


def _windows(rows: Collection[ResponseSummary], today: date) -> list[ConfirmationWindow]:
    with_blocks = [row.patient_id for row in rows if row.blocks]
    bookings = {
        (row.patient_id, row.opened_on.isoformat()): row
        for row in ConfirmationAppointment.objects.filter(patient__in=with_blocks).select_related("booked_by")
    }
    scans: dict[int, list[date]] = defaultdict(list)
    for patient, day in Scan.objects.filter(patient__in=with_blocks, is_withheld=False).values_list(
        "patient_id", "acquired_on"
    ):
        scans[patient].append(day)
    found = [
        _window(row.patient, block, bookings.get((row.patient_id, block["opened_on"])), scans, today)
        for row in rows
        for block in row.blocks
    ]
    order = (WindowState.LATE, WindowState.OPEN, WindowState.BOOKED, WindowState.DONE)
    return sorted(found, key=lambda one: (order.index(one.state), one.confirm_until, one.patient.pseudonym))


def _window(
    patient: Patient,
    block: Mapping[str, Any],
    booking: ConfirmationAppointment | None,
    scans: Mapping[int, Collection[date]],
    today: date,
) -> ConfirmationWindow:
    confirm_from, confirm_until = (date.fromisoformat(block[name]) for name in ("confirm_from", "confirm_until"))
    scanned_on = min((day for day in scans.get(patient.pk, ()) if day >= confirm_from), default=None)
    is_done = scanned_on is not None or block["outcome"] != OPEN
    is_booked = booking is not None and booking.booked_for is not None
    return ConfirmationWindow(
        patient=patient,
        opened_on=date.fromisoformat(block["opened_on"]),
        confirm_from=confirm_from,
        confirm_until=confirm_until,
        booking=booking if is_booked else None,
        scanned_on=scanned_on,
        state=_state(is_done=is_done, is_booked=is_booked, is_over=today > confirm_until),
        outcome=OUTCOMES[block["outcome"]] if is_done else "",
        drivers=tuple(DRIVERS[code] for code in block["drivers"]),
    )


def _state(*, is_done: bool, is_booked: bool, is_over: bool) -> WindowState:
    if is_done:
        return WindowState.DONE
    if is_over:
        return WindowState.LATE
    return WindowState.BOOKED if is_booked else WindowState.OPEN
