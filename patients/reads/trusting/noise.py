"""What repeatability is measured on: lesions outlined twice a day, repeats under perturbation; and noise tables."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q

from patients.concluded.change_findings import BandPlace
from patients.made_with import annotator_text, method_text
from patients.models import (
    FeatureSet,
    FeatureSnapshot,
    NoiseTable,
    Patient,
    RepeatedExtraction,
    RetestPair,
    Segmentation,
)
from patients.standing_damage import features_damaged
from patients.timeline import ScanSeen
from patients.vocabulary import Modality, Organ
from patients.words.noise_words import SizeClass
from patients.words.regions import Region


@dataclass(frozen=True, slots=True)
class OutlineTwice:
    """The current outline of a lesion that another scan of the same day and kind shows as well.

    `feature_set_pk` is None, and digests and `values` are empty, where nothing was extracted; sizes are None where
    nothing was measured.
    """

    pk: int
    lesion_pk: int
    patient_pk: int
    organ: Organ
    scan: ScanSeen
    frame_of_reference_uid: str
    method: str
    annotator: str
    outside_ratio: float | None
    longest_diameter_mm: float | None
    volume_ml: float | None
    is_synthetic: bool
    feature_set_pk: int | None = None
    profile_digest: str = ""
    build_digest: str = ""
    values: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Repeats:
    """One outline's features and sizes under perturbation: `values` (repeats, features) flat, a size may be None."""

    segmentation_pk: int
    lesion_pk: int
    patient_pk: int
    modality: Modality
    feature_set_pk: int
    repeats: int
    values: tuple[float | None, ...]
    sizes: tuple[dict[str, float] | None, ...]
    is_synthetic: bool


_OUTLINE = (
    "pk",
    "lesion_id",
    "lesion__organ",
    "made_with",
    "scan_id",
    "scan__patient_id",
    "scan__patient__is_synthetic",
    "scan__code",
    "scan__modality",
    "scan__acquired_on",
    "scan__unit",
    "scan__description",
    "scan__facts",
    "scan__frame_of_reference_uid",
    "measurement__outside_ratio",
    "measurement__longest_diameter_mm",
    "measurement__volume_ml",
)
_PLACE = (
    "scan__patient_id",
    "lesion_id",
    "pk",
    "scan__modality",
    "measurement__longest_diameter_mm",
    "snapshots__feature_set__profile_digest",
)
_NEWEST = (
    "pk",
    "segmentation_id",
    "segmentation__scan__patient__is_synthetic",
    "segmentation__scan__modality",
    "feature_set_id",
    "spec_digest",
    "build_digest",
)


def outlines_twice_a_day() -> list[OutlineTwice]:
    """The current outlines of every lesion that two scans of one day and modality show, in two queries."""
    current = Segmentation.objects.filter(
        ~features_damaged(), superseded_at=None, is_withheld=False, lesion__isnull=False
    )
    other = current.filter(
        ~Q(scan=OuterRef("scan")),
        lesion=OuterRef("lesion"),
        scan__acquired_on=OuterRef("scan__acquired_on"),
        scan__modality=OuterRef("scan__modality"),
    )
    rows = list(current.filter(Exists(other)).order_by("pk").values(*_OUTLINE))
    extracted = _newest_snapshots([row["pk"] for row in rows])
    return [_outline(row, extracted.get(row["pk"], {})) for row in rows]


def _newest_snapshots(outline_pks: Collection[int]) -> dict[int, dict[str, Any]]:
    rows = FeatureSnapshot.objects.filter(
        segmentation__in=outline_pks, region=Region.LESION, feature_set__is_extra=False
    )
    rows = rows.order_by("segmentation_id", "-pk").distinct("segmentation_id")
    columns = ("segmentation_id", "feature_set_id", "feature_set__profile_digest", "build_digest", "values")
    return {
        outline: {
            "feature_set_pk": feature_set,
            "profile_digest": profile,
            "build_digest": build,
            "values": tuple(values),
        }
        for outline, feature_set, profile, build, values in rows.values_list(*columns)
    }


def _outline(row: dict[str, Any], extracted: dict[str, Any]) -> OutlineTwice:
    scan = ScanSeen(
        row["scan_id"],
        str(row["scan__code"]),
        Modality(row["scan__modality"]),
        row["scan__acquired_on"],
        row["scan__unit"],
        row["scan__description"],
        facts=row["scan__facts"],
    )
    return OutlineTwice(
        pk=row["pk"],
        lesion_pk=row["lesion_id"],
        patient_pk=row["scan__patient_id"],
        organ=Organ(row["lesion__organ"]),
        scan=scan,
        frame_of_reference_uid=row["scan__frame_of_reference_uid"],
        method=method_text(row["made_with"]),
        annotator=annotator_text(row["made_with"]),
        outside_ratio=row["measurement__outside_ratio"],
        longest_diameter_mm=row["measurement__longest_diameter_mm"],
        volume_ml=row["measurement__volume_ml"],
        is_synthetic=row["scan__patient__is_synthetic"],
        **extracted,
    )


