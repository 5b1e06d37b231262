"""Addresses, headers and words that hold what no database keeps, or more than a page waits for: answered, no crash."""

import pytest
from django.test import Client

from patients.models import LabResult
from patients.vocabulary import Role
from tests.factories import LabResultFactory, followed_patient, login

pytestmark = pytest.mark.django_db
NUL = "%00"


@pytest.fixture
def client(team, as_user):
    return as_user(login(team, *Role))


@pytest.fixture
def patient(team):
    return followed_patient(team)


@pytest.mark.parametrize("address", [f"/models/{NUL}/", f"/models/a{NUL}b/approve", f"/models/{NUL}/retire"])
def test_a_model_of_no_digest_is_not_there(client, address):
    assert 404 in (client.get(address).status_code, client.post(address).status_code)


@pytest.mark.parametrize("feature", [NUL, f"original_glcm_Contrast{NUL}"])
def test_a_feature_that_cannot_be_named_is_not_there(client, patient, feature):
    outline = patient.scans.first().segmentations.first()
    assert client.get(f"/outlines/{outline.code}/number?feature={feature}").status_code == 404


def test_a_header_that_is_no_address_is_passed_over(client, patient):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://[no"}
    assert client.get(f"/lesions/{patient.lesions.first().code}/pairs", headers=headers).status_code == 200


def test_why_an_entry_is_taken_back_is_kept_in_readable_letters(client, patient):
    row = LabResultFactory.create(patient=patient)
    url = f"/patients/{patient.code}/labs/results/{row.code}"
    assert client.post(url, {"why": "typing\x00 slip", "act": "take_back"}).status_code == 302
    assert LabResult.objects.get(pk=row.pk).superseded_why == "typing slip"


def test_a_table_that_would_keep_everybody_waiting_is_sent_in_parts(client, patient):
    table = "patient,analyte,date,value,unit\n" + "P1,LDH,2024-01-31,1,U/L\r" * 5_000
    answer = client.post(f"/patients/{patient.code}/labs/import", {"file-kind": "results", "file-table": table})
    assert answer.status_code == 422 and "more than 5,000 lines" in answer.content.decode()


def test_a_form_larger_than_any_may_be_says_how_to_send_it_and_is_no_bare_error(team):
    client = Client()
    client.force_login(login(team, *Role))
    answer = client.post(f"/patients/{followed_patient(team).code}/labs/import", {"file-table": "a," * 1_500_000})
    assert answer.status_code == 413
    said = " ".join(answer.content.decode().split())
    assert "A form takes 2.5 MB at most, and nothing of it was kept." in said and "import_labs" in said
    assert client.get("/", headers={"Host": "not a host"}).status_code == 400
