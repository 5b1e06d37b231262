"""Lines of therapy: entered, changed, taken back, never moved to another patient."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from patients.models import TreatmentCourse
from patients.vocabulary import DrugClass
from patients.writes.courses import remove_course, save_course
from tests.factories import PatientFactory

pytestmark = pytest.mark.django_db

START = date(2024, 2, 1)


def test_a_course_is_entered_and_changed_in_place():
    patient = PatientFactory.create()
    course = save_course(patient, "Nivolumab", DrugClass.ANTI_PD1, START)
    changed = save_course(patient, "Ipilimumab", DrugClass.ANTI_CTLA4, START, date(2024, 5, 1), course)
    assert changed.pk == course.pk
    row = TreatmentCourse.objects.get()
    assert (row.name, row.drug_class, row.stopped_on) == ("Ipilimumab", DrugClass.ANTI_CTLA4, date(2024, 5, 1))
    remove_course(row)
    assert not patient.courses.exists()


def test_a_stop_before_the_start_is_refused():
    patient = PatientFactory.create()
    with pytest.raises(IntegrityError), transaction.atomic():
        save_course(patient, "Nivolumab", DrugClass.ANTI_PD1, START, date(2024, 1, 31))
    assert not patient.courses.exists()


def test_a_course_stays_with_its_patient():
    course = save_course(PatientFactory.create(), "Nivolumab", DrugClass.ANTI_PD1, START)
    with pytest.raises(ValueError, match="stays with its patient"):
        save_course(PatientFactory.create(), "Nivolumab", DrugClass.ANTI_PD1, START, course=course)
