"""Outlines meet lesions once the bodies lie on each other, and never two of them the same one."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from patients.models import Lesion
from patients.vocabulary import Organ
from radiomics_tasks.analysis.matching import OutlineFacts
from radiomics_tasks.meetings import WHICH_IS_WHICH, meetings
from tests.factories import BASELINE_ON, LesionFactory, SegmentationFactory
from tests.patients.rows import scan_on

pytestmark = pytest.mark.django_db


def body(table_mm: float = 0.0) -> dict[str, Any]:
    """A body's profile, lying on a table that stands `table_mm` higher along z."""
    z = np.arange(0.0, 400.0, 5.0)
    area = 60_000 + 20_000 * np.sin(z / 40) + 100 * z
    flat = np.zeros_like(z)
    return {
        "z_mm": (z + table_mm).tolist(),
        "area_mm2": area.tolist(),
        "air_mm2": (8_000 + 4_000 * np.cos(z / 25)).tolist(),
        "bone_mm2": (3_000 + 500 * np.sin(z / 15)).tolist(),
        "x_mm": flat.tolist(),
        "y_mm": flat.tolist(),
    }


def known(name: str, z: float, uid: str = "", profile=None) -> Lesion:
    lesion = LesionFactory.create(tracking_id=name, **({"tracking_uid": uid} if uid else {}))
    seen_again(lesion, name, z, profile, 0)
    return lesion


def seen_again(lesion: Lesion, name: str, z: float, profile=None, days: int = 56) -> None:
    scan = scan_on(lesion.patient, BASELINE_ON + timedelta(days), facts={"body": profile or body()})
    SegmentationFactory.create(scan=scan, lesion=lesion, roi_name=name, centroid_mm=[0.0, 0.0, z])


def outline(name: str, z: float, uid: str = "", organ: Organ | None = None) -> OutlineFacts:
    return OutlineFacts(name, uid, organ, (0.0, 0.0, z))


def met(lesion: Lesion, *outlines: OutlineFacts, profile=None) -> list[int | None]:
    return [found.lesion_pk for found in meetings(lesion.patient_id, profile or body(), outlines)]


def test_the_name_meets_where_the_place_is_right():
    lesion = known("GTV", 200.0)
    assert met(lesion, outline("gtv", 225.0)) == [lesion.pk]
    assert met(lesion, outline("gtv", 235.0)) == [None]
    assert met(lesion, outline("other", 200.0)) == [None]


def test_the_place_is_compared_once_the_bodies_lie_on_each_other():
    lesion = known("GTV", 200.0)
    moved = body(table_mm=120.0)
    assert met(lesion, outline("GTV", 320.0), profile=moved) == [lesion.pk]
    assert met(lesion, outline("GTV", 200.0), profile=moved) == [None]


def test_without_a_body_places_are_compared_as_they_are():
    lesion = known("GTV", 200.0)
    assert [found.lesion_pk for found in meetings(lesion.patient_id, None, [outline("GTV", 210.0)])] == [lesion.pk]


def test_any_earlier_place_will_do():
    lesion = known("GTV", 200.0)
    seen_again(lesion, "GTV", 240.0)
    assert met(lesion, outline("GTV", 262.0)) == [lesion.pk]


def test_a_name_in_another_organ_does_not_meet():
    lesion = known("GTV", 200.0)
    assert met(lesion, outline("GTV", 200.0, organ=Organ.LUNG)) == [None]
    assert met(lesion, outline("GTV", 200.0, organ=Organ.LIVER)) == [lesion.pk]


def test_two_outlines_that_fit_one_lesion_both_wait():
    lesion = known("GTV", 200.0, uid="2.25.5")
    both = [outline("GTV", 200.0), outline("gtv", 205.0)]
    assert meetings(lesion.patient_id, body(), both) == [WHICH_IS_WHICH] * 2
    assert met(lesion, outline("a", 0.0, "2.25.5"), outline("b", 0.0, "2.25.5")) == [None, None]


def test_of_two_the_one_with_the_tracking_uid_is_it():
    lesion = known("GTV", 200.0, uid="2.25.5")
    assert met(lesion, outline("GTV", 200.0), outline("renamed", 0.0, "2.25.5")) == [None, lesion.pk]


def test_outlines_of_different_lesions_do_not_disturb_each_other():
    lesion = known("one", 200.0)
    other = LesionFactory.create(patient=lesion.patient, tracking_id="two")
    seen_again(other, "two", 100.0)
    assert met(lesion, outline("two", 100.0), outline("one", 200.0), outline("x", 0.0)) == [other.pk, lesion.pk, None]


def test_another_patients_lesions_are_never_met_and_nothing_is_asked_for_nothing(django_assert_num_queries):
    known("GTV", 200.0, uid="2.25.5")
    stranger = LesionFactory.create()
    assert met(stranger, outline("GTV", 200.0, "2.25.5")) == [None]
    with django_assert_num_queries(0):
        assert meetings(stranger.patient_id, body(), []) == []
