"""Repeats are stored outline by outline under the lease, once, and a crash costs the outline it was at."""

import json
from pathlib import Path
from typing import Any

import pytest

from patients.models import RepeatedExtraction
from patients.vocabulary import RunState, Step
from radiomics_tasks import hints, outline_work, runs
from radiomics_tasks.errors import ChildFailure
from radiomics_tasks.extraction.build import OWN, build_of
from radiomics_tasks.extraction.perturb.spec import PerturbationSpec
from radiomics_tasks.extraction.profiles import profile_for
from radiomics_tasks.models import ProcessingRun
from radiomics_tasks.steps import extract, perturb
from tests.factories import BASELINE_ON, LesionFactory, MeasurementFactory, PatientFactory, SegmentationFactory
from tests.patients.rows import scan_on
from tests.standing import let_stand

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = ["original_firstorder_Mean", "original_glcm_Contrast"]


@pytest.fixture(autouse=True)
def no_broker(monkeypatch, storage, settings):
    settings.PERTURBATIONS = 3
    monkeypatch.setattr("radiomics_tasks.hints.current_app.send_task", lambda *_, **__: None)


def repeated(spec: PerturbationSpec) -> dict[str, Any]:
    return {
        "profile": "ct",
        "profile_digest": profile_for("CT").digest,
        "names": NAMES,
        "build_digest": build_of(OWN).digest,
        "spec": spec.as_dict(),
        "spec_digest": spec.digest,
        "seed": "5" * 64,
        "values": [[40.0 + n, None if n == 1 else -0.0] for n in range(spec.repeats)],
        "sizes": [{"volume_ml": 1.0}] * spec.repeats,
        "noise": {"deviation": 9.0},
    }


class Child:
    """The limited process, played: it dies at the outlines it cannot bear."""

    def __init__(self, fatal=(), refused=()) -> None:
        self.fatal, self.refused = set(fatal), set(refused)
        self.jobs: list[list[int]] = []
        self.stored: list[int] = []

    def __call__(self, job, _limits, beat) -> dict[str, Any]:
        self.jobs.append([outline["pk"] for outline in job["outlines"]])
        for pk in self.jobs[-1]:
            if pk in self.fatal:
                raise ChildFailure("E_EXTRACT_CRASH", "Measurement broke down.")
            told: dict[str, Any] = {"pk": pk, "repeated": repeated(PerturbationSpec.from_dict(job["spec"]))}
            if pk in self.refused:
                told = {"pk": pk, "refusal": {"code": "E_NONFINITE", "sentence": "Not numbers."}}
            (Path(job["out"]) / f"repeats-{pk}.json").write_text(json.dumps(told))
            beat()
            self.stored.append(RepeatedExtraction.objects.count())
        return {}


@pytest.fixture
def outlines():
    patient = PatientFactory.create()
    scan = scan_on(patient, BASELINE_ON)
    rows = [SegmentationFactory.create(scan=scan, lesion=LesionFactory.create(patient=patient)) for _ in range(3)]
    for row in rows:
        MeasurementFactory.create(segmentation=row)
    SegmentationFactory.create(scan=scan, lesion=None)
    return rows


def run_of(outlines, monkeypatch, child) -> ProcessingRun:
    monkeypatch.setattr(perturb, "run_child", child)
    run = runs.arm(Step.PERTURB, outlines[0].scan_id)
    perturb.perturb_outlines(run.pk)
    run.refresh_from_db()
    return run


def test_linked_outlines_are_repeated_once_and_each_is_kept_as_soon_as_it_is_done(outlines, monkeypatch, storage):
    child = Child()
    run = run_of(outlines, monkeypatch, child)
    assert (run.state, run.progress_done, run.progress_total) == (RunState.DONE, 3, 3)
    assert (child.jobs, child.stored) == ([[row.pk for row in outlines]], [1, 2, 3])
    again = Child()
    assert run_of(outlines, monkeypatch, again).state == RunState.DONE
    assert again.jobs == []
    assert list((storage.root / "staging").iterdir()) == []


def test_the_array_stands_row_by_row_to_the_bit(outlines, monkeypatch):
    run_of(outlines, monkeypatch, Child())
    row = RepeatedExtraction.objects.first()
    assert [repr(value) for value in row.values] == ["40.0", "-0.0", "41.0", "None", "42.0", "-0.0"]
    assert (row.repeats, row.feature_set.names, row.facts) == (3, NAMES, {"noise": {"deviation": 9.0}})


def test_an_outline_that_kills_the_child_costs_itself_only_and_is_tried_again(outlines, monkeypatch):
    first, second, third = (row.pk for row in outlines)
    child = Child(fatal=[second])
    run = run_of(outlines, monkeypatch, child)
    assert child.jobs == [[first, second, third], [third]]
    assert set(RepeatedExtraction.objects.values_list("segmentation", flat=True)) == {first, third}
    assert (run.state, run.reason_code) == (RunState.RETRY_WAIT, "E_EXTRACT_CRASH")


def test_a_refused_outline_is_left_out(outlines, monkeypatch):
    run = run_of(outlines, monkeypatch, Child(refused=[outlines[0].pk]))
    assert (run.state, RepeatedExtraction.objects.count()) == (RunState.DONE, 2)


def test_a_worker_that_was_taken_over_stores_nothing_more(outlines, monkeypatch):
    class TakenOver(Child):
        def __call__(self, job, limits, beat) -> dict[str, Any]:
            let_stand(ProcessingRun.objects.all(), lease_token="0f8fad5b-d9cb-469f-a165-70867728950e")
            return super().__call__(job, limits, beat)

    run = run_of(outlines, monkeypatch, TakenOver())
    assert (run.state, RepeatedExtraction.objects.count()) == (RunState.RUNNING, 0)


@pytest.mark.parametrize("wanted", [0, 3])
def test_it_is_armed_by_a_finished_extraction_where_it_is_wanted(outlines, monkeypatch, settings, wanted):
    settings.PERTURBATIONS = wanted
    monkeypatch.setattr(outline_work, "run_child", lambda *_: {})
    extract.extract_features(runs.arm(Step.EXTRACT, outlines[0].scan_id).pk)
    armed = ProcessingRun.objects.filter(step=Step.PERTURB, subject_pk=outlines[0].scan_id)
    assert armed.count() == (1 if wanted else 0)


def test_it_is_the_last_that_a_worker_takes():
    assert hints.PRIORITIES[Step.PERTURB] == max(hints.PRIORITIES.values())


def test_new_repeats_let_the_noise_of_the_site_be_gathered_again(outlines, monkeypatch):
    run_of(outlines, monkeypatch, Child())
    gathering = ProcessingRun.objects.get(step=Step.NOISE)
    assert (gathering.subject_pk, gathering.state) == (runs.THE_SITE, RunState.QUEUED)
