"""A site's lesions say how features follow volume; a conclusion stands on it, and nobody is asked twice."""

import math

import pytest

from patients.models import Lesion, LesionPair, VolumeSlopeTable
from patients.reads.trusting.volume_changes import last_changes, volume_of_feature
from patients.vocabulary import RunState, Step
from radiomics_tasks import runs
from radiomics_tasks.footing import standing_grounds
from radiomics_tasks.models import ProcessingRun
from radiomics_tasks.steps.gather_noise import gather_noise
from radiomics_tasks.steps.reassess import reassess_patient
from radiomics_tasks.volume_cohort import site_slopes
from tests.patients.rows import followed

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = ("original_glszm_LargeAreaEmphasis", "original_firstorder_Mean", "original_glcm_JointEntropy")
SERIES = [(20.0, 20.0, 20.0 + 0.4 * (place + 1)) for place in range(31)]


@pytest.fixture(autouse=True)
def no_broker(monkeypatch):
    monkeypatch.setattr("radiomics_tasks.hints.current_app.send_task", lambda *_, **__: None)


def worked(step: Step, subject_pk: int) -> None:
    run = runs.arm(step, subject_pk)
    (reassess_patient if step is Step.REASSESS else gather_noise)(run.pk)
    run.refresh_from_db()
    assert (run.state, run.reason) == (RunState.DONE, "")


def cohort(count: int, *, is_synthetic: bool = False) -> list[int]:
    """Patients of one lesion each, which grows at its last visit; features but the last are its diameter, scaled."""
    patients = [followed(series, names=NAMES, is_synthetic=is_synthetic) for series in SERIES[:count]]
    for patient in patients:
        worked(Step.REASSESS, patient.pk)
    return [patient.pk for patient in patients]


def waiting(step: Step) -> int:
    return ProcessingRun.objects.filter(step=step, state=RunState.QUEUED).count()


def test_thirty_lesions_give_a_slope_and_patients_are_concluded_on_it():
    pks = cohort(31)
    assert waiting(Step.NOISE) == 1
    worked(Step.NOISE, runs.THE_SITE)
    row = VolumeSlopeTable.objects.get(is_synthetic=False)
    assert (row.follows_volume, row.lesions) == ([True, False, False], [31, 31, 0])
    # Volume is the cube of the diameter.
    assert row.slope[0] == pytest.approx(1 / 3)
    assert row.spearman == [pytest.approx(1.0), pytest.approx(1.0), None]
    assert standing_grounds(pks[0]).slopes[row.feature_set_id].slope[0] == row.slope[0]
    assert math.isnan(site_slopes()[row.feature_set_id].slope[2])
    assert waiting(Step.REASSESS) == len(pks)


def test_concluding_on_the_slopes_asks_for_no_more_of_them():
    pks = cohort(30)
    worked(Step.NOISE, runs.THE_SITE)
    made_at = VolumeSlopeTable.objects.get(is_synthetic=False).made_at
    for pk in pks:
        worked(Step.REASSESS, pk)
    assert (waiting(Step.NOISE), waiting(Step.REASSESS)) == (0, 0)
    worked(Step.NOISE, runs.THE_SITE)
    assert (waiting(Step.REASSESS), VolumeSlopeTable.objects.get(is_synthetic=False).made_at) == (0, made_at)


def test_few_lesions_give_a_correlation_alone_and_fewer_none():
    cohort(2)
    worked(Step.NOISE, runs.THE_SITE)
    row = VolumeSlopeTable.objects.get(is_synthetic=False)
    assert (row.slope, row.spearman, row.lesions) == ([None] * 3, [None] * 3, [2, 2, 0])
    lesion = Lesion.objects.first().pk
    told = volume_of_feature(lesion, row.feature_set_id, NAMES[0])
    assert told.words == "moves with volume; too few lesions here to say how much"
    patient = followed(SERIES[5], names=NAMES)
    worked(Step.REASSESS, patient.pk)
    worked(Step.NOISE, runs.THE_SITE)
    assert volume_of_feature(lesion, row.feature_set_id, NAMES[0]).words == "follows volume: ρ = 1.00 over 3 lesions"
    assert volume_of_feature(lesion, row.feature_set_id, NAMES[1]) is None
    assert standing_grounds(patient.pk).slopes == {}


def test_a_lesion_counts_at_its_last_visit_that_may_be_compared():
    cohort(3)
    lesion = LesionPair.objects.order_by("lesion_id").first().lesion_id
    pairs = LesionPair.objects.filter(lesion=lesion, reference="BASELINE")
    pairs.filter(pk=pairs.latest("timepoint_id").pk).update(level="BLOCK_TEXTURE")
    (changes,) = last_changes().values()
    at = {change.lesion_pk: change.now_ml / change.then_ml for change in changes}
    assert (len(at), at.pop(lesion)) == (3, 1.0)
    assert all(ratio > 1 for ratio in at.values())
    pairs.update(level="BLOCK")
    worked(Step.NOISE, runs.THE_SITE)
    assert VolumeSlopeTable.objects.get(is_synthetic=False).lesions == [2, 2, 0]


@pytest.mark.parametrize("is_synthetic", [False, True])
def test_made_up_patients_and_all_others_never_give_each_other_a_slope(is_synthetic):
    """Thirty of one kind beside two of the other: the two have their own table and no slope."""
    worked(Step.NOISE, runs.THE_SITE)  # published bands wake everybody, once
    many, few = cohort(30, is_synthetic=is_synthetic), cohort(2, is_synthetic=not is_synthetic)
    worked(Step.NOISE, runs.THE_SITE)
    tables = {row.is_synthetic: row for row in VolumeSlopeTable.objects.all()}
    assert (tables[is_synthetic].lesions[0], tables[not is_synthetic].lesions[0]) == (30, 2)
    feature_set = tables[is_synthetic].feature_set_id
    assert standing_grounds(many[0]).slopes[feature_set].slope[0] == pytest.approx(1 / 3)
    assert standing_grounds(few[0]).slopes == {}
    told = [volume_of_feature(Lesion.objects.get(patient=pk).pk, feature_set, NAMES[0]) for pk in (many[0], few[0])]
    assert [one.lesions for one in told] == [30, 2]
    woken = ProcessingRun.objects.filter(step=Step.REASSESS, state=RunState.QUEUED)
    assert set(woken.values_list("subject_pk", flat=True)) == set(many)
