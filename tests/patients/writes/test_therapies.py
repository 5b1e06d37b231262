"""Pauses lie within their line of therapy and apart; the treatment of one lesion is entered once it was given."""

from datetime import timedelta

import pytest
from django.utils import timezone

from patients.models import LesionTreatment
from patients.words.reading_words import LocalTherapy
from patients.writes.therapies import TherapyRefused, hold_course, remove_treatment, replace_holds, treat_lesion
from tests.factories import LesionFactory, TreatmentCourseFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def course():
    row = TreatmentCourseFactory.create()
    row.stopped_on = row.started_on + timedelta(100)
    row.save()
    return row


def day(course, number: int):
    return course.started_on + timedelta(number)


def test_pauses_are_entered_one_after_another_and_replaced_whole(course):
    first = hold_course(course, day(course, 10), day(course, 20))
    second = hold_course(course, day(course, 30))
    assert [row.started_on for row in course.holds.all()] == [first.started_on, second.started_on]
    replace_holds(course, [(day(course, 40), day(course, 40))])
    assert [(row.started_on, row.stopped_on) for row in course.holds.all()] == [(day(course, 40), day(course, 40))]


@pytest.mark.parametrize(
    "pauses",
    [[(-1, 5)], [(90, 101)], [(101, None)], [(20, 10)], [(10, 20), (20, 30)], [(10, None), (40, 50)]],
)
def test_pauses_that_cannot_be_change_nothing(course, pauses):
    kept = hold_course(course, day(course, 60), day(course, 70))
    asked = [(day(course, on), None if off is None else day(course, off)) for on, off in pauses]
    with pytest.raises(TherapyRefused) as refusal:
        replace_holds(course, asked)
    assert (refusal.value.code, list(course.holds.all())) == ("E_HOLD", [kept])


def test_a_lesion_is_treated_once_on_a_day():
    lesion, today = LesionFactory.create(), timezone.localdate()
    row = treat_lesion(lesion, LocalTherapy.SURGERY, today, UserFactory.create())
    assert treat_lesion(lesion, LocalTherapy.SURGERY, today, None) == row
    treat_lesion(lesion, LocalTherapy.RADIATION, today, None)
    assert lesion.treatments.count() == 2
    with pytest.raises(TherapyRefused, match="E_DATE"):
        treat_lesion(lesion, LocalTherapy.SURGERY, today + timedelta(1), None)
    remove_treatment(row)
    assert LesionTreatment.objects.get().kind == LocalTherapy.RADIATION
