"""Rows to one timeline: the same few queries for any patient, and part of the features equals the whole."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from patients.models import Patient, Segmentation
from patients.outlined import outlined_visits
from patients.reads.timelines import patient_timeline
from patients.vocabulary import Absence, LesionRole, Modality
from patients.words.reading_words import LocalTherapy, NewLesionKind, SizeState
from tests.factories import (
    BASELINE_ON,
    CourseHoldFactory,
    FeatureSnapshotFactory,
    LesionFactory,
    LesionTreatmentFactory,
    MeasurementFactory,
    PatientFactory,
    ScanFactory,
    SegmentationFactory,
    TimepointFactory,
    TreatmentCourseFactory,
    UserFactory,
    digest_of,
    followed_patient,
    signed_reading,
)
from tests.patients.rows import followed, many_names, observed, scan_on

pytestmark = pytest.mark.django_db

# Patient, adjudications, readings, snapshots, outlines, scans, holds, courses, visits elsewhere, treatments, lesions,
# labs, events.
QUERIES = 14
OF_READ_PATIENTS = QUERIES + 1  # what was said of lesions


@pytest.mark.parametrize("lesions, dates, features", [(1, 2, 107), (5, 8, 107), (1, 2, 1316), (5, 8, 1316)])
def test_the_number_of_queries_does_not_grow(team, django_assert_num_queries, lesions, dates, features):
    patient = followed_patient(team, lesions, dates, features)
    for names in (None, many_names(3)):
        with django_assert_num_queries(QUERIES):
            timeline = patient_timeline(patient.pk, names)
    assert (len(timeline.tracks), len(timeline.timepoints)) == (lesions, dates)
    assert len(timeline.tracks[0].observations) == dates


@pytest.mark.parametrize("lesions, dates", [(1, 2), (5, 8)])
def test_nor_with_readings_holds_and_treated_lesions(team, django_assert_num_queries, lesions, dates):
    patient = followed_patient(team, lesions, dates)
    tracked = list(patient.lesions.all())
    for timepoint in patient.timepoints.all():
        for _ in range(2):
            signed_reading(timepoint, UserFactory.create(), dict.fromkeys(tracked, SizeState.MEASURED))
        CourseHoldFactory.create(course=patient.courses.get(), started_on=BASELINE_ON + timedelta(timepoint.pk))
    for lesion in tracked:
        LesionTreatmentFactory.create(lesion=lesion)
    with django_assert_num_queries(OF_READ_PATIENTS):
        timeline = patient_timeline(patient.pk, ())
    assert (len(timeline.judgements), len(timeline.courses[0].holds)) == (2 * dates, dates)
    assert {len(judgement.lesions) for judgement in timeline.judgements} == {lesions}


def test_a_visit_that_was_measured_elsewhere_stands_in_its_place():
    patient = followed([30.0, 20.0])
    elsewhere = TimepointFactory.create(patient=patient, judged_on=BASELINE_ON + timedelta(28))
    TimepointFactory.create(patient=patient)
    timepoints = patient_timeline(patient.pk).timepoints
    assert [(visit.first_on - BASELINE_ON).days for visit in timepoints] == [0, 28, 56]
    assert (timepoints[1].pk, timepoints[1].scans) == (elsewhere.pk, ())


def test_the_first_treatment_of_a_lesion_and_its_kind_as_new_are_told():
    lesion = LesionFactory.create(role=LesionRole.NEW, new_kind=NewLesionKind.NON_TARGET)
    for days in (90, 30, 60):
        LesionTreatmentFactory.create(lesion=lesion, treated_on=BASELINE_ON + timedelta(days))
    (track,) = patient_timeline(lesion.patient_id).tracks
    assert (track.new_kind, track.local_therapy) == (NewLesionKind.NON_TARGET, LocalTherapy.RADIATION)
    assert track.local_therapy_on == BASELINE_ON + timedelta(30)


def seen_of(patient: Patient, names=None) -> Any:
    """What was seen of the patient's only lesion."""
    return patient_timeline(patient.pk, names).tracks[0].observations


def test_some_features_equal_the_same_ones_of_the_whole():
    patient = followed([30.0, 20.0], names=many_names(107))
    wanted = ["original_glcm_Quantity0050", "original_glcm_Quantity0000", "original_glcm_Quantity0106"]
    whole, some = seen_of(patient), seen_of(patient, wanted)
    for full, part in zip(whole, some, strict=True):
        picked = [full.features.names.index(name) for name in wanted]
        assert part.features.names == tuple(wanted)
        assert part.features.values == tuple(full.features.values[place] for place in picked)
        assert part.features.reasons == tuple(full.features.reasons[place] for place in picked)
        assert part.sizes == full.sizes
    assert None in part.features.values


def test_a_feature_that_was_not_extracted_says_so():
    patient = followed([30.0, 20.0])
    seen, _ = seen_of(patient, ["wavelet-LLL_glcm_Contrast"])
    assert (seen.features.values, seen.features.reasons) == ((None,), (Absence.NOT_COMPUTED,))
    assert seen_of(patient, [])[0].features.names == ()


