"""The course: the verdict in words, the figure and its twin, and what the address holds."""

import json
import re

import pytest

from patients.models import ResponseAssessment
from patients.vocabulary import Organ
from tests.factories import (
    FEATURES,
    LesionFactory,
    PatientFactory,
    ScanFactory,
    SegmentationFactory,
    TimepointFactory,
    followed_patient,
)

pytestmark = pytest.mark.django_db

FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}
CAVEAT = "Target lesions only; no overall response: new and non-target disease not judged."


@pytest.fixture
def patient(team):
    return followed_patient(team)


def page(client, patient, query="", **headers):
    return client.get(f"/patients/{patient.code}/{query}", headers=headers).content.decode()


def figure_of(shown):
    return json.loads(re.search(r'class="figure-data">(.*?)</script>', shown, re.S).group(1))


def test_the_verdict_is_a_sentence_with_its_caveat_beside_it(as_user, owner, patient):
    shown = " ".join(re.sub(r"<[^>]*>", " ", page(as_user(owner), patient)).split())
    assert "Visit 3 · 29 Apr 2024 · target response: SD (stable disease) Sum 31.4 mm" in shown
    assert CAVEAT in shown


def test_outlines_that_wait_are_said_in_the_same_strip(as_user, owner, patient):
    SegmentationFactory.create(scan=patient.scans.last(), lesion=None)
    shown = page(as_user(owner), patient)
    strip = shown[shown.index('aria-label="Verdict"') : shown.index('id="course"')]
    assert "1 outline waits to be linked to a lesion and is in no sum." in strip


def test_a_visit_that_is_not_concluded_yet_is_said(as_user, owner, patient):
    last = patient.timepoints.last()
    ResponseAssessment.objects.filter(timepoint=last).delete()
    assert "A later visit is filed and not concluded yet." in page(as_user(owner), patient)
    ResponseAssessment.objects.all().delete()
    assert "Not concluded yet" in page(as_user(owner), patient)


def test_a_patient_without_scans_has_an_honest_page(as_user, owner, team):
    shown = page(as_user(owner), PatientFactory.create(team=team))
    assert "No scan of this patient is filed yet." in shown
    assert "figure-data" not in shown
    assert CAVEAT in shown


def test_up_to_three_features_stand_in_the_address(as_user, owner, patient):
    names = [*FEATURES, "original_nothing_Here"]
    query = "?axis=days&" + "&".join(f"feature={name}" for name in names)
    shown = page(as_user(owner), patient, query)
    assert shown.count('class="chip"') == 3
    assert "Three features are shown" in shown
    assert "Days since start of Pembrolizumab" in json.dumps(figure_of(shown))
    assert "GLCM Contrast" in shown[shown.index("The chart as a table") :]


def test_an_unknown_axis_is_the_calendar(as_user, owner, patient):
    assert 'aria-current="true">Calendar' in page(as_user(owner), patient, "?axis=lunar")


def test_htmx_gets_the_figure_alone(as_user, owner, patient):
    shown = page(as_user(owner), patient, **FRAGMENT)
    assert shown.strip().startswith('<section class="panel" id="course"')


def test_features_are_found_by_any_of_their_words(as_user, owner, patient):
    client = as_user(owner)
    shown = client.get(f"/patients/{patient.code}/features?search=glcm+contr").content.decode()
    assert "original_glcm_Contrast" in shown and "original_firstorder_Mean" not in shown
    assert f"feature={FEATURES[2]}" in shown
    assert "No feature matches." in client.get(f"/patients/{patient.code}/features?search=zzz").content.decode()


def test_a_feature_that_is_shown_is_not_offered_again(as_user, owner, patient):
    answer = as_user(owner).get(f"/patients/{patient.code}/features?feature={FEATURES[1]}&search=original")
    assert f"<small>{FEATURES[1]}" not in answer.content.decode()


def test_the_lesion_table_has_sizes_changes_and_reasons(as_user, owner, patient):
    LesionFactory.create(patient=patient, tracking_id="lung 9", organ=Organ.LUNG)
    shown = page(as_user(owner), patient)
    table = shown[shown.index('id="lesions-title"') :]
    for words in (">30.0</a>", ">24.0</a>", "−6.0\u202fmm", "−20.0\u202f%", "not outlined at this visit"):
        assert words in table


def test_a_point_of_the_sum_opens_every_lesion_of_the_visit(as_user, owner, member, stranger, patient):
    visit = patient.timepoints.first()
    shown = as_user(member).get(f"/patients/{patient.code}/visits/{visit.pk}").content.decode()
    assert shown.count("data-manifest=") == 2
    assert "Visit of 8 Jan 2024" in shown
    other = TimepointFactory.create()
    assert as_user(owner).get(f"/patients/{patient.code}/visits/{other.pk}").status_code == 404
    assert as_user(stranger).get(f"/patients/{patient.code}/visits/{visit.pk}").status_code == 404


def test_who_may_only_look_sees_no_buttons_to_change_things(as_user, member, patient):
    shown = page(as_user(member), patient)
    assert "Upload a follow-up" not in shown
    assert "Add a line of therapy" not in shown
    assert "CSV" in shown


def test_another_teams_patient_is_the_same_404_as_none(as_user, stranger, patient):
    client = as_user(stranger)
    theirs = client.get(f"/patients/{patient.code}/")
    nobodys = client.get("/patients/00000000-0000-0000-0000-000000000001/")
    assert theirs.status_code == nobodys.status_code == 404
    strip = re.compile(rb'csrf\S+|X-CSRFToken": "[^"]*"|value="[^"]*"')
    assert strip.sub(b"", theirs.content) == strip.sub(b"", nobodys.content)


def test_several_scans_of_one_visit_are_one_column(as_user, owner, patient):
    last = patient.scans.last()
    ScanFactory.create(timepoint=last.timepoint, modality="MR", acquired_on=last.acquired_on)
    shown = page(as_user(owner), patient)
    assert "CT, MR" in shown


def test_no_browser_keeps_the_page(as_user, owner, team):
    patient = followed_patient(team)
    answer = as_user(owner).get(f"/patients/{patient.code}/")
    assert answer["Cache-Control"] == "private, no-store"
