"""A further profile is extracted beside the one that is followed, and nothing that people read is made of it."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from patients.models import FeatureDelta, FeatureSnapshot, Segmentation
from patients.reads.scans.outlines import feature_names_of_lesion, feature_names_of_patient, provenance_of_lesion
from patients.reads.tables.exports import COLUMNS, tidy_rows
from patients.reads.timelines import patient_timeline
from patients.reads.trusting.numbers import snapshot_with
from patients.vocabulary import RunState, Step
from patients.writes.features import store_extra
from patients.writes.findings import replace_findings
from radiomics_tasks import hints, outline_work, runs
from radiomics_tasks.analysis.conclude import conclude
from radiomics_tasks.extraction.build import OWN, build_of
from radiomics_tasks.extraction.profiles import profile_named
from radiomics_tasks.invariants import of_numbers
from radiomics_tasks.models import ProcessingRun
from radiomics_tasks.steps import extract
from radiomics_tasks.steps.extract_full import extract_full
from tests.patients.rows import followed
from tests.patients.writes.test_features import extracted, measured

pytestmark = pytest.mark.django_db(transaction=True)

FULL = profile_named("ct-full")
FILTERED = "wavelet-LLH_firstorder_Mean"
SHARED = "original_firstorder_Mean"


@pytest.fixture(autouse=True)
def no_broker(monkeypatch, storage):
    monkeypatch.setattr("radiomics_tasks.hints.current_app.send_task", lambda *_, **__: None)


def full(value: float = 7.0) -> dict[str, Any]:
    made = {"build_digest": build_of(OWN).digest, "profile": FULL.name, "profile_digest": FULL.digest}
    return extracted(
        **made,
        names=[SHARED, FILTERED],
        values=[value, None],
        reasons=[None, "NOT_COMPUTED"],
        provenance={"conformance": "ibsi"},
    )


class Child:
    """The limited process, played."""

    def __init__(self) -> None:
        self.jobs: list[dict[str, Any]] = []

    def __call__(self, job, _limits, beat) -> dict[str, Any]:
        self.jobs.append(job)
        for outline in job["outlines"]:
            told = {"pk": outline["pk"], "measurement": measured(), "snapshot": full()}
            (Path(job["out"]) / f"outline-{outline['pk']}.json").write_text(json.dumps(told))
            beat()
        return {}


@pytest.fixture
def child(monkeypatch) -> Child:
    played = Child()
    monkeypatch.setattr(outline_work, "run_child", played)
    return played


@pytest.fixture
def patient():
    return followed([30.0, 20.0], [12.0, 15.0])


def run_of(scan_pk: int) -> ProcessingRun:
    run = runs.arm(Step.FULL, scan_pk, FULL.name)
    extract_full(run.pk)
    run.refresh_from_db()
    return run


def test_every_measured_outline_is_taken_once_and_nobody_is_concluded_again(patient, child, settings):
    settings.EXTRACT_THREADS = 2
    scan = patient.scans.first()
    run = run_of(scan.pk)
    assert (run.state, run.progress_done, run.progress_total) == (RunState.DONE, 2, 2)
    assert [(job["profile"], job["threads"], job["rings"]) for job in child.jobs] == [("ct-full", 2, [])]
    taken = FeatureSnapshot.objects.filter(feature_set__is_extra=True)
    assert set(taken.values_list("segmentation", flat=True)) == set(scan.segmentations.values_list("pk", flat=True))
    assert not ProcessingRun.objects.filter(step=Step.REASSESS).exists()
    assert run_of(scan.pk).state == RunState.DONE
    assert len(child.jobs) == 1


def test_what_people_read_and_every_change_stays_with_the_profile_that_is_followed(patient, child):
    replace_findings(conclude(patient_timeline(patient.pk)))
    before = patient_timeline(patient.pk), sorted(FeatureDelta.objects.values_list("snapshot", "feature_set"))
    names = feature_names_of_patient(patient.pk)
    for scan in patient.scans.all():
        run_of(scan.pk)
    replace_findings(conclude(patient_timeline(patient.pk)))
    after = patient_timeline(patient.pk), sorted(FeatureDelta.objects.values_list("snapshot", "feature_set"))
    assert FeatureSnapshot.objects.filter(feature_set__is_extra=True).count() == 4
    assert before == after
    assert FILTERED not in names == feature_names_of_patient(patient.pk)
    lesion = patient.lesions.first()
    assert FILTERED not in feature_names_of_lesion(lesion.pk)
    assert {row.feature_set.profile for row in provenance_of_lesion(lesion.pk).values()} == {"ct"}


def test_a_card_of_a_shared_name_shows_the_followed_value_and_of_a_filtered_one_the_further(patient, child):
    outline = Segmentation.objects.filter(scan__patient=patient).first()
    run_of(outline.scan_id)
    for name, profile in ((SHARED, "ct"), ("", "ct"), (FILTERED, "ct-full")):
        found = snapshot_with(outline.pk, name)
        assert found is not None
        assert found.feature_set.profile == profile


def exported(patient, profile: str) -> list[dict[str, Any]]:
    return [dict(zip(COLUMNS, row, strict=True)) for row in tidy_rows([patient.pk], profile)]


def test_it_is_exported_by_its_name_and_never_beside_the_other(patient, child):
    run_of(patient.scans.first().pk)
    plain, further = exported(patient, ""), exported(patient, "ct-full")
    assert {row["profile"] for row in plain} == {"", "ct"}
    assert {row["profile"] for row in further} == {"", "ct-full"}
    assert [row["value"] for row in further if row["feature"] == SHARED] == [7.0, 7.0]
    assert {row["conformance"] for row in further if row["feature"] == SHARED} == {"ibsi"}
    assert {row["profile_digest"] for row in further if row["feature"] == FILTERED} == {FULL.digest}
    assert exported(patient, "ct") == [row for row in further if not row["profile"]]


def test_a_site_may_have_it_of_every_scan_after_everything_else(patient, child, settings):
    settings.HAS_FULL_PROFILES = True
    scan = patient.scans.first()
    extract.extract_features(runs.arm(Step.EXTRACT, scan.pk).pk)
    assert ProcessingRun.objects.filter(step=Step.FULL, subject_pk=scan.pk, input_key="ct-full").exists()
    assert hints.PRIORITIES[Step.FULL] == max(hints.PRIORITIES.values())


def test_the_command_asks_for_what_is_left(patient, child):
    run_of(patient.scans.first().pk)
    call_command("extract_full", patient.pseudonym, no_wait=True)
    waiting = ProcessingRun.objects.filter(step=Step.FULL, state=RunState.QUEUED)
    assert list(waiting.values_list("subject_pk", "input_key")) == [(patient.scans.last().pk, "ct-full")]


def test_a_profile_that_is_followed_is_never_stored_as_a_further_one(patient):
    outline = Segmentation.objects.filter(scan__patient=patient).first()
    followed_set = outline.snapshots.get().feature_set
    same = extracted(profile_digest=followed_set.profile_digest, names=followed_set.names)
    with pytest.raises(ValueError, match="followed"):
        store_extra(outline, same)


def test_a_further_snapshot_does_not_make_up_for_the_missing_one(patient, child):
    outline = Segmentation.objects.filter(scan__patient=patient).first()
    extract.extract_features(runs.arm(Step.EXTRACT, outline.scan_id).pk)
    run_of(outline.scan_id)
    whole = next(one for one in of_numbers.OF_NUMBERS if one.code == "I3")
    ProcessingRun.objects.update(started_at="2090-01-01T00:00Z")
    assert list(whole.broken(None)) == []
    outline.snapshots.filter(feature_set__is_extra=False).delete()
    assert len(list(whole.broken(None))) == 1
