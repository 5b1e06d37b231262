"""An exported feature says whether it follows volume at this site, and how closely."""

import pytest

from patients.models import FeatureSet, FeatureSnapshot, VolumeSlopeTable
from patients.reads.tables.exports import COLUMNS, tidy_rows
from patients.words.regions import Region
from tests.factories import FeatureSnapshotFactory
from tests.patients.rows import followed

pytestmark = pytest.mark.django_db
ASKED = ("feature", "follows_volume", "volume_rho", "volume_lesions")


def told(patient) -> list[tuple]:
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in tidy_rows([patient.pk])]
    return [tuple(row[name] for name in ASKED) for row in rows]


def test_features_say_how_they_follow_volume_and_sizes_say_nothing():
    patient = followed([30.0])
    assert {row[1:] for row in told(patient)} == {("", None, None)}
    VolumeSlopeTable.objects.create(
        feature_set=FeatureSet.objects.get(),
        follows_volume=[True, True, False],
        slope=[None] * 3,
        standard_error=[None] * 3,
        spearman=[0.83, None, 0.1],
        lesions=[41, 2, 41],
    )
    assert told(patient)[2:] == [
        ("volume_ml", "", None, None),
        ("original_shape_MeshVolume", "yes", 0.83, 41),
        ("original_firstorder_Mean", "yes", None, 2),
        ("original_glcm_Contrast", "no", None, None),
    ]
    lesion = FeatureSnapshot.objects.get()
    FeatureSnapshotFactory.create(
        segmentation=lesion.segmentation, feature_set=lesion.feature_set, region=Region.RING_0_5, values=[1.0, 2.0, 3.0]
    )
    assert ("original_shape_MeshVolume", "", None, None) in told(patient)
