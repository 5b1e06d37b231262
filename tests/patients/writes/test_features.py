"""Measurements and snapshots are stored once; a second attempt finds the first one's rows."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from patients.models import FeatureSet, FeatureSnapshot, Measurement
from patients.writes.features import feature_set, store_measurement, store_snapshot
from tests.factories import SegmentationFactory, digest_of
from tests.patients.writes.at_once import at_once

NAMES = ["original_shape_MeshVolume", "original_firstorder_Mean"]


def extracted(**changed) -> dict[str, Any]:
    return {
        "profile": "ct",
        "profile_digest": digest_of("ct"),
        "names": NAMES,
        "build_digest": digest_of("build"),
        "engine": "pyradiomics",
        "versions": {"numpy": "2"},
        "values": [9.8, None],
        "reasons": [None, "SMALL_ROI"],
        "provenance": {"roi_voxels_after": 12},
        **changed,
    }


def measured(**changed) -> dict[str, Any]:
    return {
        "longest_diameter_mm": 31.4,
        "short_axis_mm": 22.7,
        "volume_ml": 9.8,
        "longest_at": {"slice": 4, "points_mm": [[0, 0, 0], [31.4, 0, 0]]},
        "shortest_at": {},
        "component_diameters_mm": [31.4],
        "outside_ratio": 0.125,
        "absence": None,
        **changed,
    }


@pytest.mark.django_db
def test_names_in_another_order_or_under_another_profile_are_another_set():
    first = feature_set("ct", digest_of("ct"), NAMES)
    assert feature_set("ct", digest_of("ct"), NAMES).pk == first.pk
    assert feature_set("ct", digest_of("ct"), NAMES[::-1]).pk != first.pk
    assert feature_set("mr", digest_of("mr"), NAMES).pk != first.pk
    assert FeatureSet.objects.count() == 3


@pytest.mark.django_db
def test_a_measurement_is_stored_once():
    outline = SegmentationFactory.create()
    first = store_measurement(outline, measured())
    again = store_measurement(outline, measured(longest_diameter_mm=1.0))
    assert first.pk == again.pk
    row = Measurement.objects.get()
    assert (row.longest_diameter_mm, row.absence, row.longest_at["slice"]) == (31.4, "", 4)
    assert row.outside_ratio == 0.125
    other = store_measurement(SegmentationFactory.create(), measured(absence="SEVERAL_PARTS"))
    assert other.absence == "SEVERAL_PARTS"


@pytest.mark.django_db
def test_a_snapshot_is_stored_once_for_each_build():
    outline = SegmentationFactory.create()
    first = store_snapshot(outline, extracted())
    assert store_snapshot(outline, extracted(values=[1.0, 2.0], reasons=[None, None])).pk == first.pk
    assert store_snapshot(outline, extracted(build_digest=digest_of("next"))).pk != first.pk
    stored = FeatureSnapshot.objects.get(pk=first.pk)
    assert (stored.values, stored.reasons, stored.provenance) == (
        [9.8, None],
        [None, "SMALL_ROI"],
        {"roi_voxels_after": 12},
    )


@pytest.mark.django_db
def test_a_snapshot_of_the_wrong_length_leaves_no_feature_set_behind():
    with pytest.raises(IntegrityError), transaction.atomic():
        store_snapshot(SegmentationFactory.create(), extracted(values=[1.0]))
    assert not FeatureSet.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_four_workers_with_the_same_snapshot_store_one():
    outline = SegmentationFactory.create()
    rows = at_once(*[lambda: store_snapshot(outline, extracted())] * 4)
    assert len({row.pk for row in rows}) == 1
    assert (FeatureSnapshot.objects.count(), FeatureSet.objects.count()) == (1, 1)
