"""Pauses of a line of therapy, and surgery, radiation or ablation of a single lesion."""

from collections.abc import Sequence
from datetime import date

from django.contrib.auth.models import User
from django.utils import timezone

from patients.models import CourseHold, Lesion, LesionTreatment, TreatmentCourse
from patients.words.audit_words import Deed
from patients.words.reading_words import LocalTherapy
from patients.writes.lesion_names import settle_names
from patients.writes.locking import patient_locked
from patients.writes.trail.record import record

Hold = tuple[date, date | None]


class TherapyRefused(Exception):
    """A treatment or a pause cannot be entered like this: a stable code and a sentence."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code = code
        self.sentence = sentence


def treat_lesion(lesion: Lesion, kind: LocalTherapy, treated_on: date, user: User | None) -> LesionTreatment:
    """Enter that one lesion was treated by itself; entering it twice gives the same row.

    Raises TherapyRefused: E_DATE for a day in the future.
    """
    if treated_on > timezone.localdate():
        raise TherapyRefused("E_DATE", "A treatment is entered once it was given: this day is in the future.")
    with patient_locked(lesion.patient_id) as patient:
        row, _ = LesionTreatment.objects.get_or_create(
            lesion=lesion, kind=kind, treated_on=treated_on, defaults={"created_by": user}
        )
        settle_names(lesion.patient_id, [lesion.pk])
        record(Deed.LESION_TREATED, patient=patient, subject=lesion, user=user)
    return row


def remove_treatment(treatment: LesionTreatment) -> None:
    """Take a treatment back that was entered by mistake."""
    with patient_locked(treatment.lesion.patient_id) as patient:
        record(Deed.TREATMENT_REMOVED, patient=patient, subject=treatment.lesion)
        treatment.delete()


def hold_course(course: TreatmentCourse, started_on: date, stopped_on: date | None = None) -> CourseHold:
    """Enter a pause of a line of therapy. Raises TherapyRefused as replace_holds."""
    known = [(hold.started_on, hold.stopped_on) for hold in course.holds.all()]
    replace_holds(course, [*known, (started_on, stopped_on)])
    return course.holds.get(started_on=started_on)


def replace_holds(course: TreatmentCourse, holds: Sequence[Hold]) -> None:
    """Make these the pauses of a line of therapy.

    Raises TherapyRefused, having changed nothing: E_HOLD where one lies outside the course, ends before it
    began, overlaps another, or goes on while a later one begins.
    """
    with patient_locked(course.patient_id) as patient:
        earlier: Hold | None = None
        for started_on, stopped_on in sorted(holds, key=lambda hold: hold[0]):
            _check_hold(course, started_on, stopped_on, earlier)
            earlier = started_on, stopped_on
        course.holds.all().delete()
        CourseHold.objects.bulk_create(CourseHold(course=course, started_on=on, stopped_on=off) for on, off in holds)
        record(Deed.HOLDS_REPLACED, patient=patient, subject=course)


def _check_hold(course: TreatmentCourse, started_on: date, stopped_on: date | None, earlier: Hold | None) -> None:
    if stopped_on is not None and stopped_on < started_on:
        raise TherapyRefused("E_HOLD", "A pause ends on or after the day it began.")
    if started_on < course.started_on or (course.stopped_on and (stopped_on or started_on) > course.stopped_on):
        raise TherapyRefused("E_HOLD", "A pause lies within its line of therapy.")
    if earlier is not None and (earlier[1] is None or earlier[1] >= started_on):
        raise TherapyRefused("E_HOLD", "Two pauses overlap. Enter when the first one ended.")
