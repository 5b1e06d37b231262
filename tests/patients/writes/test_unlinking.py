"""A wrong link taken back: nothing is lost, and whoever signed on it is asked again."""

import pytest

from patients.models import Reading
from patients.models.lesions import UNLINKED
from patients.outlined import outlined_visits
from patients.reads.lesions import outlines_to_meet
from patients.reads.scans.outlines import outlines_of_lesion
from patients.words.reading_words import ReadingState
from patients.writes.lesions import link_outline
from patients.writes.unlinking import unlink_outline
from tests.factories import (
    LesionFactory,
    MeasurementFactory,
    ScanFactory,
    SegmentationFactory,
    UserFactory,
    signed_reading,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def wrong(owner):
    """An outline that was linked to a lesion of the scan by mistake, over the right one."""
    scan = ScanFactory.create()
    right = SegmentationFactory.create(scan=scan, lesion=LesionFactory.create(patient=scan.patient))
    MeasurementFactory.create(segmentation=right)
    row = SegmentationFactory.create(scan=scan, lesion=None)
    link_outline(row, right.lesion, owner)
    row.refresh_from_db()
    return row, right


def test_the_outline_waits_again_and_the_one_it_superseded_counts_again(wrong, owner):
    row, right = wrong
    assert outlines_of_lesion(right.lesion.pk) == [row]
    assert unlink_outline(row, owner)
    row.refresh_from_db()
    right.refresh_from_db()
    assert (row.lesion, row.superseded_at, right.superseded_at, right.superseded_by) == (None, None, None, None)
    assert outlines_of_lesion(right.lesion.pk) == [right]
    assert outlines_to_meet(row.scan_id) == []
    assert row.notes[-1]["code"] == UNLINKED
    assert f"Taken from {right.lesion.tracking_id} by {owner}" in row.linked_why


def test_taken_back_twice_it_is_done_once_and_it_can_be_linked_anew(wrong, owner):
    row, right = wrong
    assert unlink_outline(row, owner)
    assert not unlink_outline(row, owner)
    assert not unlink_outline(SegmentationFactory.create(scan=row.scan, lesion=None), owner)
    other = LesionFactory.create(patient=row.scan.patient)
    assert link_outline(row, other, owner)
    assert outlines_of_lesion(right.lesion.pk) == [right]


def test_signed_readings_of_the_visit_are_reopened(wrong, owner):
    row, _ = wrong
    digest = outlined_visits(row.scan.patient_id)[row.scan.timepoint_id].digest
    signed = signed_reading(row.scan.timepoint, UserFactory.create(), inputs_digest=digest)
    unlink_outline(row, owner)
    signed.refresh_from_db()
    assert signed.state == ReadingState.REOPENED
    assert Reading.objects.get(state=ReadingState.DRAFT).reopened_why.startswith("An outline was taken from")
