"""Lesions as they are known: their names and places, and which outlines still want measuring."""

from datetime import timedelta

import pytest
from django.utils import timezone

from patients.models import Segmentation
from patients.reads.lesions import lesions_known, outlines_to_measure, outlines_to_meet
from tests.factories import (
    BASELINE_ON,
    FeatureSetFactory,
    FeatureSnapshotFactory,
    LesionFactory,
    MeasurementFactory,
    PatientFactory,
    SegmentationFactory,
    digest_of,
)
from tests.patients.rows import scan_on

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("lesions, dates", [(1, 2), (5, 8)])
def test_three_queries_however_many_there_are(django_assert_num_queries, lesions, dates):
    patient = PatientFactory.create()
    rows = [LesionFactory.create(patient=patient) for _ in range(lesions)]
    for visit in range(dates):
        scan = scan_on(patient, BASELINE_ON + timedelta(visit))
        for lesion in rows:
            SegmentationFactory.create(scan=scan, lesion=lesion)
    with django_assert_num_queries(3):
        known = lesions_known(patient.pk)
    assert [len(lesion.sightings) for lesion in known] == [dates] * lesions


def test_names_are_remembered_from_superseded_outlines_too_and_places_are_not():
    lesion = LesionFactory.create()
    scan = scan_on(lesion.patient, BASELINE_ON, facts={"body": {"z_mm": [1.0]}})
    old = SegmentationFactory.create(scan=scan, lesion=lesion, roi_name="GTV old", centroid_mm=[1.0, 1.0, 1.0])
    new = SegmentationFactory.create(scan=scan, roi_name="", lesion=None)
    Segmentation.objects.filter(pk=old.pk).update(superseded_by=new, superseded_at=timezone.now())
    Segmentation.objects.filter(pk=new.pk).update(lesion=lesion)
    (known,) = lesions_known(lesion.patient_id)
    assert known.roi_names == {"GTV old"}
    (sighting,) = known.sightings
    assert (sighting.body, sighting.centroid_mm) == ({"z_mm": [1.0]}, (12.0, -40.0, 310.0))


def test_another_patients_lesions_are_not_known():
    LesionFactory.create()
    assert lesions_known(PatientFactory.create().pk) == []


def test_outlines_to_meet_have_no_lesion_yet():
    scan = scan_on(PatientFactory.create(), BASELINE_ON)
    SegmentationFactory.create(scan=scan, lesion=LesionFactory.create(patient=scan.patient))
    waiting = SegmentationFactory.create(scan=scan, lesion=None)
    SegmentationFactory.create(lesion=None)
    assert outlines_to_meet(scan.pk) == [waiting]


def test_an_outline_is_measured_until_this_build_has_measured_it_under_this_profile():
    outline = SegmentationFactory.create()
    build, profile = digest_of("build"), digest_of("ct")
    wanted = (outline.scan_id, build, profile)
    assert outlines_to_measure(*wanted) == [outline]
    MeasurementFactory.create(segmentation=outline)
    assert outlines_to_measure(*wanted) == [outline]
    FeatureSnapshotFactory.create(segmentation=outline, build_digest=digest_of("older"))
    FeatureSnapshotFactory.create(
        segmentation=outline,
        build_digest=build,
        feature_set=FeatureSetFactory.create(profile_digest=digest_of("older ct")),
    )
    assert outlines_to_measure(*wanted) == [outline]
    FeatureSnapshotFactory.create(segmentation=outline, build_digest=build)
    assert outlines_to_measure(*wanted) == []
