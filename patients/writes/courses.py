"""Lines of therapy: enter, change, remove."""

from datetime import date

from patients.models import Patient, TreatmentCourse
from patients.readable import is_readable
from patients.vocabulary import DrugClass
from patients.words.audit_words import Deed
from patients.writes.locking import patient_locked
from patients.writes.trail.record import record

NAME_LENGTH = 120


class CourseRefused(Exception):
    """A course cannot be kept like this: a stable code and a sentence."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code = code
        self.sentence = sentence


def save_course(
    patient: Patient,
    name: str,
    drug_class: DrugClass,
    started_on: date,
    stopped_on: date | None = None,
    course: TreatmentCourse | None = None,
    randomised_on: date | None = None,
) -> TreatmentCourse:
    """Enter a course, or change the given one of the same patient; the database refuses a stop before the start.

    Entered twice (name, class and start) it is one course, which keeps its stop where no other is said.
    Raises CourseRefused: E_NAME where the name cannot be read, E_GONE where the course was removed meanwhile.
    """
    if course is not None and course.patient_id != patient.pk:
        raise ValueError("a course stays with its patient")
    if not is_readable(name.strip(), NAME_LENGTH):
        raise CourseRefused("E_NAME", "Give the line of therapy a name of at most 120 readable letters.")
    with patient_locked(patient.pk):
        row = _as_it_is(course) if course else _entered(patient, name.strip(), drug_class, started_on)
        is_entered = course is None and row.pk is not None
        row.name, row.drug_class, row.started_on = name.strip(), drug_class, started_on
        row.stopped_on = stopped_on or (row.stopped_on if is_entered else None)
        row.randomised_on = randomised_on or (row.randomised_on if is_entered else None)
        row.save(force_update=row.pk is not None)
        record(Deed.COURSE_SAVED, patient=patient, subject=row)
    return row


def remove_course(course: TreatmentCourse) -> None:
    """Take a course back that was entered by mistake. Raises CourseRefused: E_GONE where somebody did so before."""
    with patient_locked(course.patient_id) as patient:
        record(Deed.COURSE_REMOVED, patient=patient, subject=course)
        _as_it_is(course).delete()


def _as_it_is(course: TreatmentCourse) -> TreatmentCourse:
    row = TreatmentCourse.objects.filter(pk=course.pk).first()
    if row is None:
        raise CourseRefused("E_GONE", "Someone else just removed this line of therapy. Reload the page.")
    return row


def _entered(patient: Patient, name: str, drug_class: DrugClass, started_on: date) -> TreatmentCourse:
    known = TreatmentCourse.objects.filter(patient=patient, name=name, drug_class=drug_class, started_on=started_on)
    return known.first() or TreatmentCourse(patient=patient)
