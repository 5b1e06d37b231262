"""What the step makes of a child's results: kept, told apart from crashes, never half written."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from patients.models import FeatureSnapshot, Measurement, Segmentation
from patients.planned import Wanted
from patients.vocabulary import RunState, Step
from patients.words.identity_words import MoveKind
from patients.writes.identity.moving import put_under
from radiomics_tasks import outline_work, runs
from radiomics_tasks.concluding import conclude_moved
from radiomics_tasks.errors import ChildFailure
from radiomics_tasks.extraction.build import OWN, build_of
from radiomics_tasks.extraction.profiles import profile_for
from radiomics_tasks.models import ProcessingRun
from radiomics_tasks.steps import extract
from tests.factories import BASELINE_ON, LesionFactory, PatientFactory, SegmentationFactory, UserFactory
from tests.patients.rows import scan_on
from tests.patients.writes.test_features import extracted, measured
from tests.standing import let_stand

pytestmark = pytest.mark.django_db(transaction=True)

CRASH = ChildFailure("E_EXTRACT_CRASH", "Measurement broke down. Nothing was changed.")


@pytest.fixture(autouse=True)
def no_broker(monkeypatch, storage):
    monkeypatch.setattr("radiomics_tasks.hints.current_app.send_task", lambda *_, **__: None)


class Child:
    """The limited process, played: it writes what it is told for each outline, and dies at those it cannot bear."""

    def __init__(self, fatal=(), refused=()) -> None:
        self.fatal, self.refused = set(fatal), set(refused)
        self.jobs: list[list[int]] = []

    def __call__(self, job, _limits, beat) -> dict[str, Any]:
        self.jobs.append([outline["pk"] for outline in job["outlines"]])
        for outline in job["outlines"]:
            if outline["pk"] in self.fatal:
                raise CRASH
            self.write(Path(job["out"]), outline["pk"])
            beat()
        return {}

    def write(self, out: Path, pk: int) -> None:
        result = {"pk": pk, "measurement": measured()}
        if pk in self.refused:
            result["refusal"] = {"code": "E_MASK_EMPTY", "sentence": "The mask marks nothing."}
        else:
            made = {"build_digest": build_of(OWN).digest, "profile_digest": profile_for("CT").digest}
            result["snapshot"] = extracted(**made)
        (out / f"outline-{pk}.json").write_text(json.dumps(result))


@pytest.fixture
def outlines() -> list[Segmentation]:
    patient = PatientFactory.create()
    scan = scan_on(patient, BASELINE_ON)
    return [SegmentationFactory.create(scan=scan, lesion=LesionFactory.create(patient=patient)) for _ in range(3)]


def run_of(outlines, monkeypatch, child: Child) -> ProcessingRun:
    monkeypatch.setattr(outline_work, "run_child", child)
    run = runs.arm(Step.EXTRACT, outlines[0].scan_id)
    extract.extract_features(run.pk)
    run.refresh_from_db()
    return run


def test_all_outlines_of_a_scan_go_into_one_child_and_the_patient_is_concluded_next(outlines, monkeypatch, storage):
    child = Child()
    run = run_of(outlines, monkeypatch, child)
    assert child.jobs == [[row.pk for row in outlines]]
    assert (run.state, run.progress_done, run.progress_total) == (RunState.DONE, 3, 3)
    assert (Measurement.objects.count(), FeatureSnapshot.objects.count()) == (3, 3)
    assert ProcessingRun.objects.filter(step=Step.REASSESS, subject_pk=outlines[0].scan.patient_id).exists()
    assert list((storage.root / "staging").iterdir()) == []


def test_what_is_there_is_not_computed_again(outlines, monkeypatch):
    run_of(outlines, monkeypatch, Child())
    child = Child()
    assert run_of(outlines, monkeypatch, child).state == RunState.DONE
    assert child.jobs == []


def test_an_outline_that_kills_the_child_hides_no_other_and_is_tried_again(outlines, monkeypatch):
    first, second, third = (row.pk for row in outlines)
    child = Child(fatal=[second])
    run = run_of(outlines, monkeypatch, child)
    assert child.jobs == [[first, second, third], [second], [third]]
    assert set(FeatureSnapshot.objects.values_list("segmentation", flat=True)) == {first, third}
    assert (run.state, run.reason_code) == (RunState.RETRY_WAIT, "E_EXTRACT_CRASH")
    assert Segmentation.objects.get(pk=second).failure["code"] == "E_EXTRACT_CRASH"


def test_what_succeeds_at_the_second_attempt_is_no_longer_a_failure(outlines, monkeypatch):
    second = outlines[1].pk
    run = run_of(outlines, monkeypatch, Child(fatal=[second]))
    child = Child()
    monkeypatch.setattr(outline_work, "run_child", child)
    extract.extract_features(run.pk)
    assert child.jobs == [[second]]
    assert Segmentation.objects.get(pk=second).failure == {}
    assert FeatureSnapshot.objects.count() == 3


def test_a_single_outline_that_kills_the_child_is_tried_once_an_attempt(outlines, monkeypatch, settings):
    settings.MAX_ATTEMPTS = 1
    Segmentation.objects.exclude(pk=outlines[0].pk).delete()
    child = Child(fatal=[outlines[0].pk])
    run = run_of(outlines, monkeypatch, child)
    assert child.jobs == [[outlines[0].pk]]
    assert (run.state, run.reason) == (RunState.FAILED, CRASH.sentence)


def test_a_refusal_keeps_its_size_and_is_not_tried_again(outlines, monkeypatch):
    run = run_of(outlines, monkeypatch, Child(refused=[outlines[0].pk]))
    row = Segmentation.objects.get(pk=outlines[0].pk)
    assert (run.state, row.failure["code"]) == (RunState.DONE, "E_MASK_EMPTY")
    assert (row.measurement.longest_diameter_mm, row.snapshots.count()) == (31.4, 0)


def test_a_worker_that_was_taken_over_stores_nothing(outlines, monkeypatch):
    class TakenOver(Child):
        def __call__(self, job, limits, _beat) -> dict[str, Any]:
            super().__call__(job, limits, lambda: None)
            let_stand(ProcessingRun.objects.all(), lease_token="0f8fad5b-d9cb-469f-a165-70867728950e")
            return {}

    run = run_of(outlines, monkeypatch, TakenOver())
    assert (run.state, FeatureSnapshot.objects.count(), Measurement.objects.count()) == (RunState.RUNNING, 0, 0)


def test_an_outline_meets_its_lesion_by_name_and_place_before_it_is_measured(monkeypatch):
    lesion = LesionFactory.create()
    SegmentationFactory.create(scan=scan_on(lesion.patient, BASELINE_ON), lesion=lesion, roi_name="GTV")
    scan = scan_on(lesion.patient, BASELINE_ON + timedelta(56))
    fits = SegmentationFactory.create(scan=scan, lesion=None, roi_name="gtv")
    strange = SegmentationFactory.create(scan=scan, lesion=None, roi_name="other")
    run_of([fits], monkeypatch, Child())
    fits.refresh_from_db()
    strange.refresh_from_db()
    assert fits.lesion == lesion
    assert (strange.lesion, "which lesion is this?" in strange.linked_why) == (None, True)


def test_of_two_outlines_filed_together_the_second_does_not_supersede_the_first_by_its_name(monkeypatch):
    lesion = LesionFactory.create()
    SegmentationFactory.create(scan=scan_on(lesion.patient, BASELINE_ON), lesion=lesion, roi_name="GTV")
    scan = scan_on(lesion.patient, BASELINE_ON + timedelta(56))
    linked = SegmentationFactory.create(scan=scan, lesion=lesion, roi_name="segment")
    named = SegmentationFactory.create(scan=scan, lesion=None, roi_name="GTV", created_at=linked.created_at)
    newer = SegmentationFactory.create(scan=scan, lesion=None, roi_name="another")
    run_of([linked], monkeypatch, Child())
    for row in (linked, named):
        row.refresh_from_db()
    assert (linked.superseded_at, named.lesion, newer.lesion) == (None, None, None)
    assert "which is which?" in named.linked_why


def test_a_newer_outline_supersedes_by_name_and_place(monkeypatch):
    lesion = LesionFactory.create()
    scan = scan_on(lesion.patient, BASELINE_ON)
    older = SegmentationFactory.create(scan=scan, lesion=lesion, roi_name="GTV")
    newer = SegmentationFactory.create(scan=scan, lesion=None, roi_name="GTV")
    run_of([newer], monkeypatch, Child())
    older.refresh_from_db()
    newer.refresh_from_db()
    assert (older.superseded_by, newer.lesion) == (newer, lesion)


def test_put_under_another_patient_meanwhile_it_is_measured_again_there(outlines, monkeypatch):
    scan, other, steward = (
        outlines[0].scan,
        PatientFactory.create(team=outlines[0].scan.patient.team),
        UserFactory.create(),
    )
    said = Wanted(MoveKind.REASSIGN, scan.patient, other, "", (scan.pk,))

    class Moved(Child):
        def __call__(self, job, limits, beat):
            answer = super().__call__(job, limits, beat)
            conclude_moved(put_under(said, steward, "The names were read out.", 14))
            return answer

    run = runs.arm(Step.EXTRACT, scan.pk)
    monkeypatch.setattr(outline_work, "run_child", Moved())
    extract.extract_features(run.pk)
    run.refresh_from_db()
    assert run.state == RunState.QUEUED and not Measurement.objects.exists(), (
        "nothing was stored for the former patient"
    )
    monkeypatch.setattr(outline_work, "run_child", Child())
    extract.extract_features(run.pk)
    run.refresh_from_db()
    assert run.state == RunState.DONE and Measurement.objects.count() == len(outlines)
    assert {row.lesion.patient for row in Segmentation.objects.exclude(lesion=None).select_related("lesion")} == {other}
    assert ProcessingRun.objects.filter(step=Step.REASSESS, subject_pk=other.pk).exists()
