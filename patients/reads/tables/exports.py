"""Measurements and features as tidy rows: one value a row, with unit, profile, digests and its snapshot's number."""

from collections.abc import Collection, Iterator
from itertools import islice

from django.db.models import Prefetch

from patients.feature_names import FeatureName
from patients.models import FeatureSnapshot, HarmonisedValues, Measurement, Segmentation
from patients.reads.tables.pair_cells import COLUMNS as PAIR_COLUMNS
from patients.reads.tables.pair_cells import BaselineCells
from patients.reads.tables.volume_cells import COLUMNS as VOLUME_COLUMNS
from patients.reads.tables.volume_cells import NOT_OF_TEXTURE, VolumeCells
from patients.standing_damage import features_damaged, sizes_damaged
from patients.vocabulary import Absence
from patients.words.harmonisation_words import ModelStatus
from patients.words.regions import Region

COLUMNS = (
    "synthetic",
    "patient",
    "lesion",
    "tracking_uid",
    "organ",
    "role",
    "scan_date",
    "modality",
    "region",
    "feature",
    "value",
    "unit",
    "reason",
    "harmonised",
    "harmonised_reason",
    "harmonisation",
    *PAIR_COLUMNS,
    *VOLUME_COLUMNS,
    "profile",
    "profile_digest",
    "conformance",
    "engine",
    "build_digest",
    "mask_digest",
    "volume_digest",
    "segmentation",
    "snapshot",
)
Cell = str | float | None
_SIZES = (("longest_diameter_mm", "mm"), ("short_axis_mm", "mm"), ("volume_ml", "mL"))
NOT_HARMONISED: tuple[Cell, ...] = (None, "", "")
BATCH = 50


def tidy_rows(patient_pks: Collection[int], profile: str = "") -> Iterator[tuple[Cell, ...]]:
    """Every size and feature of every linked, current outline of these patients, in the order of COLUMNS.

    `profile`: a further profile (`ct-full`), whose features stand in place of those that are followed.
    A value that is not defined is None, with its reason in the next column but one; it is never a zero. What stands
    on damaged data is not told either.
    """
    outlines = (
        Segmentation.objects.filter(
            scan__patient__in=patient_pks, lesion__isnull=False, superseded_at=None, is_withheld=False
        )
        .select_related("scan__patient", "lesion", "measurement")
        .defer("scan__facts", "scan__geometry", "scan__instances", "slices")
        .annotate(has_damaged_sizes=sizes_damaged(), has_damaged_features=features_damaged())
        .order_by("scan__patient__pseudonym", "lesion_id", "scan__acquired_on", "pk")
        .prefetch_related(_under(profile), "snapshots__feature_set", _harmonised())
    )
    volume = VolumeCells()
    for portion in _portions(outlines.iterator(chunk_size=BATCH)):
        against = BaselineCells(portion)
        for outline in portion:
            start = _start(outline)
            yield from _size_rows(outline, start, against)
            for snapshot in outline.snapshots.all():
                yield from _feature_rows(outline, snapshot, start, against, volume)


def _under(profile: str) -> "Prefetch[str]":
    rows = FeatureSnapshot.objects.filter(feature_set__is_extra=bool(profile)).order_by("pk")
    return Prefetch("snapshots", rows.filter(feature_set__profile=profile) if profile else rows)


def _portions(outlines: Iterator[Segmentation]) -> Iterator[list[Segmentation]]:
    while portion := list(islice(outlines, BATCH)):
        yield portion


def _start(outline: Segmentation) -> tuple[Cell, ...]:
    scan, lesion = outline.scan, outline.lesion
    if lesion is None:
        raise ValueError("only linked outlines are exported")
    return (
        "SYNTHETIC" if scan.is_synthetic else "",
        scan.patient.pseudonym,
        lesion.tracking_id,
        lesion.tracking_uid,
        lesion.organ,
        lesion.role,
        scan.acquired_on.isoformat(),
        scan.modality,
    )


def _end(outline: Segmentation) -> tuple[Cell, ...]:
    return outline.mask_digest, outline.scan.volume_digest, str(outline.code)


def _size_rows(outline: Segmentation, start: tuple[Cell, ...], against: BaselineCells) -> Iterator[tuple[Cell, ...]]:
    measured: Measurement | None = getattr(outline, "measurement", None)
    is_damaged = getattr(outline, "has_damaged_sizes", False)
    for name, unit in _SIZES:
        value = getattr(measured, name) if measured else None
        missing = Absence.FAILED if outline.failure else Absence.WAITING
        reason = measured.absence if measured else missing.value
        if is_damaged:
            value, reason = None, Absence.DAMAGED.value
        beside = (*NOT_HARMONISED, *against.of_size(outline, name), *NOT_OF_TEXTURE)
        yield (*start, Region.LESION.value, name, value, unit, reason, *beside, *[""] * 5, *_end(outline), "")


def _feature_rows(
    outline: Segmentation,
    snapshot: FeatureSnapshot,
    start: tuple[Cell, ...],
    against: BaselineCells,
    volume: VolumeCells,
) -> Iterator[tuple[Cell, ...]]:
    names = snapshot.feature_set
    made_by = (
        names.profile,
        names.profile_digest,
        snapshot.provenance.get("conformance", ""),
        snapshot.engine,
        snapshot.build_digest,
    )
    under = next(iter(snapshot.harmonised.all()), None)
    values, reasons = snapshot.values, snapshot.reasons
    if getattr(outline, "has_damaged_features", False):
        under, values = None, [None] * len(names.names)
        reasons = [Absence.DAMAGED.value] * len(names.names)
    for place, (name, value, reason) in enumerate(zip(names.names, values, reasons, strict=True)):
        unit = FeatureName.parse(name).unit(outline.scan.unit)
        beside = NOT_HARMONISED if under is None else _beside(under, place)
        change = (
            *against.of_feature(outline, snapshot, place),
            *volume.of_feature(snapshot, place, is_synthetic=outline.scan.patient.is_synthetic),
        )
        end = (*made_by, *_end(outline), snapshot.pk)
        yield (*start, snapshot.region, name, value, unit, reason or "", *beside, *change, *end)


def _harmonised() -> "Prefetch[str]":
    """What was derived under the harmonisation in force, without its parameters."""
    rows = HarmonisedValues.objects.filter(model__status=ModelStatus.IN_FORCE).select_related("model")
    return Prefetch("snapshots__harmonised", rows.defer("model__parameters"))


def _beside(under: HarmonisedValues, place: int) -> tuple[Cell, ...]:
    """Harmonised value, reason or notes, and the model's version and digest."""
    reason = under.reasons[place] or " ".join(under.notes)
    return under.values[place], reason, f"version {under.model.version} {under.model.digest}"
