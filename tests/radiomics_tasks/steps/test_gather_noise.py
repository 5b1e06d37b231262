"""The site's noise is gathered from same-day pairs and perturbed outlines, and patients are concluded again with it."""

import math

import pytest

from patients.models import FeatureSet, NoiseTable, Patient, RepeatedExtraction, RetestPair, Scan, Segmentation
from patients.vocabulary import RunState, Step
from patients.words.noise_words import NoiseSource, SizeClass
from radiomics_tasks import runs
from radiomics_tasks.analysis.change.noise.repeatability import MDC_FACTOR
from radiomics_tasks.analysis.trust.retests import ANOTHER_PAIR, ONE_ACQUISITION
from radiomics_tasks.footing import site_bands, standing_grounds
from radiomics_tasks.models import ProcessingRun
from radiomics_tasks.relay.reconcile import reconcile
from radiomics_tasks.steps.gather_noise import LONGEST_WAIT_SECONDS, gather_noise
from tests.factories import FEATURES, LesionFactory, PatientFactory
from tests.patients.rows import observed, scan_on

pytestmark = pytest.mark.django_db(transaction=True)
TAGS = {"RescaleSlope": 1.0, "RescaleIntercept": -1024.0, "ContrastBolusAgent": "no contrast"}


@pytest.fixture(autouse=True)
def no_broker(monkeypatch):
    monkeypatch.setattr("radiomics_tasks.hints.current_app.send_task", lambda *_, **__: None)


def facts(time: str, **tags) -> dict:
    return {"kind": "dicom", "acquisition": {**TAGS, "AcquisitionTime": time, **tags}}


def scanned(sizes=(20.0, 21.0), times=("090000", "130000"), *, is_synthetic=False, **tags) -> Patient:
    """A patient whose one lesion was outlined on a scan of each time of one day."""
    patient = PatientFactory.create(is_synthetic=is_synthetic)
    lesion = LesionFactory.create(patient=patient)
    for size, time in zip(sizes, times, strict=True):
        on = (Scan.objects.filter(patient=patient).first() or Scan(acquired_on="2024-01-08")).acquired_on
        observed(lesion, scan_on(patient, on, facts=facts(time, **tags)), size)
    return patient


def gathered() -> ProcessingRun:
    run = runs.arm(Step.NOISE, runs.THE_SITE)
    gather_noise(run.pk)
    run.refresh_from_db()
    assert (run.state, run.reason) == (RunState.DONE, "")
    return run


def test_a_pair_makes_the_bands_of_its_size_class():
    scanned()
    gathered()
    assert RetestPair.objects.get().why_not == ""
    table = NoiseTable.objects.get(source=NoiseSource.SITE_PAIRS, feature_set=None)
    within_sd = abs(math.log(21 / 20)) / math.sqrt(2)
    assert (table.size_class, table.lesions, table.patients, table.degrees) == ("10_35", [1, 1], [1, 1], [1, 1])
    assert table.within_sd == pytest.approx([3 * within_sd, within_sd])
    assert table.mdc == pytest.approx([MDC_FACTOR * 3 * within_sd, MDC_FACTOR * within_sd])
    features = NoiseTable.objects.get(source=NoiseSource.SITE_PAIRS, feature_set__isnull=False)
    assert (features.is_log, features.missing) == ([True, False, True], [None, None, "NOT_MEASURED"])
    band = next(band for key, band in site_bands().by_key.items() if key.feature == "original_firstorder_Mean")
    assert (band.source, band.key.size_class) == (NoiseSource.SITE_PAIRS, SizeClass.FROM_10)
    assert band.within_sd == pytest.approx(2 / 7 / math.sqrt(2))


def test_one_acquisition_reconstructed_twice_is_told_and_not_used():
    scanned(times=("090000", "090010"))
    gathered()
    assert RetestPair.objects.get().why_not == ONE_ACQUISITION
    assert not NoiseTable.objects.filter(source=NoiseSource.SITE_PAIRS).exists()


def test_of_three_scans_a_day_one_pair_counts():
    scanned(sizes=(20.0, 21.0, 20.5), times=("120000", "080000", "100000"))
    gathered()
    pairs = RetestPair.objects.order_by("why_not").values_list("why_not", "first__scan__facts__acquisition")
    assert next((why, told["AcquisitionTime"]) for why, told in pairs) == ("", "080000")
    assert [why for why, _ in pairs] == ["", ANOTHER_PAIR, ANOTHER_PAIR]


