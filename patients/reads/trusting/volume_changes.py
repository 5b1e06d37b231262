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
           d.feature_set_id, d.id, d.lesion_id, d.snapshot_id, d.reference_snapshot_id, p.volume_ml[1], p.volume_ml[2]
    FROM patients_featuredelta d
    JOIN patients_featuresnapshot s ON s.id = d.snapshot_id
    JOIN patients_segmentation g ON g.id = s.segmentation_id
    JOIN patients_scan c ON c.id = g.scan_id
    JOIN patients_lesionpair p ON p.lesion_id = d.lesion_id AND p.timepoint_id = d.timepoint_id
         AND p.reference = d.reference AND p.now_scan_id = g.scan_id
    WHERE d.reference = %s AND d.region = %s AND p.level <> ALL(%s) AND p.interval_days > 0
          AND p.volume_ml[1] > 0 AND p.volume_ml[2] > 0
    ORDER BY d.lesion_id, d.feature_set_id, c.acquired_on DESC, d.id DESC
"""
_ONE = """
    SELECT t.spearman[a.place], t.lesions[a.place], t.slope[a.place]
    FROM patients_volumeslopetable t
    JOIN patients_featureset n ON n.id = t.feature_set_id
    CROSS JOIN LATERAL (SELECT array_position(n.names::text[], %s) AS place) a
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


def last_changes() -> dict[int, list[VolumeChange]]:
    """By feature set, one change a lesion, in one query and without the features' values.

    A pair of scans between which texture may not be compared is left out, whoever has accepted it.
    """
    hidden = [level.value for level in Comparability if level.hides_texture]
    with connection.cursor() as cursor:
        cursor.execute(_LAST, [Reference.BASELINE.value, Region.LESION.value, hidden])
        rows = cursor.fetchall()
    found: dict[int, list[VolumeChange]] = defaultdict(list)
    for feature_set, *told in rows:
        found[feature_set].append(VolumeChange(*told))
    return found


def values_of(delta_pks: Sequence[int]) -> list[tuple[Numbers, Numbers]]:
    """Log-ratios and absolute changes of these deltas, in their order, in one query."""
    rows = FeatureDelta.objects.filter(pk__in=delta_pks).values_list("pk", "log_ratio", "absolute")
    found: Mapping[int, tuple[Numbers, Numbers]] = {pk: (logs, absolutes) for pk, logs, absolutes in rows}
    return [found[pk] for pk in delta_pks]


def slope_tables() -> list[VolumeSlopeTable]:
    """Every feature set's table, in one query."""
    return list(VolumeSlopeTable.objects.order_by("feature_set_id"))


def volume_of_feature(feature_set_pk: int, name: str) -> FollowsVolume | None:
    """How far one feature follows volume at this site, in one query; None where it does not, or nobody has looked."""
    with connection.cursor() as cursor:
        cursor.execute(_ONE, [name, feature_set_pk])
        row = cursor.fetchone()
    return None if row is None else FollowsVolume(row[0], row[1], is_slope_known=row[2] is not None)
