"""What a site's lesions say of features and volume: of each lesion its last comparable change from baseline."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from patients.models import FeatureDelta, VolumeSlopeTable
from patients.vocabulary import Reference
from patients.words.regions import Region
from patients.words.trust_words import Comparability
from patients.words.volume_words import FollowsVolume

_LAST = """
    SELECT DISTINCT ON (d.lesion_id, d.feature_set_id)
           m.is_synthetic, d.feature_set_id, d.id, d.lesion_id, d.snapshot_id, d.reference_snapshot_id,
           p.volume_ml[1], p.volume_ml[2]
    FROM patients_featuredelta d
    JOIN patients_featuresnapshot s ON s.id = d.snapshot_id
    JOIN patients_segmentation g ON g.id = s.segmentation_id
    JOIN patients_scan c ON c.id = g.scan_id
    JOIN patients_patient m ON m.id = d.patient_id
    JOIN patients_lesionpair p ON p.lesion_id = d.lesion_id AND p.timepoint_id = d.timepoint_id
         AND p.reference = d.reference AND p.now_scan_id = g.scan_id
    WHERE d.reference = %s AND d.region = %s AND p.level <> ALL(%s) AND p.interval_days > 0
          AND p.volume_ml[1] > 0 AND p.volume_ml[2] > 0
    ORDER BY d.lesion_id, d.feature_set_id, c.acquired_on DESC, d.id DESC
"""
_ONE = """
    SELECT t.spearman[a.place], t.lesions[a.place], t.slope[a.place] IS NOT NULL, t.is_synthetic
    FROM patients_volumeslopetable t
    JOIN patients_featureset n ON n.id = t.feature_set_id
    CROSS JOIN LATERAL (SELECT array_position(n.names::text[], %s) AS place) a
    JOIN patients_lesion l ON l.id = %s
    JOIN patients_patient m ON m.id = l.patient_id AND m.is_synthetic = t.is_synthetic
    WHERE t.feature_set_id = %s AND t.follows_volume[a.place]
"""
Numbers = Sequence[float | None]


@dataclass(frozen=True, slots=True)
class VolumeChange:
    """One lesion from its baseline to its last comparable visit: both snapshots, and both volumes in mL."""

    delta_pk: int
    lesion_pk: int
    snapshot_pk: int
    reference_snapshot_pk: int
    then_ml: float
    now_ml: float


def last_changes() -> dict[tuple[bool, int], list[VolumeChange]]:
    """By kind of patients (made up or not) and feature set, one change a lesion, in one query and without values.

    A pair of scans between which texture may not be compared is left out, whoever has accepted it.
    """
    hidden = [level.value for level in Comparability if level.hides_texture]
    with connection.cursor() as cursor:
        cursor.execute(_LAST, [Reference.BASELINE.value, Region.LESION.value, hidden])
        rows = cursor.fetchall()
    found: dict[tuple[bool, int], list[VolumeChange]] = defaultdict(list)
    for is_synthetic, feature_set, *told in rows:
        found[is_synthetic, feature_set].append(VolumeChange(*told))
    return found


def values_of(delta_pks: Sequence[int]) -> list[tuple[Numbers, Numbers]]:
    """Log-ratios and absolute changes of these deltas, in their order, in one query."""
    rows = FeatureDelta.objects.filter(pk__in=delta_pks).values_list("pk", "log_ratio", "absolute")
    found: Mapping[int, tuple[Numbers, Numbers]] = {pk: (logs, absolutes) for pk, logs, absolutes in rows}
    return [found[pk] for pk in delta_pks]


def slope_tables() -> list[VolumeSlopeTable]:
    """Every feature set's tables, in one query."""
    return list(VolumeSlopeTable.objects.order_by("feature_set_id", "is_synthetic"))


def volume_of_feature(lesion_pk: int, feature_set_pk: int, name: str) -> FollowsVolume | None:
    """How far one feature follows volume at this site, in one query; None where it does not, or nobody has looked.

    Told of the kind of patients that the lesion belongs to: made up or not.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ONE, [name, lesion_pk, feature_set_pk])
        row = cursor.fetchone()
    return None if row is None else FollowsVolume(row[0], row[1], is_slope_known=row[2], is_synthetic=row[3])
