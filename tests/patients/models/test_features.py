"""The database itself keeps snapshots whole: length, finite numbers, a reason beside every gap, no later change."""

import math
import random
import struct

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from patients.models import FeatureSet, FeatureSnapshot
from tests.factories import FeatureSetFactory, FeatureSnapshotFactory, SegmentationFactory, digest_of

pytestmark = pytest.mark.django_db

THREE = ["original_shape_MeshVolume", "original_firstorder_Mean", "original_glcm_Contrast"]


def snapshot(values, reasons, names=THREE) -> FeatureSnapshot:
    return FeatureSnapshotFactory.create(
        feature_set=FeatureSetFactory.create(names=names), values=values, reasons=reasons
    )


def refuses(values, reasons) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        snapshot(values, reasons)
    assert not FeatureSnapshot.objects.exists()


def random_doubles(count: int) -> list[float]:
    """Every bit pattern is as likely as any other; denormals, zeros and the ends of the range are added."""
    dice = random.Random(20260101)
    found = [5e-324, -5e-324, 2.2250738585072009e-308, 1.7976931348623157e308, 0.0, -0.0, 0.1, 1 / 3, 1e22]
    found += [math.ldexp(dice.random(), -1060) for _ in range(500)]
    while len(found) < count:
        (value,) = struct.unpack("<d", dice.getrandbits(64).to_bytes(8, "little"))
        if math.isfinite(value):
            found.append(value)
    return found


def test_ten_thousand_doubles_come_back_bit_by_bit():
    values = random_doubles(10_000)
    names = [f"original_glcm_Quantity{place}" for place in range(len(values))]
    row = snapshot(values, [None] * len(values), names)
    stored = FeatureSnapshot.objects.get(pk=row.pk).values
    bits = struct.pack(f"<{len(values)}d", *values)
    assert struct.pack(f"<{len(values)}d", *stored) == bits
    with connection.cursor() as cursor:  # the reads of the pages go past the ORM
        cursor.execute("SELECT values FROM patients_featuresnapshot WHERE id = %s", [row.pk])
        assert struct.pack(f"<{len(values)}d", *cursor.fetchone()[0]) == bits


def test_a_gap_keeps_its_reason():
    row = snapshot([1.0, None, 3.0], [None, "SMALL_ROI", None])
    row.refresh_from_db()
    assert (row.values, row.reasons) == ([1.0, None, 3.0], [None, "SMALL_ROI", None])


@pytest.mark.parametrize("values", [[1.0, 2.0], [1.0, 2.0, 3.0, 4.0], []])
def test_a_snapshot_has_the_length_of_its_feature_set(values):
    refuses(values, [None, None, None])
    refuses([1.0, 2.0, 3.0], [None] * len(values))
    refuses(values, [None] * len(values))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_refused(value):
    refuses([1.0, value, 3.0], [None, None, None])


def test_a_gap_without_a_reason_is_refused():
    refuses([1.0, None, 3.0], [None, None, None])
    refuses([1.0, None, 3.0], [None, "", None])


def test_a_reason_beside_a_value_is_refused():
    refuses([1.0, 2.0, 3.0], [None, "SMALL_ROI", None])


@pytest.mark.parametrize("column, value", [("values", [9.0, 9.0, 9.0]), ("engine", "another"), ("provenance", {})])
def test_a_snapshot_is_never_changed(column, value):
    row = snapshot([1.0, 2.0, 3.0], [None, None, None])
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        FeatureSnapshot.objects.filter(pk=row.pk).update(**{column: value})
    row.refresh_from_db()
    assert row.values == [1.0, 2.0, 3.0]


def test_one_snapshot_for_an_outline_a_feature_set_and_a_build():
    outline = SegmentationFactory.create()
    FeatureSnapshotFactory.create(segmentation=outline)
    FeatureSnapshotFactory.create(segmentation=outline, build_digest=digest_of("another build"))
    with pytest.raises(IntegrityError), transaction.atomic():
        FeatureSnapshotFactory.create(segmentation=outline)
    assert outline.snapshots.count() == 2


def test_a_feature_set_is_never_changed():
    names = FeatureSetFactory.create()
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        FeatureSet.objects.filter(pk=names.pk).update(names=THREE[::-1])
    with pytest.raises(DatabaseError), transaction.atomic():
        FeatureSet.objects.create(profile="ct", profile_digest=digest_of("ct"), names_digest="", names=[])
    names.refresh_from_db()
    assert names.names == THREE
