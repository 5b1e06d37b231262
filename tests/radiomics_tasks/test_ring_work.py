"""Rings are taken once, again where the lesions around have changed, and never hide a lesion's own features."""

import json
from pathlib import Path
from typing import Any

import pytest

from patients.models import FeatureSnapshot
from patients.reads.timelines import patient_timeline
from patients.vocabulary import Organ, RunState, Step
from patients.words.regions import Region
from radiomics_tasks import outline_work, runs
from radiomics_tasks.errors import ChildFailure
from radiomics_tasks.extraction import build
from radiomics_tasks.extraction.profiles import profile_for
from radiomics_tasks.ring_work import rings_to_take
from radiomics_tasks.steps import extract
from tests.factories import BASELINE_ON, LesionFactory, PatientFactory, SegmentationFactory
from tests.patients.rows import scan_on
from tests.patients.writes.test_features import extracted, measured

pytestmark = pytest.mark.django_db(transaction=True)
OWN, RINGS = {Region.LESION}, {Region.RING_0_5, Region.RING_5_10}


@pytest.fixture(autouse=True)
def no_broker(monkeypatch, storage, settings):
    settings.HAS_RINGS = True
    monkeypatch.setattr("radiomics_tasks.hints.current_app.send_task", lambda *_, **__: None)


class Child:
    """The limited process, played: lesions first, then rings; it dies at the rings it cannot bear."""

    def __init__(self, fatal=()) -> None:
        self.fatal = set(fatal)
        self.jobs: list[tuple[list[int], list[int]]] = []

    def __call__(self, job, _limits, _beat) -> dict[str, Any]:
        self.jobs.append(([one["pk"] for one in job["outlines"]], [one["pk"] for one in job["rings"]]))
        out, made = (
            Path(job["out"]),
            {"build_digest": build.build_of(build.OWN).digest, "profile_digest": profile_for("CT").digest},
        )
        for pk in self.jobs[-1][0]:
            told = {"pk": pk, "measurement": measured(), "snapshot": extracted(**made)}
            (out / f"outline-{pk}.json").write_text(json.dumps(told))
        for ring in job["rings"]:
            if ring["pk"] in self.fatal:
                raise ChildFailure("E_EXTRACT_MEMORY", "Too large.")
            taken = extracted(**made, provenance={"ring": {"context": ring["context"]}})
            told = {"pk": ring["pk"], "rings": {region.value: taken for region in RINGS}}
            (out / f"rings-{ring['pk']}.json").write_text(json.dumps(told))
        return {}


@pytest.fixture
def outlines():
    patient = PatientFactory.create()
    scan = scan_on(patient, BASELINE_ON)
    lesions = [LesionFactory.create(patient=patient, organ=Organ.LIVER) for _ in range(2)]
    return [SegmentationFactory.create(scan=scan, lesion=lesion) for lesion in lesions]


def run_of(outlines, monkeypatch, child):
    monkeypatch.setattr(outline_work, "run_child", child)
    run = runs.arm(Step.EXTRACT, outlines[0].scan_id)
    extract.extract_features(run.pk)
    run.refresh_from_db()
    return run


def regions(outline) -> set[str]:
    return set(outline.snapshots.values_list("region", flat=True))


def test_rings_come_after_all_lesions_and_stand_beside_their_features(outlines, monkeypatch):
    child = Child()
    run = run_of(outlines, monkeypatch, child)
    pks = [row.pk for row in outlines]
    assert (run.state, child.jobs) == (RunState.DONE, [(pks, pks)])
    assert [regions(row) for row in outlines] == [OWN | RINGS] * 2
    track = patient_timeline(outlines[0].scan.patient_id).tracks[0]
    (seen,) = track.observations
    assert {region for region, _ in seen.rings} == RINGS
    assert seen.features.snapshot_pk not in {features.snapshot_pk for _, features in seen.rings}


def test_they_are_not_taken_twice_nor_where_they_are_not_wanted(outlines, monkeypatch, settings):
    run_of(outlines, monkeypatch, Child())
    again = Child()
    run_of(outlines, monkeypatch, again)
    assert again.jobs == []
    settings.HAS_RINGS = False
    FeatureSnapshot.objects.filter(region__in=RINGS).delete()
    run_of(outlines, monkeypatch, again)
    assert again.jobs == []


def test_another_lesion_on_the_scan_replaces_the_rings_of_the_others(outlines, monkeypatch):
    run_of(outlines, monkeypatch, Child())
    before = set(FeatureSnapshot.objects.filter(region__in=RINGS).values_list("pk", flat=True))
    own = set(FeatureSnapshot.objects.filter(region=Region.LESION).values_list("pk", flat=True))
    scan = outlines[0].scan
    new = SegmentationFactory.create(scan=scan, lesion=LesionFactory.create(patient=scan.patient), mask_digest="f" * 64)
    child = Child()
    run_of(outlines, monkeypatch, child)
    assert child.jobs == [([new.pk], [*(row.pk for row in outlines), new.pk])]
    assert not FeatureSnapshot.objects.filter(pk__in=before).exists()
    assert FeatureSnapshot.objects.filter(pk__in=own).count() == 2
    assert FeatureSnapshot.objects.filter(region__in=RINGS).count() == 6


def test_another_tissue_around_the_lesion_is_another_ring(outlines, monkeypatch):
    run_of(outlines, monkeypatch, Child())
    lesion, profile = outlines[0].lesion, profile_for("CT")
    for organ, wanted in ((Organ.KIDNEY, []), (Organ.LUNG, [outlines[0].pk])):
        lesion.organ = organ
        lesion.save()
        assert [work.outline.pk for work in rings_to_take(outlines[0].scan, profile)] == wanted


def test_a_ring_that_kills_the_child_hides_nothing_else(outlines, monkeypatch):
    first, second = outlines
    child = Child(fatal=[first.pk])
    run = run_of(outlines, monkeypatch, child)
    assert run.state == RunState.DONE
    assert child.jobs[1:] == [([], [second.pk])]
    assert (regions(first), regions(second)) == (OWN, OWN | RINGS)


def test_outlines_that_wait_for_a_lesion_neither_have_rings_nor_take_from_them(outlines, monkeypatch):
    run_of(outlines, monkeypatch, Child())
    SegmentationFactory.create(scan=outlines[0].scan, lesion=None, roi_name="other", mask_digest="e" * 64)
    assert rings_to_take(outlines[0].scan, profile_for("CT")) == []
