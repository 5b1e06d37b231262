"""Patients, teams and courses: unique names, and no course that stops before it starts."""

from datetime import date
from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction

from patients.models import TreatmentCourse
from patients.vocabulary import Role
from tests.factories import MembershipFactory, PatientFactory, TreatmentCourseFactory

pytestmark = pytest.mark.django_db


def test_a_pseudonym_belongs_to_one_patient_in_the_whole_site():
    patient = PatientFactory.create()
    with pytest.raises(IntegrityError), transaction.atomic():
        PatientFactory.create(pseudonym=patient.pseudonym)


def test_a_login_is_in_a_team_once():
    membership = MembershipFactory.create()
    with pytest.raises(IntegrityError), transaction.atomic():
        MembershipFactory.create(user=membership.user, team=membership.team)


def test_a_course_may_stop_on_the_day_it_starts_but_not_before():
    course = TreatmentCourseFactory.create(started_on=date(2024, 2, 1), stopped_on=date(2024, 2, 1))
    with pytest.raises(IntegrityError, match="course_stops_after_its_start"), transaction.atomic():
        TreatmentCourse.objects.filter(pk=course.pk).update(stopped_on=date(2024, 1, 31))


def test_courses_come_in_the_order_of_their_starts():
    patient = PatientFactory.create()
    late = TreatmentCourseFactory.create(patient=patient, started_on=date(2024, 6, 1))
    early = TreatmentCourseFactory.create(patient=patient, started_on=date(2024, 1, 1))
    assert list(patient.courses.all()) == [early, late]


def test_every_role_is_a_group():
    # Called again, because a test that empties every table may have come before this one.
    import_module("patients.migrations.0003_roles").make_roles(apps, None)
    assert set(Group.objects.values_list("name", flat=True)) >= set(Role)
