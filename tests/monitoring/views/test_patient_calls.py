"""The course page of assessed patients: two readers, several lines of therapy, what a blinded reader is not shown."""

from datetime import timedelta

import pytest

from patients.models import Patient
from patients.reads.timelines import patient_timeline
from patients.vocabulary import Role
from patients.words.reading_words import NewDisease
from patients.writes.findings import replace_findings
from radiomics_tasks.analysis.conclude import conclude
from tests.factories import (
    BASELINE_ON,
    AdjudicationFactory,
    TreatmentCourseFactory,
    followed_patient,
    login,
    signed_reading,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient(team) -> Patient:
    """Anna sees no new lesion, Bert one on the second of four visits; he has not read the last."""
    found = followed_patient(team, lesions=2, dates=4)
    anna, bert = (login(team, Role.READER, username=name) for name in ("anna", "bert"))
    visits = list(found.timepoints.order_by("scans__acquired_on"))
    for visit in visits:
        signed_reading(visit, anna)
    for visit in visits[:3]:
        new = NewDisease.YES if visit == visits[1] else NewDisease.NO
        signed_reading(visit, bert, new_disease=new)
    replace_findings(conclude(patient_timeline(found.pk)))
    return found


def page(client, patient: Patient, query: str = "") -> str:
    answer = client.get(f"/patients/{patient.code}/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_both_readers_stand_apart_for_who_compares(as_user, patient, team):
    shown = page(as_user(login(team, Role.ONCOLOGIST, username="onco")), patient)
    assert "assessed by anna" in shown
    assert ">anna alone<" in shown and ">bert alone<" in shown
    assert "call-iUPD" in shown
    assert ">anna alone<" not in page(as_user(login(team, Role.BOARD, username="board")), patient)


def test_a_reader_sees_own_calls_until_every_visit_is_signed(as_user, patient):
    bert = patient.readings.filter(reader__username="bert").first().reader
    shown = page(as_user(bert), patient)
    assert "your own assessments alone" in shown and "assessed by bert" in shown
    assert "what other readers called is hidden until you sign your own" in shown
    assert "alone</th>" not in shown
    last = patient.timepoints.order_by("scans__acquired_on").last()
    signed_reading(last, bert)
    replace_findings(conclude(patient_timeline(patient.pk)))
    assert "assessed by anna" in page(as_user(bert), patient)


def test_an_earlier_line_stays_to_be_looked_at(as_user, patient, team):
    first = patient.courses.get()
    second = TreatmentCourseFactory.create(patient=patient, name="Second", started_on=BASELINE_ON + timedelta(120))
    replace_findings(conclude(patient_timeline(patient.pk)))
    client = as_user(login(team, Role.ONCOLOGIST, username="onco"))
    current, earlier = page(client, patient), page(client, patient, f"?course={first.code}")
    assert current == page(client, patient, "?course=nonsense") or "Second" in current
    assert f"course={first.code}" in current and f"course={second.code}" in earlier
    assert "Visit 4<br>" in current and "Visit 4<br>" not in earlier


def test_the_words_that_go_with_irecist_and_no_score(as_user, patient, team):
    shown = page(as_user(login(team, Role.BOARD, username="board")), patient)
    assert shown.count("data-handling recommendation, not validated for patient management") >= 2
    assert "pseudoprogression" not in shown.lower().replace("/pseudoprogression/", "")


def test_no_cell_of_the_responses_is_a_formula(as_user, patient, team):
    patient.courses.update(name="=HYPERLINK(1)")
    client = as_user(login(team, Role.BOARD, username="board"))
    answer = client.get(f"/patients/{patient.code}/responses.csv")
    text = b"".join(answer.streaming_content).decode()
    assert "'=HYPERLINK(1)" in text and ",=HYPERLINK" not in text


def responses(client, patient) -> str:
    return b"".join(client.get(f"/patients/{patient.code}/responses.csv").streaming_content).decode()


def test_that_readers_differ_is_said_until_somebody_decides(as_user, patient, team):
    client = as_user(login(team, Role.ONCOLOGIST, username="onco"))
    told = "Readers differ at visit 2: not decided."
    assert told in page(client, patient)
    assert "at 1 visit: not decided" in client.get("/patients/").content.decode()
    assert responses(client, patient).count("READERS_DIFFER") == 2
    AdjudicationFactory.create(reading=patient.readings.filter(reader__username="bert", new_disease="YES").get())
    assert told not in page(client, patient)
    assert "not decided" not in client.get("/patients/").content.decode()
    assert "READERS_DIFFER" not in responses(client, patient)


def test_who_has_not_read_everything_is_not_told_that_others_differ(as_user, patient, team):
    bert = patient.readings.filter(reader__username="bert").first().reader
    for reader in (bert, login(team, Role.READER, username="carla")):
        client = as_user(reader)
        assert "Readers differ" not in page(client, patient)
        assert "Readers differ" not in client.get("/patients/").content.decode()
        assert "READERS_DIFFER" not in responses(client, patient)


def test_a_blinded_reader_is_told_what_is_hidden_not_that_it_is_being_measured(as_user, patient, team):
    first = patient.courses.get()
    TreatmentCourseFactory.create(patient=patient, name="Second", started_on=BASELINE_ON + timedelta(120))
    replace_findings(conclude(patient_timeline(patient.pk)))
    client = as_user(login(team, Role.READER, username="carla"))
    for query in ("", f"?course={first.code}"):
        shown = page(client, patient, query)
        assert "Not assessed by you yet" in shown
        assert "Nothing is shown of what other readers called" in shown
        assert "being measured" not in shown and "not concluded yet" not in shown.lower()


def test_a_blinded_reader_does_not_see_how_fast_the_sum_grows_either(as_user, patient, team):
    replace_findings(conclude(patient_timeline(patient.pk)))
    assert "Target sum (TGK)" in page(as_user(login(team, Role.ONCOLOGIST)), patient)
    assert "Target sum (TGK)" not in page(as_user(login(team, Role.READER, username="carla")), patient)
