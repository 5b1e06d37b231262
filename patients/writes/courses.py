"""Lines of therapy: enter, change, remove."""

from datetime import date

from patients.models import Patient, TreatmentCourse
from patients.vocabulary import DrugClass


def save_course(
    patient: Patient,
    name: str,
    drug_class: DrugClass,
    started_on: date,
    stopped_on: date | None = None,
    course: TreatmentCourse | None = None,
    randomised_on: date | None = None,
) -> TreatmentCourse:
    """Enter a course, or change the given one of the same patient; the database refuses a stop before the start."""
    row = course or TreatmentCourse(patient=patient)
    if row.patient_id != patient.pk:
        raise ValueError("a course stays with its patient")
    row.name, row.drug_class = name, drug_class
    row.started_on, row.stopped_on, row.randomised_on = started_on, stopped_on, randomised_on
    row.save()
    return row


def remove_course(course: TreatmentCourse) -> None:
    """Take a course back that was entered by mistake."""
    course.delete()
