"""Further profiles: what is there, how far the work is, and the button for those who send scans."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from patients.models import FeatureSnapshot, Patient
from patients.vocabulary import RunState, Step
from radiomics_tasks.extraction.build import OWN, build_of
from radiomics_tasks.extraction.profiles import profile_named
from radiomics_tasks.models import ProcessingRun
from tests.factories import FeatureSetFactory, FeatureSnapshotFactory
from tests.patients.rows import followed
from tests.standing import let_stand

pytestmark = pytest.mark.django_db
FULL = profile_named("ct-full")


@pytest.fixture(autouse=True)
def no_broker(monkeypatch):
    monkeypatch.setattr("radiomics_tasks.hints.current_app.send_task", lambda *_, **__: None)


@pytest.fixture
def patient(team) -> Patient:
    return followed([30.0, 20.0], team=team)


def text(client, patient) -> str:
    answer = client.get(reverse("profiles", args=[patient.code]))
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def ask(client, scan, profile: str = "ct-full"):
    return client.post(reverse("profile_ask", args=[scan.code]), {"profile": profile})


def taken(patient) -> None:
    names = FeatureSetFactory.create(profile="ct-full", profile_digest=FULL.digest, is_extra=True)
    for scan in patient.scans.all():
        for outline in scan.segmentations.all():
            FeatureSnapshotFactory.create(segmentation=outline, feature_set=names, build_digest=build_of(OWN).digest)


def test_who_sends_scans_asks_for_a_profile_and_sees_how_far_it_is(as_user, owner, patient):
    scan = patient.scans.first()
    browser = as_user(owner)
    assert text(browser, patient).count(">Extract<") == 4  # of two scans: ct-full and ct-ibsi
    assert ask(browser, scan).status_code == 302
    run = ProcessingRun.objects.get(step=Step.FULL)
    assert (run.subject_pk, run.input_key, run.state) == (scan.pk, "ct-full", RunState.QUEUED)
    shown = text(browser, patient)
    assert shown.count(">Extract<") == 3
    assert "hx-trigger" in shown
    let_stand(ProcessingRun.objects.filter(pk=run.pk), state=RunState.FAILED, reason="Measurement broke down.")
    shown = text(browser, patient)
    assert "Measurement broke down." in shown
    assert shown.count(">Extract<") == 4


def test_what_is_taken_is_offered_as_a_table_of_its_own(as_user, owner, patient):
    browser = as_user(owner)
    assert "profile=ct-full" not in text(browser, patient)
    taken(patient)
    shown = text(browser, patient)
    assert shown.count("1 of 1") == 2
    assert "profile=ct-full" in shown
    assert shown.count(">Extract<") == 2  # the other profile's
    assert "profile=ct-ibsi" not in shown
    table = browser.get(reverse("patient_csv", args=[patient.code]) + "?profile=ct-full")
    said = b"".join(table.streaming_content).decode()
    assert FULL.digest in said
    assert "ct-full" in table["Content-Disposition"]
    plain = b"".join(browser.get(reverse("patient_csv", args=[patient.code])).streaming_content).decode()
    assert FULL.digest not in plain
    assert browser.get(reverse("patient_csv", args=[patient.code]) + "?profile=ct").status_code == 404


def test_another_role_looks_only_and_no_other_profile_is_taken(as_user, owner, member, patient):
    scan = patient.scans.first()
    assert ">Extract<" not in text(as_user(member), patient)
    assert ask(as_user(member), scan).status_code == 403
    assert ask(as_user(owner), scan, "ct").status_code == 404
    assert ask(as_user(owner), scan, "mr-full").status_code == 404
    assert not ProcessingRun.objects.filter(step=Step.FULL).exists()


def test_many_scans_take_as_many_queries_as_two(as_user, owner, team, patient):
    counts = []
    for one in (patient, followed([30.0] * 6, [20.0] * 6, team=team)):
        taken(one)
        browser = as_user(owner)
        text(browser, one)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            text(browser, one)
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert FeatureSnapshot.objects.filter(feature_set__is_extra=True).count() == 14
