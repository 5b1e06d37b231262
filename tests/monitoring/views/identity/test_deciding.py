"""Over HTTP: a hold is decided by a second steward, numbers are hidden and shown again with a reason."""

import pytest
from django.test import Client
from django.urls import reverse

from patients.models import Hold, Withholding
from patients.vocabulary import Role, Step
from patients.words.identity_words import HoldState
from radiomics_tasks.models import ProcessingRun
from tests.factories import HoldFactory, PatientFactory, login
from tests.patients.rows import followed

pytestmark = pytest.mark.django_db
WHY = "Both names were read out on the telephone."


def as_(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def hold() -> Hold:
    made = HoldFactory.create()
    made.asked_by = login(made.team, Role.STEWARD)
    made.save()
    return made


def post(client, hold, **said):
    return client.post(reverse("hold", args=[hold.code]), said)


def test_a_second_steward_decides_once_with_a_reason(hold):
    client = as_(login(hold.team, Role.STEWARD))
    assert post(client, hold, release="yes").status_code == 422
    assert post(client, hold, release="yes", reason="no").status_code == 422
    assert post(client, hold, release="yes", reason=WHY).status_code == 302
    hold.refresh_from_db()
    assert (hold.state, hold.reason) == (HoldState.RELEASED, WHY)
    again = post(client, hold, refuse="yes", reason=WHY)
    assert again.status_code == 409 and "Someone else just decided" in again.content.decode()
    page = client.get(reverse("hold", args=[hold.code])).content.decode()
    assert WHY in page and "<form" not in page.partition("<main")[2].partition("</main")[0]


def test_whoever_asked_is_told_that_another_one_decides(hold):
    client = as_(hold.asked_by)
    assert "another steward decides" in client.get(reverse("hold", args=[hold.code])).content.decode()
    assert post(client, hold, release="yes", reason=WHY).status_code == 403
    hold.refresh_from_db()
    assert hold.state == HoldState.OPEN


@pytest.mark.parametrize("role", [role for role in Role if role != Role.STEWARD])
def test_no_other_role_decides_or_hides(hold, role):
    assert post(as_(login(hold.team, role)), hold, release="yes", reason=WHY).status_code in (403, 404)
    patient = followed([50.0, 40.0])
    client = as_(login(patient.team, role))
    said = {"subject": "patient", "reason": WHY, "act": "WITHDRAWN"}
    assert client.post(reverse("hidden", args=[patient.code]), said).status_code in (403, 404)
    assert not Withholding.objects.exists()


def test_another_teams_hold_is_not_there(hold):
    assert post(as_(login(PatientFactory.create().team, Role.STEWARD)), hold, release="yes").status_code == 404


def test_numbers_are_hidden_and_shown_again():
    patient = followed([50.0, 40.0])
    scan = patient.scans.first()
    client, address = as_(login(patient.team, Role.STEWARD)), reverse("hidden", args=[patient.code])
    said = {"subject": f"scan-{scan.code}", "reason": WHY}
    assert client.post(address, {**said, "act": "eat"}).status_code == 422
    assert client.post(address, {**said, "act": "INVESTIGATION", "reason": "x"}).status_code == 422
    foreign = followed([9.0]).scans.first()
    assert client.post(address, {**said, "subject": f"scan-{foreign.code}", "act": "WITHDRAWN"}).status_code == 422
    assert not Withholding.objects.exists()
    for _ in range(2):
        assert client.post(address, {**said, "act": "INVESTIGATION"}).status_code == 302
    assert Withholding.objects.get().scan == scan
    assert ProcessingRun.objects.filter(step=Step.REASSESS, subject_pk=patient.pk).exists()
    assert "Numbers are hidden here" in client.get(reverse("patient", args=[patient.code])).content.decode()
    assert client.post(address, {**said, "act": "lift"}).status_code == 302
    scan.refresh_from_db()
    assert not scan.is_withheld and Withholding.objects.get().lifted_reason == WHY
    assert "Numbers are hidden here" not in client.get(reverse("patient", args=[patient.code])).content.decode()
