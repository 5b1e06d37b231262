"""Whoever was concluded under other rules, or another protocol, is queued again: once, cheaply, and unasked."""

import json
from dataclasses import astuple
from pathlib import Path

import pytest

from patients.models import LesionPair, Patient
from patients.reads.concluded_under import overtaken
from patients.vocabulary import RunState, Step
from radiomics_tasks import runs
from radiomics_tasks.analysis.trust.comparability import rules
from radiomics_tasks.in_force import in_force_now
from radiomics_tasks.models import ProcessingRun
from radiomics_tasks.relay.overtaken import Lookout, rearm_overtaken
from radiomics_tasks.steps.reassess import reassess_patient
from tests.comparing import sharpened_patient
from tests.factories import PatientFactory, TeamFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient() -> Patient:
    """Its last scan has another kernel; concluded by a worker under what is in force."""
    found = sharpened_patient(TeamFactory.create())
    concluded(found)
    return found


def concluded(patient: Patient) -> None:
    run = runs.arm(Step.REASSESS, patient.pk)
    reassess_patient(run.pk)
    run.refresh_from_db()
    assert (run.state, run.reason) == (RunState.DONE, "")


def waiting() -> list[int]:
    queued = ProcessingRun.objects.filter(step=Step.REASSESS, state=RunState.QUEUED)
    return list(queued.order_by("subject_pk").values_list("subject_pk", flat=True))


def own_rules(settings, tmp_path, version: str = "9 of this site") -> None:
    """The project's rules under another version, in which kernels block nothing."""
    said = json.loads(Path(rules.__file__).with_name("acquisition_rules.json").read_text(encoding="utf-8"))
    said["version"] = version
    said["rules"] = [rule for rule in said["rules"] if rule["code"] != "KERNEL"]
    path = tmp_path / f"{version}.json"
    path.write_text(json.dumps(said), encoding="utf-8")
    settings.ACQUISITION_RULES = str(path)


def test_other_rules_conclude_everybody_again(patient, settings, tmp_path):
    lookout = Lookout()
    assert (lookout.look(), waiting()) == (0, [])
    own_rules(settings, tmp_path)
    assert (lookout.look(), waiting()) == (1, [patient.pk])
    reassess_patient(ProcessingRun.objects.get(step=Step.REASSESS, subject_pk=patient.pk).pk)
    assert {pair.found["rules_version"] for pair in LesionPair.objects.all()} == {"9 of this site"}
    assert "BLOCK_TEXTURE" not in LesionPair.objects.values_list("level", flat=True)
    assert (Lookout().look(), waiting()) == (0, [])


def test_another_protocol_too(patient, settings):
    settings.RESPONSE_PROTOCOL = {"min_sd_days": 56}
    assert (Lookout().look(), waiting()) == (1, [patient.pk])
    concluded(patient)
    assert Lookout().look() == 0


def test_asked_again_it_queues_nothing_twice(patient, settings, tmp_path):
    own_rules(settings, tmp_path)
    assert [Lookout().look(), Lookout().look()] == [1, 0]
    assert ProcessingRun.objects.filter(step=Step.REASSESS).count() == 1


def test_what_failed_waits_for_a_person(patient, settings, tmp_path):
    own_rules(settings, tmp_path)
    run = runs.arm(Step.REASSESS, patient.pk)
    runs.fail(runs.claim(run.pk), "E_BROKEN", "It broke.", is_final=True)
    assert (Lookout().look(), waiting()) == (0, [])
    assert runs.retry(run.pk)
    reassess_patient(run.pk)
    assert not overtaken(*astuple(in_force_now())).exists()


def test_a_run_at_work_runs_again_when_it_is_done(patient, settings, tmp_path):
    claim = runs.claim(runs.arm(Step.REASSESS, patient.pk).pk)
    own_rules(settings, tmp_path)
    assert Lookout().look() == 1
    with runs.finishing(claim):
        pass
    assert waiting() == [patient.pk]


def test_who_was_never_seen_waits_for_nothing(settings, tmp_path):
    PatientFactory.create()
    own_rules(settings, tmp_path)
    assert Lookout().look() == 0


def test_rules_that_cannot_be_read_queue_nobody_until_they_can(patient, settings, tmp_path, caplog):
    lookout = Lookout()
    settings.ACQUISITION_RULES = str(tmp_path / "gone.json")
    assert [lookout.look(), lookout.look()] == [0, 0]
    assert caplog.text.count("nobody is concluded again: The file of acquisition rules cannot be read") == 1
    own_rules(settings, tmp_path)
    assert lookout.look() == 1


def test_as_many_queries_for_many_patients(django_assert_num_queries, settings, tmp_path):
    many = [sharpened_patient(TeamFactory.create()) for _ in range(3)]
    own_rules(settings, tmp_path)
    with django_assert_num_queries(6):
        assert rearm_overtaken(in_force_now()) == 3
    assert waiting() == sorted(one.pk for one in many)
