"""Lesions and outlines: one of each kind, and what is superseded says by whom and when."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from patients.models import Segmentation
from tests.factories import LesionFactory, MeasurementFactory, PatientFactory, ScanFactory, SegmentationFactory

pytestmark = pytest.mark.django_db


def test_one_current_outline_of_a_lesion_on_a_scan():
    first = SegmentationFactory.create()
    with pytest.raises(IntegrityError, match="one_current_outline"), transaction.atomic():
        SegmentationFactory.create(scan=first.scan, lesion=first.lesion)
    waiting = SegmentationFactory.create(scan=first.scan, lesion=None)
    Segmentation.objects.filter(pk=first.pk).update(superseded_by=waiting, superseded_at=timezone.now())
    SegmentationFactory.create(scan=first.scan, lesion=first.lesion)
    assert Segmentation.objects.filter(lesion=first.lesion).count() == 2


def test_any_number_of_outlines_may_wait_on_one_scan():
    scan = ScanFactory.create()
    for _ in range(3):
        SegmentationFactory.create(scan=scan, lesion=None)
    assert scan.segmentations.filter(lesion=None).count() == 3


def test_who_superseded_and_when_stand_together():
    old, new = SegmentationFactory.create(), SegmentationFactory.create()
    for half in ({"superseded_by": new}, {"superseded_at": timezone.now()}):
        with pytest.raises(IntegrityError, match="superseded_by_whom_and_when"), transaction.atomic():
            Segmentation.objects.filter(pk=old.pk).update(**half)


@pytest.mark.parametrize("same", ["tracking_uid", "tracking_id"])
def test_tracking_names_are_one_patients_own(same):
    lesion = LesionFactory.create()
    with pytest.raises(IntegrityError), transaction.atomic():
        LesionFactory.create(patient=lesion.patient, **{same: getattr(lesion, same)})
    LesionFactory.create(patient=PatientFactory.create(), **{same: getattr(lesion, same)})


def test_an_outline_is_measured_once():
    measured = MeasurementFactory.create()
    with pytest.raises(IntegrityError), transaction.atomic():
        MeasurementFactory.create(segmentation=measured.segmentation)


def test_a_scan_knows_the_outlines_that_count():
    outline = SegmentationFactory.create()
    scan = outline.scan
    assert scan.has_outline(outline.mask_digest, outline.roi_name)
    assert not scan.has_outline(outline.mask_digest, "another name")
    Segmentation.objects.filter(pk=outline.pk).update(
        superseded_by=SegmentationFactory.create(), superseded_at=timezone.now()
    )
    assert not scan.has_outline(outline.mask_digest, outline.roi_name)
