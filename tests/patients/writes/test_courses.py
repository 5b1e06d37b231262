"""Lines of therapy: entered, changed, taken back, never moved to another patient."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from patients.models import TreatmentCourse
from patients.vocabulary import DrugClass
from patients.writes.courses import CourseRefused, remove_course, save_course
from tests.factories import PatientFactory, TreatmentCourseFactory
from tests.patients.writes.at_once import at_once

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


@pytest.mark.django_db(transaction=True)
def test_a_course_entered_several_times_at_once_is_one():
    patient = PatientFactory.create()
    rows = at_once(*[lambda: save_course(patient, "Nivolumab", DrugClass.ANTI_PD1, START)] * 4)
    assert len({row.pk for row in rows}) == 1
    assert patient.courses.count() == 1


def test_entered_again_a_course_keeps_its_stop_and_another_class_or_start_is_another_course():
    patient = PatientFactory.create()
    stop = date(2024, 5, 1)
    save_course(patient, "Nivolumab", DrugClass.ANTI_PD1, START, stop)
    assert save_course(patient, " Nivolumab ", DrugClass.ANTI_PD1, START).stopped_on == stop
    save_course(patient, "Nivolumab", DrugClass.CHEMOTHERAPY, START)
    save_course(patient, "Nivolumab", DrugClass.ANTI_PD1, date(2024, 6, 1))
    assert patient.courses.count() == 3


def test_an_edit_does_not_bring_a_removed_course_back():
    course = TreatmentCourseFactory.create()
    TreatmentCourse.objects.get().delete()
    with pytest.raises(CourseRefused, match="E_GONE"):
        save_course(course.patient, "Nivolumab", DrugClass.ANTI_PD1, START, course=course)
    with pytest.raises(CourseRefused, match="E_GONE"):
        remove_course(course)
    assert not TreatmentCourse.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_edit_and_a_removal_at_once_end_in_a_course_or_none_but_in_no_crash():
    course = TreatmentCourseFactory.create()

    def answer_of(act):
        try:
            act()
        except CourseRefused as refusal:
            return refusal.code
        return "done"

    def edit():
        return answer_of(lambda: save_course(course.patient, "X1", DrugClass.ANTI_PD1, START, course=course))

    answers = at_once(edit, lambda: answer_of(lambda: remove_course(course)))
    assert answers[1] == "done"
    assert answers[0] in ("done", "E_GONE")
    assert not TreatmentCourse.objects.exists()


@pytest.mark.parametrize("name", ["", " ", "a\nb", "a\x1bb", "\u202eumabovin", "\u200b\u200b", "\u3164", "x" * 121])
def test_a_course_has_a_name_that_can_be_read(name):
    with pytest.raises(CourseRefused, match="E_NAME"):
        save_course(PatientFactory.create(), name, DrugClass.ANTI_PD1, START)
    assert not TreatmentCourse.objects.exists()
