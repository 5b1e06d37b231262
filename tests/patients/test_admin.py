"""The administration shows teams and logins, and nothing of patients."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User

from patients.models import Team
from patients.vocabulary import Role
from tests.factories import PatientFactory, SegmentationFactory, group_of

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
    user.groups.set([group_of(Role.ADMIN)])
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