def test_visits_and_observations_come_in_the_order_of_their_dates():
    patient = PatientFactory.create()
    lesion = LesionFactory.create(patient=patient)
    for days in (56, 0, 112):
        observed(lesion, scan_on(patient, BASELINE_ON + timedelta(days)), 10.0 + days)
    timeline = patient_timeline(patient.pk)
    assert [(visit.first_on - BASELINE_ON).days for visit in timeline.timepoints] == [0, 56, 112]
    assert [seen.sizes.longest_diameter_mm for seen in seen_of(patient)] == [10.0, 66.0, 122.0]
    assert timeline.tracks[0].observations[0].texture_voxels == 1840


def test_scans_of_one_visit_stand_together():
    patient = PatientFactory.create()
    scan = scan_on(patient, BASELINE_ON)
    ScanFactory.create(
        timepoint=scan.timepoint, acquired_on=BASELINE_ON + timedelta(5), modality=Modality.PT, unit="SUVbw"
    )
    (visit,) = patient_timeline(patient.pk).timepoints
    assert ((visit.last_on - visit.first_on).days, [seen.modality for seen in visit.scans]) == (5, ["CT", "PT"])


def test_the_newest_snapshot_counts_and_a_superseded_outline_does_not():
    patient = followed([30.0])
    outline = Segmentation.objects.get()
    newest = FeatureSnapshotFactory.create(segmentation=outline, build_digest=digest_of("next"))
    (seen,) = seen_of(patient)
    assert seen.features.snapshot_pk == newest.pk
    by = SegmentationFactory.create(scan=outline.scan, lesion=None)
    Segmentation.objects.filter(pk=outline.pk).update(superseded_by=by, superseded_at=timezone.now())
    assert patient_timeline(patient.pk).tracks[0].observations == ()


def test_what_is_not_measured_waits_or_has_failed():
    patient = PatientFactory.create()
    lesion = LesionFactory.create(patient=patient)
    SegmentationFactory.create(lesion=lesion, scan=scan_on(patient, BASELINE_ON))
    failure = {"code": "E_EXTRACT_MEMORY", "sentence": "Too large."}
    failed = SegmentationFactory.create(
        lesion=lesion, scan=scan_on(patient, BASELINE_ON + timedelta(56)), failure=failure
    )
    assert absences(patient) == [Absence.WAITING, Absence.FAILED]
    MeasurementFactory.create(segmentation=failed, absence=Absence.SEVERAL_PARTS)
    assert absences(patient) == [Absence.WAITING, None]
    assert seen_of(patient)[1].sizes.absence is Absence.SEVERAL_PARTS


def absences(patient: Patient) -> list[Absence | None]:
    return [seen.absence for seen in patient_timeline(patient.pk).tracks[0].observations]


def test_waiting_outlines_are_counted_for_each_visit():
    patient = PatientFactory.create()
    first, second = scan_on(patient, BASELINE_ON), scan_on(patient, BASELINE_ON + timedelta(56))
    for scan in (first, second, second):
        SegmentationFactory.create(scan=scan, lesion=None)
    timeline = patient_timeline(patient.pk)
    assert timeline.waiting_outlines == 3
    assert timeline.waiting_by_timepoint == ((first.timepoint_id, 1), (second.timepoint_id, 2))


def test_another_patients_rows_are_not_seen():
    followed([30.0, 20.0])
    timeline = patient_timeline(PatientFactory.create().pk)
    assert (timeline.tracks, timeline.timepoints, timeline.courses) == ((), (), ())
    with pytest.raises(Patient.DoesNotExist):
        patient_timeline(-1)


@pytest.mark.parametrize("first_mm, second_mm, digests", [(5.0, 1.0, "ba"), (2.5, 2.5, "ab"), (None, 1.0, "ba")])
@pytest.mark.parametrize("is_first_filed_first", [True, False])
def test_which_of_two_scans_of_one_day_counts_does_not_depend_on_filing(
    first_mm, second_mm, digests, is_first_filed_first
):
    lesion = LesionFactory.create()
    visit = TimepointFactory.create(patient=lesion.patient)
    plan = list(zip((20.0, 30.0), (first_mm, second_mm), digests, strict=True))
    for size, slice_mm, digest in plan if is_first_filed_first else reversed(plan):
        geometry = {"spacing_mm": [0.7, 0.7, slice_mm]} if slice_mm else {}
        scan = ScanFactory.create(timepoint=visit, volume_digest=digest * 64, geometry=geometry)
        observed(lesion, scan, size)
    (track,) = patient_timeline(lesion.patient_id).tracks
    assert track.at(visit.pk).sizes.longest_diameter_mm == 30.0
    assert outlined_visits(lesion.patient_id)[visit.pk].by_lesion[lesion.pk].size_mm == 30.0


def test_a_reader_is_shown_the_same_baseline_outline_that_counts():
    lesion = LesionFactory.create()
    visit = TimepointFactory.create(patient=lesion.patient)
    TreatmentCourseFactory.create(patient=lesion.patient, started_on=BASELINE_ON + timedelta(5))
    for days, size in ((0, 30.0), (9, 40.0)):
        observed(lesion, ScanFactory.create(timepoint=visit, acquired_on=BASELINE_ON + timedelta(days)), size)
    timeline = patient_timeline(lesion.patient_id)
    assert timeline.at(timeline.tracks[0], timeline.timepoints[0]).sizes.longest_diameter_mm == 30.0
    assert outlined_visits(lesion.patient_id)[visit.pk].by_lesion[lesion.pk].size_mm == 30.0
