"""Results and events on the pages: who may enter, what is refused beside its field, corrections, files."""

import pytest

from patients.models import ClinicalEvent, LabResult
from patients.vocabulary import Role, Step
from radiomics_tasks.models import ProcessingRun
from tests.factories import ClinicalEventFactory, LabResultFactory, PatientFactory, UserFactory, followed_patient

pytestmark = pytest.mark.django_db
SAID = {"analyte": "LDH", "date": "2024-01-31", "value": "7.9", "unit": "µkat/L", "low": "2.2", "high": "4.1"}
HAPPENED = {"kind": "BIOPSY", "date": "2024-02-01", "detail": "NO_TUMOUR", "text": "fibrosis"}


@pytest.fixture
def patient(team):
    return PatientFactory.create(team=team, pseudonym="P1")


def text_of(answer) -> str:
    return answer.content.decode().replace("&lt;", "<")


def test_a_result_is_entered_and_the_patient_concluded_again(as_user, owner, patient):
    answer = as_user(owner).post(f"/patients/{patient.code}/labs/results", SAID)
    assert answer["Location"] == f"/patients/{patient.code}/labs"
    row = LabResult.objects.get()
    assert (row.canonical_value, row.unit, row.entered_by) == (474.0, "µkat/L", owner)
    assert ProcessingRun.objects.filter(step=Step.REASSESS, subject_pk=patient.pk).exists()
    page = text_of(as_user(owner).get(f"/patients/{patient.code}/labs"))
    assert "7.9 µkat/L" in page and "= 474 U/L, 1.93 × upper limit, above the reference range" in page


@pytest.mark.parametrize(
    "changed, words",
    [
        ({"unit": ""}, "The unit is missing. Write one of: U/L"),
        ({"unit": "mg"}, "mg is not known as a unit of LDH"),
        ({"date": "1969-01-31"}, "does not lie between 1980 and today"),
        ({"date": "2999-01-31"}, "does not lie between 1980 and today"),
        ({"value": "-1"}, "is negative"),
        ({"value": "99999"}, "cannot be"),
        ({"value": "\x00"}, "Null characters are not allowed"),
        ({"analyte": ""}, "Say what was measured"),
    ],
)
def test_a_slip_is_said_beside_its_field(as_user, owner, patient, changed, words):
    for headers in ({}, {"HX-Request": "true"}):
        answer = as_user(owner).post(f"/patients/{patient.code}/labs/results", SAID | changed, headers=headers)
        assert (answer.status_code, words in text_of(answer)) == (422, True)
    assert not LabResult.objects.exists()


def test_a_date_before_the_birth_is_refused(as_user, owner, patient):
    client = as_user(owner)
    client.post(f"/patients/{patient.code}/labs/about", {"tumour": "melanoma", "birth_year": "1990"})
    patient.refresh_from_db()
    assert (patient.tumour, patient.birth_year) == ("melanoma", 1990)
    answer = client.post(f"/patients/{patient.code}/labs/results", SAID | {"date": "1989-01-01"})
    assert "before the birth of this patient, in 1990" in text_of(answer)
    assert client.post(f"/patients/{patient.code}/labs/about", {"birth_year": "2999"}).status_code == 422


def test_an_event_is_entered_in_place(as_user, owner, patient):
    url = f"/patients/{patient.code}/labs/events"
    answer = as_user(owner).post(url, HAPPENED, headers={"HX-Request": "true"})
    assert answer.status_code == 200 and "No viable tumour, fibrosis" in text_of(answer)
    assert ClinicalEvent.objects.get().detail == "NO_TUMOUR"
    answer = as_user(owner).post(url, HAPPENED | {"lesion": "liver 9"})
    assert (answer.status_code, "no lesion named liver 9" in text_of(answer)) == (422, True)


def test_the_course_is_drawn_again_where_there_is_one(as_user, owner, team, patient):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/x?axis=days"}
    for one, is_drawn in ((followed_patient(team), True), (patient, False)):
        answer = as_user(owner).post(f"/patients/{one.code}/labs/results", SAID, headers=headers)
        assert (f'hx-get="/patients/{one.code}/?axis=days"' in text_of(answer)) is is_drawn


