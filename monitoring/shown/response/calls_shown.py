"""What one login may know of a patient's calls, read once a page."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest

from monitoring.access import user_of, viewer_of
from monitoring.charts.response.calls import Blinding, CourseCalls, course_calls
from monitoring.charts.response.lane import short_day
from monitoring.roles import Act
from patients.findings import Response
from patients.models import TreatmentCourse
from patients.reads.findings import responses_of, summaries_of
from patients.reads.readings.due import disagreements_of
from patients.reads.readings.visits import blinded_visits
from patients.reads.readings.windows import ConfirmationWindow, windows_of
from patients.timeline import PatientTimeline
from patients.vocabulary import Criterion
from patients.words.reading_words import WindowState


@dataclass(frozen=True, slots=True)
class LineChoice:
    """One line of therapy to look at: its code for the address, its name, and whether it is the one shown."""

    code: str
    name: str
    started_on: date
    is_shown: bool


@dataclass(frozen=True, slots=True)
class ReaderCalls:
    """What one reader's own assessments were called, in the order of the visits (None: not assessed)."""

    reader: str
    calls: tuple[tuple[Response, Response] | None, ...]


@dataclass(frozen=True, slots=True)
class ShownCalls:
    """One line of therapy with everything around it that the page tells.

    `lines` holds the lines to choose from where there are several. `by_reader` is empty unless the viewer may
    compare readers. `windows`: the confirmation windows of the current line, by the day of the progression.
    `differ`: the numbers of the visits at which readers differ and nobody has decided; empty for a reader from
    whom anything is hidden.
    """

    calls: CourseCalls
    lines: tuple[LineChoice, ...]
    by_reader: tuple[ReaderCalls, ...]
    windows: dict[date, ConfirmationWindow]
    differ: tuple[int, ...] = ()

    @property
    def bookings(self) -> dict[date, str]:
        """Where each confirming scan stands, in words, by the day of the progression."""
        return {opened_on: booking_words(window) for opened_on, window in self.windows.items()}


def blinding_of(request: HttpRequest, patient_pk: int) -> Blinding:
    """What is kept from this login: the calls of visits that others have signed and it, as a reader, has not."""
    if not viewer_of(request).may(Act.ASSESS):
        return Blinding()
    user = user_of(request)
    return Blinding(user.pk, blinded_visits(patient_pk, user))


def shown_calls(
    request: HttpRequest, timeline: PatientTimeline, courses: Sequence[TreatmentCourse], today: date
) -> ShownCalls:
    """The line of therapy that the address names, else the current one, as this login may see it."""
    wanted = request.GET.get("course", "")
    chosen = next((row.pk for row in courses if str(row.code) == wanted), None)
    responses = responses_of(timeline.patient_pk)
    summaries = summaries_of(timeline.patient_pk)
    blinding = blinding_of(request, timeline.patient_pk)
    calls = course_calls(timeline, responses, summaries, chosen, blinding)
    viewer = viewer_of(request)
    compares = not blinding.hidden and (viewer.may(Act.ADJUDICATE) or viewer.may(Act.TREAT))
    return ShownCalls(
        calls,
        tuple(_lines(timeline, courses, calls)),
        tuple(_by_reader(calls, responses)) if compares else (),
        {window.opened_on: window for window in windows_of(timeline.patient_pk, today)} if calls.is_current else {},
        () if blinding.hidden else _disputed(calls.timeline),
    )


def _disputed(timeline: PatientTimeline) -> tuple[int, ...]:
    """The numbers of the visits whose readings differ and wait for a decision."""
    found = disagreements_of(timeline.patient_pk)
    return tuple(number for number, visit in enumerate(timeline.timepoints, start=1) if visit.pk in found)


def _lines(timeline: PatientTimeline, courses: Sequence[TreatmentCourse], calls: CourseCalls) -> Iterator[LineChoice]:
    codes = {row.pk: str(row.code) for row in courses}
    lines = timeline.lines
    for line in lines if len(lines) > 1 else ():
        is_shown = calls.course is not None and line.pk == calls.course.pk
        yield LineChoice(codes.get(line.pk, ""), line.name, line.started_on, is_shown)


def _by_reader(calls: CourseCalls, responses: Collection[Response]) -> Iterator[ReaderCalls]:
    """The calls of each reader apart, where several assessed this line of therapy."""
    key = calls.course.pk if calls.course else None
    own = [r for r in responses if r.reader_pk is not None and r.course_pk == key]
    names = {j.reader_pk: j.reader_name for j in calls.timeline.judgements}
    read = {(j.reader_pk, j.timepoint_pk) for j in calls.timeline.judgements}
    visits = tuple(calls.timeline.since_baseline())
    for reader in dict.fromkeys(r.reader_pk for r in own):
        mine = {(r.timepoint_pk, r.criterion): r for r in own if r.reader_pk == reader}
        signed = [visit.pk if (reader, visit.pk) in read else 0 for visit in visits]
        yield ReaderCalls(names.get(reader, ""), tuple(_pair(mine, visit_pk) for visit_pk in signed))


def _pair(found: Mapping[tuple[int, Criterion], Response], visit_pk: int) -> tuple[Response, Response] | None:
    """Both calls of one visit, where there are both."""
    overall, immune = found.get((visit_pk, Criterion.RECIST_1_1)), found.get((visit_pk, Criterion.IRECIST))
    return (overall, immune) if overall and immune else None


def booking_words(window: ConfirmationWindow) -> str:
    """Where a confirming scan stands: booked 12 Apr, not booked, late."""
    booked_for = window.booking.booked_for if window.booking else None
    if window.state is WindowState.DONE:
        return f"scanned {short_day(window.scanned_on)}" if window.scanned_on else "done"
    booked = f"booked {short_day(booked_for)}" if booked_for else "not booked"
    return f"late, {booked}" if window.state is WindowState.LATE else booked
