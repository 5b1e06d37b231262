"""One number with everything that stands behind it: outline, snapshot, change, noise, pair of scans, signatures."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from patients.models import (
    ChangeNoise,
    FeatureDelta,
    FeatureSnapshot,
    LesionPair,
    LesionReading,
    NoiseTable,
    Segmentation,
)
from patients.models.readings import IN_FORCE
from patients.vocabulary import Reference
from patients.words.noise_words import SizeClass
from patients.words.regions import Region

SIZES = ("longest_diameter_mm", "short_axis_mm", "volume_ml")
NOISE_SIZES = ("volume_ml", "longest_diameter_mm")


@dataclass(frozen=True, slots=True)
class ChangeSeen:
    """The change that a number is in: its row (None: a size), the pair of scans, its noise and where that comes from.

    `noise_place` is the number's place in the noise row. `tables` are the site's own bands between the two sizes.
    """

    reference: Reference
    delta: FeatureDelta | None
    pair: LesionPair | None
    noise: ChangeNoise | None
    noise_place: int
    tables: tuple[NoiseTable, ...]


def snapshot_with(outline_pk: int, name: str = "") -> FeatureSnapshot | None:
    """The newest snapshot of an outline that has this feature (any, where none is named), with its feature set.

    One under the profile that is followed comes before a further one that has the feature, too.
    """
    rows = FeatureSnapshot.objects.filter(segmentation=outline_pk, region=Region.LESION).select_related("feature_set")
    if name:
        rows = rows.filter(feature_set__names__contains=[name])
    return rows.order_by("feature_set__is_extra", "-pk").first()


def signed_with(outline: Segmentation, hidden: Collection[int]) -> list[LesionReading]:
    """What readers signed of this very outline, but for visits that are hidden, in one query."""
    rows = LesionReading.objects.filter(outline=outline.pk, reading__state__in=IN_FORCE)
    rows = rows.exclude(reading__timepoint__in=list(hidden))
    return list(rows.select_related("reading__reader").order_by("reading__signed_at"))


def change_of(outline: Segmentation, name: str, snapshot: FeatureSnapshot | None, reference: Reference) -> ChangeSeen:
    """The change of one number of an outline against a reference, in at most four queries."""
    pair, order = _pair(outline, reference)
    if name in SIZES:
        noise = _noise(outline, reference, None, order)
        place = NOISE_SIZES.index(name) if name in NOISE_SIZES else -1
        return ChangeSeen(reference, None, pair, noise, place, _tables(outline, noise, place, pair))
    if snapshot is None:
        return ChangeSeen(reference, None, pair, None, -1, ())
    rows = FeatureDelta.objects.filter(snapshot=snapshot.pk, reference=reference, region=Region.LESION)
    delta = rows.select_related("reference_snapshot__segmentation__scan").first()
    noise = _noise(outline, reference, snapshot.feature_set_id, 0)
    place = snapshot.feature_set.names.index(name)
    return ChangeSeen(reference, delta, pair, noise, place, _tables(outline, noise, place, pair))


def _pair(outline: Segmentation, reference: Reference) -> tuple[LesionPair | None, int]:
    """The pair of scans, and its place among those of the visit: two kinds of scan give two."""
    rows = LesionPair.objects.filter(
        lesion=outline.lesion_id, timepoint=outline.scan.timepoint_id, reference=reference
    ).select_related("then_scan", "acceptance__accepted_by")
    pairs = list(rows.order_by("pk"))
    return next(((pair, n) for n, pair in enumerate(pairs) if pair.now_scan_id == outline.scan_id), (None, 0))


def _noise(outline: Segmentation, reference: Reference, feature_set_pk: int | None, order: int) -> ChangeNoise | None:
    return ChangeNoise.objects.filter(
        lesion=outline.lesion_id,
        timepoint=outline.scan.timepoint_id,
        reference=reference,
        feature_set=feature_set_pk,
        order=order,
    ).first()


def _tables(
    outline: Segmentation, noise: ChangeNoise | None, place: int, pair: LesionPair | None
) -> tuple[NoiseTable, ...]:
    if noise is None or place < 0 or noise.sources[place] is None:
        return ()
    diameters: Sequence[float | None] = pair.longest_diameter_mm if pair else ()
    classes = sorted({SizeClass.of(size) for size in diameters if size is not None})
    rows = NoiseTable.objects.filter(
        source=noise.sources[place],
        modality=outline.scan.modality,
        feature_set=noise.feature_set_id,
        size_class__in=classes,
        is_synthetic=outline.scan.patient.is_synthetic,
    )
    return tuple(rows.order_by("size_class"))