def test_patients_are_concluded_again_only_when_a_table_changed():
    patient = scanned()
    gathered()
    again = ProcessingRun.objects.filter(step=Step.REASSESS, subject_pk=patient.pk)
    assert again.get().state == RunState.QUEUED
    again.delete()
    before = list(NoiseTable.objects.values_list("pk", "made_at"))
    gathered()
    assert not again.exists()
    assert list(NoiseTable.objects.values_list("pk", "made_at")) == before


def test_an_outline_that_was_superseded_leaves_the_bands():
    scanned()
    gathered()
    first, second = Segmentation.objects.order_by("pk")
    Segmentation.objects.filter(pk=first.pk).update(superseded_by=second, superseded_at=second.created_at)
    gathered()
    assert not RetestPair.objects.exists()
    assert {row.source for row in NoiseTable.objects.all()} == {NoiseSource.PUBLISHED}


def repeated(outline: Segmentation, values: list[list[float | None]], **more) -> None:
    known = {"spec": {}, "spec_digest": "spec", "seed": "1", "build_digest": "build"} | more
    sizes = [{"volume_ml": 4.0 + at, "longest_diameter_mm": 20.0 + at, "short_axis_mm": 9.0} for at in range(3)]
    RepeatedExtraction.objects.create(
        segmentation=outline,
        feature_set=FeatureSet.objects.get(),
        repeats=3,
        values=[value for row in values for value in row],
        sizes=[*sizes[:2], None],
        **known,
    )


def test_perturbed_outlines_give_a_lower_bound_and_only_the_newest_way_counts():
    scanned(sizes=(20.0,), times=("090000",))
    outline = Segmentation.objects.get()
    repeated(outline, [[1.0, 100.0, 2.0]] * 3)
    repeated(outline, [[1.0, 10.0, None], [1.0, 12.0, None], [1.0, 14.0, 2.0]], spec_digest="newer")
    gathered()
    tables = NoiseTable.objects.filter(source=NoiseSource.PERTURBATION)
    features = tables.get(feature_set__isnull=False)
    assert (features.within_sd, features.degrees) == ([None, 2.0, None], [0, 2, 0])
    assert features.missing == ["NO_SPREAD", None, "NOT_MEASURED"]
    assert len(FEATURES) == len(features.is_log)
    assert tables.get(feature_set=None).degrees == [1, 1]
    assert not RetestPair.objects.exists()


def reassessed() -> set[int]:
    """Who is asked to be concluded again; nobody is, afterwards."""
    asked = ProcessingRun.objects.filter(step=Step.REASSESS, state=RunState.QUEUED)
    found = set(asked.values_list("subject_pk", flat=True))
    asked.delete()
    return found


def test_only_patients_with_lesions_of_a_size_whose_band_moved_are_concluded_again():
    small, large, once = scanned(sizes=(20.0, 21.0)), scanned(sizes=(60.0, 61.0)), scanned((22.0,), ("090000",))
    gathered()
    assert reassessed() == {small.pk, large.pk}
    other = scanned(sizes=(24.0, 26.0))
    gathered()
    assert reassessed() == {small.pk, other.pk}
    assert not {large.pk, once.pk} & reassessed()


def test_a_band_that_findings_do_not_read_wakes_nobody():
    scanned(sizes=(20.0, 21.0))
    outline = Segmentation.objects.order_by("pk")[0]
    gathered()
    assert reassessed()
    # Perturbation stands behind the site's own pairs: its table comes, and no band that is read is another.
    repeated(outline, [[1.0, 10.0, None], [1.1, 10.1, None], [1.2, 10.2, None]])
    gathered()
    assert NoiseTable.objects.filter(source=NoiseSource.PERTURBATION).exists()
    assert reassessed() == set()


def test_a_published_band_that_became_another_concludes_its_sizes_again():
    small, large = scanned(sizes=(20.0, 21.0)), scanned(sizes=(60.0, 61.0))
    gathered()
    reassessed()
    published = NoiseTable.objects.filter(source=NoiseSource.PUBLISHED, size_class=SizeClass.FROM_50)
    assert published.update(inputs_digest="of another release")
    gathered()
    assert reassessed() == {large.pk}
    assert small.pk != large.pk


