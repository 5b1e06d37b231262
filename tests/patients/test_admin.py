"""The administration shows teams and logins, and nothing of patients."""

import importlib

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission, User

from patients.models import Team
from tests.factories import PatientFactory, SegmentationFactory

pytestmark = pytest.mark.django_db


def test_only_teams_and_logins_are_kept_here():
    assert set(admin.site._registry) == {Team, User, Group}


def test_a_login_is_closed_and_never_deleted_because_a_deletion_lists_its_outlines(client):
    chief = User.objects.create_superuser("chief")
    reader = User.objects.create_user("reader")
    SegmentationFactory.create(created_by=reader, roi_name="liver 1")
    client.force_login(chief)
    answer = client.get(f"/admin/auth/user/{reader.pk}/delete/")
    assert answer.status_code == 405
    assert "liver 1" not in answer.content.decode()
    assert client.get(f"/admin/auth/user/{reader.pk}/change/").status_code == 200
    assert "delete_selected" not in client.get("/admin/auth/user/").content.decode()


def test_a_superuser_without_a_team_sees_no_patient(client):
    patient = PatientFactory.create()
    client.force_login(User.objects.create_superuser("chief"))
    assert client.get(f"/patients/{patient.code}/").status_code == 404
    assert patient.pseudonym not in client.get("/admin/").content.decode()


@pytest.fixture
def administrator(db):
    user = User.objects.create_user("keeper", is_staff=True)
    group, _ = Group.objects.get_or_create(name="admin")
    # A test that flushed the database took what the migration gave.
    for label, names in importlib.import_module("patients.migrations.0004_administrators").MAY.items():
        group.permissions.add(*Permission.objects.filter(content_type__app_label=label, codename__in=names))
    user.groups.set([group])
    return user


def test_an_administrator_keeps_logins_and_teams_but_makes_no_superuser(client, administrator):
    other, chief = User.objects.create_user("reader"), User.objects.create_superuser("chief")
    client.force_login(administrator)
    assert client.get("/admin/patients/team/add/").status_code == 200
    page = client.get(f"/admin/auth/user/{other.pk}/change/").content.decode()
    assert 'name="is_superuser"' not in page and 'name="groups"' in page
    answer = client.post(f"/admin/auth/user/{chief.pk}/change/", {"username": "mine"})
    assert answer.status_code == 403
    assert User.objects.get(pk=chief.pk).username == "chief"