def test_a_correction_keeps_the_old_entry_to_be_seen(as_user, owner, patient):
    row = LabResultFactory.create(patient=patient)
    client, url = as_user(owner), f"/patients/{patient.code}/labs/results/{row.code}"
    assert 'value="275"' in text_of(client.get(url))
    client.post(url, SAID | {"value": "5.0", "why": "typing slip"})
    page = text_of(client.get(f"/patients/{patient.code}/labs"))
    assert "<s>275 U/L</s>" in page and "corrected: typing slip" in page and "5 µkat/L" in page
    assert client.get(url).status_code == 404


def test_an_entry_is_taken_back(as_user, owner, patient):
    row = ClinicalEventFactory.create(patient=patient)
    client = as_user(owner)
    url = f"/patients/{patient.code}/labs/events/{row.code}"
    assert client.get(url).status_code == 200
    client.post(url, {"act": "take_back", "why": "other patient"})
    assert "taken back: other patient" in text_of(client.get(f"/patients/{patient.code}/labs"))


def test_a_file_is_taken_in_whole_or_not_at_all(as_user, owner, patient):
    head = "patient,analyte,date,value,unit\n"
    for line, status in (("P1,LDH,2024-01-31,250,\n", 422), ("P1,LDH,2024-01-31,250,U/L\n", 302)):
        said = {"file-kind": "results", "file-table": head + line}
        answer = as_user(owner).post(f"/patients/{patient.code}/labs/import", said)
        assert answer.status_code == status
        assert status == 302 or "row 2, unit: The unit is missing" in text_of(answer)
    csv = b"".join(as_user(owner).get(f"/patients/{patient.code}/labs.csv").streaming_content).decode()
    assert csv.splitlines()[1].rpartition(",")[0] == "P1,LDH,2024-01-31,250,U/L,,,"


def test_who_may_enter_and_who_may_only_look(as_user, owner, member, stranger, patient):
    LabResultFactory.create(patient=patient)
    page = f"/patients/{patient.code}/labs"
    assert [as_user(user).get(page).status_code for user in (owner, member, stranger)] == [200, 200, 404]
    for address, said in (("results", SAID), ("events", HAPPENED), ("about", {}), ("import", {})):
        answers = [as_user(user).post(f"{page}/{address}", said).status_code for user in (member, stranger)]
        assert answers == [403, 404], address
    assert "Add a result" not in text_of(as_user(member).get(page))


def test_the_oncologist_enters_but_takes_in_no_files(as_user, team, patient):
    oncologist = UserFactory.create(roles=[Role.ONCOLOGIST], teams=[team])
    client = as_user(oncologist)
    assert client.post(f"/patients/{patient.code}/labs/results", SAID).status_code == 302
    assert client.post(f"/patients/{patient.code}/labs/import", {"kind": "results"}).status_code == 403
    assert "Take in a file" not in text_of(client.get(f"/patients/{patient.code}/labs"))


def test_the_course_page_shows_the_newest_and_offers_lanes(as_user, owner, team):
    patient = followed_patient(team)
    LabResultFactory.create(patient=patient)
    page = text_of(as_user(owner).get(f"/patients/{patient.code}/"))
    assert "Labs and events" in page and "275 U/L" in page
    assert 'aria-label="Blood, at most three"' in page and "LDH, × upper limit" in page
    assert "<caption>LDH (U/L)</caption>" in page
    hidden = text_of(as_user(owner).get(f"/patients/{patient.code}/?lab=none"))
    assert "LDH, × upper limit" not in hidden and "<caption>LDH" not in hidden


def test_the_table_under_the_chart_lists_events(as_user, owner, team):
    patient = followed_patient(team)
    ClinicalEventFactory.create(patient=patient)
    page = text_of(as_user(owner).get(f"/patients/{patient.code}/"))
    assert "<caption>Events</caption>" in page
    assert "<caption>Events</caption>" not in text_of(as_user(owner).get(f"/patients/{followed_patient(team).code}/"))