def repeats_by_kind() -> Iterator[list[Repeats]]:
    """The repeats of all current outlines of lesions, those of one modality and feature set together.

    Those of made-up patients stand apart from the others.

    Of each outline only the newest, and only what was perturbed in the way, and extracted by the build, of the
    newest repeats of its kind: two ways have two noises.
    """
    rows = RepeatedExtraction.objects.filter(
        segmentation__superseded_at=None, segmentation__is_withheld=False, segmentation__lesion__isnull=False
    )
    kinds: dict[tuple[bool, str, int], dict[int, tuple[int, tuple[str, str]]]] = {}
    for pk, outline, is_synthetic, modality, feature_set, *way in rows.order_by("pk").values_list(*_NEWEST):
        kinds.setdefault((is_synthetic, modality, feature_set), {})[outline] = pk, (way[0], way[1])
    for key in sorted(kinds):
        newest = max(kinds[key].values())[1]
        yield _repeats([pk for pk, way in kinds[key].values() if way == newest])


def _repeats(pks: Collection[int]) -> list[Repeats]:
    columns = (
        "segmentation_id",
        "segmentation__lesion_id",
        "segmentation__scan__patient_id",
        "segmentation__scan__modality",
        "feature_set_id",
        "repeats",
        "values",
        "sizes",
        "segmentation__scan__patient__is_synthetic",
    )
    rows = RepeatedExtraction.objects.filter(pk__in=pks).order_by("pk").values_list(*columns)
    return [
        Repeats(
            outline, lesion, patient, Modality(modality), feature_set, repeats, tuple(values), tuple(sizes), made_up
        )
        for outline, lesion, patient, modality, feature_set, repeats, values, sizes, made_up in rows
    ]


def feature_sets(pks: Collection[int]) -> dict[int, FeatureSet]:
    """Feature sets by their pk, in one query."""
    return FeatureSet.objects.in_bulk(set(pks))


def patients_with_lesions_in(places: Collection[BandPlace], *, is_synthetic: bool) -> list[int]:
    """Every patient, made up or not, with a lesion of which an outline lies in one of these places, by pk.

    In one query. A lesion that was outlined once has no change yet that a band could stand beside.
    """
    rows = Segmentation.objects.filter(superseded_at=None, is_withheld=False, lesion__isnull=False)
    rows = rows.filter(scan__modality__in={place.modality for place in places})
    rows = rows.filter(scan__patient__is_synthetic=is_synthetic)
    outlines: dict[tuple[int, int], set[int]] = defaultdict(set)
    touched = set()
    for patient, lesion, pk, modality, diameter_mm, profile in rows.values_list(*_PLACE).distinct():
        outlines[patient, lesion].add(pk)
        if diameter_mm is None:
            continue
        size_class = SizeClass.of(diameter_mm)
        if any(BandPlace(Modality(modality), one, size_class) in places for one in ("", profile or "")):
            touched.add((patient, lesion))
    return sorted({patient for patient, lesion in touched if len(outlines[patient, lesion]) > 1})


def patients_with_feature_sets(feature_set_pks: Collection[int], *, is_synthetic: bool) -> list[int]:
    """Every patient, made up or not, of whom something was extracted under these feature sets, by pk."""
    seen = FeatureSnapshot.objects.filter(segmentation__scan__patient=OuterRef("pk"), feature_set__in=feature_set_pks)
    rows = Patient.objects.filter(Exists(seen), is_synthetic=is_synthetic)
    return list(rows.order_by("pk").values_list("pk", flat=True))


@dataclass(frozen=True, slots=True)
class PairShown:
    """One pair of scans of a day as a page lists it."""

    on: date
    modality: Modality
    pseudonym: str
    is_synthetic: bool
    lesion: str
    lesion_code: str
    descriptions: tuple[str, str]
    why_not: str


def pairs_shown(team_pks: Collection[int]) -> list[PairShown]:
    """The same-day pairs of these teams' patients, the newest day first, in one query."""
    rows = RetestPair.objects.filter(first__scan__patient__team__in=team_pks)
    rows = rows.order_by("-first__scan__acquired_on", "first__lesion_id", "pk")
    columns = (
        "first__scan__acquired_on",
        "first__scan__modality",
        "first__scan__patient__pseudonym",
        "first__scan__patient__is_synthetic",
        "first__lesion__tracking_id",
        "first__lesion__code",
        "first__scan__description",
        "second__scan__description",
        "why_not",
    )
    return [
        PairShown(on, Modality(modality), pseudonym, made_up, lesion, str(code), (first, second), why_not)
        for on, modality, pseudonym, made_up, lesion, code, first, second, why_not in rows.values_list(*columns)
    ]


def noise_tables() -> list[NoiseTable]:
    """Every table of the site with its feature set, in one query."""
    rows = NoiseTable.objects.select_related("feature_set")
    return list(rows.order_by("is_synthetic", "modality", "feature_set_id", "size_class", "source"))
