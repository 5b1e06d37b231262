"""The patient list: needs-attention first, searchable, honest when empty."""

import pytest

from patients.vocabulary import RunState, Step
from tests.factories import (
    PatientFactory,
    ProcessingRunFactory,
    ScanFactory,
    SegmentationFactory,
    TimepointFactory,
    TreatmentCourseFactory,
    followed_patient,
)

pytestmark = pytest.mark.django_db


def page(client, query="", **headers):
    return client.get(f"/patients/{query}", headers=headers).content.decode()


def test_a_patient_has_a_sparkline_a_response_in_words_and_a_way_in(as_user, owner, team):
    patient = followed_patient(team)
    shown = page(as_user(owner))
    assert f'<a href="/patients/{patient.code}/">{patient.pseudonym}</a>' in shown
    assert '<svg class="spark"' in shown
    assert "Stable disease" in shown
    assert "no overall response: new and non-target disease not judged" in shown


def test_what_needs_attention_comes_first(as_user, owner, team):
    calm = followed_patient(team)
    scans = [ScanFactory.create(timepoint=TimepointFactory.create(patient__team=team)) for _ in range(2)]
    SegmentationFactory.create(scan=scans[0], lesion=None)
    ProcessingRunFactory.create(step=Step.EXTRACT, subject_pk=scans[1].pk, state=RunState.FAILED)
    shown = page(as_user(owner))
    places = [shown.index(f">{patient.pseudonym}<") for patient in (scans[0].patient, scans[1].patient, calm)]
    assert max(places[:2]) < places[2]
    assert "1 outline to link" in shown
    assert "measurement failed" in shown


def test_the_search_finds_pseudonyms_and_drugs(as_user, owner, team):
    TreatmentCourseFactory.create(patient__team=team, patient__pseudonym="P-ONE", name="Sunitinib")
    PatientFactory.create(team=team, pseudonym="P-TWO")
    client = as_user(owner)
    assert "P-TWO" not in page(client, "?search=sunit")
    assert "P-ONE" not in page(client, "?search=two")
    assert "No patient matches “zzz”." in page(client, "?search=zzz")


def test_htmx_gets_the_rows_alone(as_user, owner):
    shown = page(as_user(owner), **{"HX-Request": "true", "HX-Request-Type": "partial"})
    assert shown.strip().startswith('<section id="cohort-rows"')


def test_an_empty_list_says_how_a_patient_comes_into_it(as_user, owner, member):
    assert "drop a folder into the" in page(as_user(owner))
    assert "by a coordinator of your team" in page(as_user(member))


def test_a_name_is_never_taken_for_markup(as_user, owner, team):
    PatientFactory.create(team=team, pseudonym="<script>x</script>")
    assert "<script>x" not in page(as_user(owner))


def test_another_team_sees_none_of_it(as_user, stranger, member, team):
    patient = PatientFactory.create(team=team)
    assert patient.pseudonym in page(as_user(member))
    assert patient.pseudonym not in page(as_user(stranger))


def test_a_long_list_comes_in_pages_and_the_search_finds_the_rest(as_user, owner, team, monkeypatch):
    monkeypatch.setattr("monitoring.views.cohort.ROWS", 2)
    for number in range(5):
        PatientFactory.create(team=team, pseudonym=f"P-{number}")
    waiting = ScanFactory.create(timepoint=TimepointFactory.create(patient__team=team, patient__pseudonym="P-Z"))
    SegmentationFactory.create(scan=waiting, lesion=None)
    client = as_user(owner)
    first, last = page(client), page(client, "?page=3")
    assert ["P-Z" in first, "P-0" in first, "P-1" in first] == [True, True, False]
    assert "1–2 of 6" in first
    assert 'rel="next" href="?page=2"' in first
    assert ["P-3" in last, "P-4" in last, 'rel="next"' in last] == [True, True, False]
    assert "P-4" in page(client, "?search=p-4")
    assert "search=P-" in page(client, "?search=P-").partition('rel="next"')[2].partition(">")[0]
    assert "1–2 of 6" in page(client, "?page=nonsense")