@pytest.mark.parametrize("step", [Step.INGEST, Step.EXTRACT, Step.PERTURB])
def test_gathering_waits_for_scans_that_are_being_measured_and_then_wakes_once(step):
    patient = scanned()
    measuring = runs.arm(step, 7)
    run = runs.arm(Step.NOISE, runs.THE_SITE)
    armed_at = run.armed_at
    for _ in range(5):
        gather_noise(run.pk)
        runs.arm(Step.NOISE, runs.THE_SITE)
        run.refresh_from_db()
        assert (run.state, run.reason_code, run.attempt) == (RunState.QUEUED, runs.PUT_OFF, 0)
        assert run.armed_at == armed_at
    assert (reassessed(), NoiseTable.objects.count()) == (set(), 0)
    ProcessingRun.objects.filter(pk=measuring.pk).update(state=RunState.CANCELLED)
    gather_noise(run.pk)
    run.refresh_from_db()
    assert (run.state, run.reason, run.reason_code, reassessed()) == (RunState.DONE, "", "", {patient.pk})


def test_a_steady_stream_of_scans_is_not_waited_for():
    patient = scanned()
    runs.arm(Step.EXTRACT, 7)
    run = runs.arm(Step.NOISE, runs.THE_SITE)
    ProcessingRun.objects.filter(pk=run.pk).update(armed_at=runs.in_seconds(-LONGEST_WAIT_SECONDS - 1))
    gather_noise(run.pk)
    run.refresh_from_db()
    assert (run.state, reassessed()) == (RunState.DONE, {patient.pk})


def test_what_was_put_off_is_published_again_when_its_pause_is_over(monkeypatch):
    runs.arm(Step.EXTRACT, 7)
    run = runs.arm(Step.NOISE, runs.THE_SITE)
    gather_noise(run.pk)
    sent = []
    monkeypatch.setattr("radiomics_tasks.hints.current_app.send_task", lambda name, **_: sent.append(name))
    reconcile()
    assert Step.NOISE not in sent
    ProcessingRun.objects.filter(pk=run.pk).update(published_at=runs.in_seconds(-60))
    reconcile()
    assert Step.NOISE in sent


@pytest.mark.parametrize("is_synthetic", [False, True])
def test_made_up_patients_and_all_others_have_bands_of_their_own(is_synthetic):
    """Of each kind one pair and one perturbed outline; those of the one kind differ much more."""
    steady, noisy = scanned(is_synthetic=is_synthetic), scanned(sizes=(20.0, 26.0), is_synthetic=not is_synthetic)
    for patient, spread in ((steady, 1.0), (noisy, 9.0)):
        outline = Segmentation.objects.filter(scan__patient=patient).first()
        repeated(outline, [[1.0, 10.0 + spread * at, None] for at in range(3)], spec_digest=str(spread))
    gathered()
    within_sd = {True: abs(math.log(21 / 20)) / math.sqrt(2), False: abs(math.log(26 / 20)) / math.sqrt(2)}
    for patient, is_steady in ((steady, True), (noisy, False)):
        bands = standing_grounds(patient.pk).bands.by_key
        band = next(band for key, band in bands.items() if key.feature == "longest_diameter_mm")
        assert band.within_sd == pytest.approx(within_sd[is_steady])
        assert band.lesions == 1
    perturbed = NoiseTable.objects.filter(source=NoiseSource.PERTURBATION, feature_set__isnull=False)
    assert {row.is_synthetic: row.within_sd[1] for row in perturbed} == {is_synthetic: 1.0, not is_synthetic: 9.0}


def test_a_pair_of_the_one_kind_wakes_no_patient_of_the_other():
    real = scanned()
    gathered()
    ProcessingRun.objects.filter(step=Step.REASSESS).delete()
    before = list(NoiseTable.objects.filter(is_synthetic=False).order_by("pk").values_list("pk", "made_at"))
    made_up = scanned(is_synthetic=True)
    gathered()
    woken = ProcessingRun.objects.filter(step=Step.REASSESS)
    assert set(woken.values_list("subject_pk", flat=True)) == {made_up.pk} != {real.pk}
    assert list(NoiseTable.objects.filter(is_synthetic=False).order_by("pk").values_list("pk", "made_at")) == before
