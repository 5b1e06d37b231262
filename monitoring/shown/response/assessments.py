"""Who has assessed which visit of a patient, as one login may see it: the rows of the panel on the patient page."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User

from monitoring.roles import Act, Viewer
from patients.models import Adjudication, Patient, Reading
from patients.reads.readings.due import disagreements_of
from patients.reads.readings.visits import VisitReadings, readings_of, visit_days
from patients.words.reading_words import ReadingState
from patients.written_dates import days


@dataclass(frozen=True, slots=True)
class AssessmentRow:
    """One visit. `step` says in words what this login can do there, empty where it can only look.

    `own`: the login's draft, else its signed reading in force. `readings`: the signed ones in force it may see.
    `hidden_count`: signed ones that are kept from it until it has signed its own. `about`: what signed readings
    that nobody decided between differ in.
    """

    number: int
    when: str
    timepoint_pk: int
    readings: tuple[Reading, ...]
    own: Reading | None
    counting_pk: int | None
    hidden_count: int
    decision: Adjudication | None
    about: tuple[str, ...]
    may_decide: bool
    step: str

    @property
    def is_reopened(self) -> bool:
        """Whether an outline changed after a reading in force was signed."""
        return any(row.state == ReadingState.REOPENED for row in self.readings)


def rows_for(patient: Patient, viewer: Viewer, user: User) -> tuple[AssessmentRow, ...]:
    """Every visit of a patient in the order of time, in a number of queries that its length does not change."""
    is_reader = viewer.may(Act.ASSESS)
    readings = readings_of(patient.pk, user, is_reader=is_reader)
    disputed = disagreements_of(patient.pk)
    visits = sorted(visit_days(patient.pk).items(), key=lambda item: (item[1], item[0]))
    rows = []
    for number, (visit, dates) in enumerate(visits, start=1):
        seen = readings.get(visit) or VisitReadings(visit, (), 0, None, None)
        disagreement = disputed.get(visit)
        in_force = tuple(row for row in seen.readings if row.is_in_force)
        own = _own(seen.readings, user)
        rows.append(
            AssessmentRow(
                number=number,
                when=days(dates[0], dates[-1]),
                timepoint_pk=visit,
                readings=in_force,
                own=own,
                counting_pk=seen.counting_pk if len(in_force) > 1 else None,
                hidden_count=seen.hidden_count,
                decision=seen.decision,
                about=disagreement.about if disagreement and not seen.hidden_count else (),
                may_decide=bool(disagreement and viewer.may(Act.ADJUDICATE) and not disagreement.is_between(user.pk)),
                step=_step(own, in_force, seen.hidden_count) if is_reader else "",
            )
        )
    return tuple(rows)


def _own(readings: Sequence[Reading], user: User) -> Reading | None:
    """The draft, else what is in force."""
    own = [row for row in readings if row.reader_id == user.pk]
    drafts = [row for row in own if row.state == ReadingState.DRAFT]
    return next(iter([*drafts, *own]), None)


def _step(own: Reading | None, in_force: Sequence[Reading], hidden_count: int) -> str:
    if own is None:
        return "Assess as second reader" if in_force or hidden_count else "Assess"
    if own.state != ReadingState.DRAFT:
        return "Your assessment"
    return "Assess again" if own.reopened_why else "Continue"
