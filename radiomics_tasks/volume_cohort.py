"""How features follow volume in this site's cohort: made anew where its changes moved, and what findings stand on.

Made-up patients are a cohort of their own.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import astuple
from itertools import product

import numpy as np

from patients.findings import PatientFindings
from patients.models import FeatureDelta, FeatureSet, LesionPair
from patients.reads.trusting.volume_changes import Numbers, VolumeChange, last_changes, slope_tables, values_of
from patients.vocabulary import Reference
from patients.words.regions import Region
from patients.writes.plain import digest_of
from patients.writes.trusting.volume import TableOfVolume
from radiomics_tasks.analysis.change.noise.bands import Floats, is_log_scale
from radiomics_tasks.analysis.change.volume import (
    VolumeSlopes,
    correlation_with_volume,
    follows_volume,
    volume_slopes,
)


def site_slopes(*, is_synthetic: bool = False) -> dict[int, VolumeSlopes]:
    """By feature set, the slopes that findings stand on, where any feature has one."""
    return {
        row.feature_set_id: VolumeSlopes(
            np.array(row.slope, dtype=np.float64),
            np.array(row.standard_error, dtype=np.float64),
            np.array(row.lesions, dtype=np.int64),
        )
        for row in slope_tables()
        if row.is_synthetic == is_synthetic and any(slope is not None for slope in row.slope)
    }


def moved_tables() -> Iterator[TableOfVolume]:
    """The tables of all feature sets whose lesions changed since theirs was made; no values are read of the others."""
    known = {(row.is_synthetic, row.feature_set_id): row.inputs_digest for row in slope_tables()}
    changes = last_changes()
    for feature_set, is_synthetic in product(FeatureSet.objects.order_by("pk"), (False, True)):
        key = is_synthetic, feature_set.pk
        found = changes.get(key, [])
        digest = digest_of([astuple(one)[1:] for one in found])
        if known.get(key) != digest:
            yield _table(key, tuple(feature_set.names), found, digest)


def _table(key: tuple[bool, int], names: tuple[str, ...], found: Sequence[VolumeChange], digest: str) -> TableOfVolume:
    ratios = np.log(np.array([one.now_ml / one.then_ml for one in found], dtype=np.float64))
    changes = _judged(values_of([one.delta_pk for one in found]), names)
    slopes = volume_slopes(changes, ratios)
    return TableOfVolume(
        feature_set_id=key[1],
        is_synthetic=key[0],
        follows_volume=tuple(follows_volume(names).tolist()),
        slope=_known(slopes.slope),
        standard_error=_known(slopes.standard_error),
        spearman=tuple(
            correlation_with_volume(_known(changes[:, place]), ratios.tolist()).value for place in range(len(names))
        ),
        lesions=tuple(slopes.lesions.tolist()),
        inputs_digest=digest,
    )


def _judged(values: Sequence[tuple[Numbers, Numbers]], names: Sequence[str]) -> Floats:
    """Changes (lesions, features) in the form in which each feature is compared; NaN where it is not defined."""
    is_log = np.array([is_log_scale(name) for name in names], dtype=bool)
    changes = np.full((len(values), len(names)), np.nan)
    for lesion, (logs, absolutes) in enumerate(values):
        changes[lesion] = np.where(is_log, np.array(logs, dtype=np.float64), np.array(absolutes, dtype=np.float64))
    return changes


def _known(numbers: Floats) -> tuple[float | None, ...]:
    return tuple(None if np.isnan(number) else number for number in numbers.tolist())


def moves_cohort(findings: PatientFindings) -> bool:
    """Whether these findings, once stored, give the cohort other changes from baseline, volumes or comparable pairs.

    Raw changes only: what findings say of noise and of volume itself plays no part, so that a cohort made anew does
    not call for itself again.
    """
    told = {
        (one.lesion_pk, one.snapshot_pk, one.reference_snapshot_pk)
        for one in findings.deltas
        if one.reference is Reference.BASELINE and one.region is Region.LESION
    }
    pairs = {
        (one.lesion_pk, one.timepoint_pk, one.now_scan_pk, one.found.level.value, one.volume_ml)
        for one in findings.comparisons
        if one.reference is Reference.BASELINE
    }
    return (told, pairs) != (_stored_deltas(findings.patient_pk), _stored_pairs(findings.patient_pk))


def _stored_deltas(patient_pk: int) -> Collection[tuple[int, int, int]]:
    rows = FeatureDelta.objects.filter(patient=patient_pk, reference=Reference.BASELINE, region=Region.LESION)
    return set(rows.values_list("lesion_id", "snapshot_id", "reference_snapshot_id"))


def _stored_pairs(patient_pk: int) -> Collection[tuple[int, int, int, str, tuple[float | None, ...]]]:
    rows = LesionPair.objects.filter(patient=patient_pk, reference=Reference.BASELINE)
    columns = rows.values_list("lesion_id", "timepoint_id", "now_scan_id", "level", "volume_ml")
    return {(lesion, visit, scan, level, tuple(volumes)) for lesion, visit, scan, level, volumes in columns}
