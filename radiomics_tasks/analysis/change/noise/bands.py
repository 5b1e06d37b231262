"""Bands: how much each feature differs between repeats, from the site's own, a publication, or perturbation."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from patients.concluded.change_findings import Band, BandKey, BandPlace
from patients.noise_beside import limit_of
from patients.vocabulary import Modality
from patients.words.noise_words import NoBand, NoiseSource, SizeClass
from radiomics_tasks.analysis.change.noise.repeatability import MDC_FACTOR, upper_sd, within_sds
from radiomics_tasks.analysis.change.semantics import semantics

Floats = npt.NDArray[np.float64]

# Sizes are positive and are compared as ratios; no extraction profile touches them.
SIZE_MEASURES = frozenset({"volume_ml", "longest_diameter_mm", "short_axis_mm"})


@dataclass(frozen=True, eq=False)
class RepeatedLesion:
    """One lesion seen several times without any change: an array of (repeats, features), NaN where there is no value.

    Same-day scans give two repeats, perturbation as many as were drawn. `longest_diameter_mm` is their mean.
    """

    lesion_pk: int
    patient_pk: int
    longest_diameter_mm: float
    values: Floats


@dataclass(frozen=True, slots=True)
class Bands:
    """The band of each feature, modality, profile and size class, and why there is none where one was looked for."""

    by_key: Mapping[BandKey, Band] = field(default_factory=dict)
    missing: Mapping[BandKey, NoBand] = field(default_factory=dict)

    def at(self, key: BandKey) -> Band | NoBand:
        """The band of one key, or why there is none."""
        band = self.by_key.get(key)
        return band if band is not None else self.missing.get(key, NoBand.NOT_MEASURED)

    def between(self, keys: Sequence[BandKey]) -> Band | NoBand:
        """The band of a change between the size classes of its two ends: the wider one; none where one is unknown."""
        found = [self.at(key) for key in keys]
        bands = [band for band in found if isinstance(band, Band)]
        unknown = next((one for one in found if isinstance(one, NoBand)), None)
        return unknown or max(bands, key=lambda band: band.limit)


def is_log_scale(feature: str) -> bool:
    """Whether a feature is compared as a ratio: every size, and each feature whose scale allows it.

    >>> is_log_scale("volume_ml"), is_log_scale("original_glcm_Contrast"), is_log_scale("original_firstorder_Mean")
    (True, True, False)
    """
    return feature in SIZE_MEASURES or semantics(feature).has_log


def band_key(feature: str, modality: Modality, profile_digest: str, size_class: SizeClass) -> BandKey:
    """The key of a band; a size has no profile."""
    return BandKey(feature, modality, "" if feature in SIZE_MEASURES else profile_digest, size_class)


def measured_bands(
    repeats: Sequence[RepeatedLesion],
    names: Sequence[str],
    modality: Modality,
    profile_digest: str,
    source: NoiseSource,
) -> Bands:
    """The bands that repeats of one modality and profile give, for each size class that has any.

    Columns of the lesions' values are features in the order of `names`. A feature that is compared as a ratio gets
    the band of its natural logarithm; repeats that are not positive have none and are left out. Under 35 degrees of
    freedom changes are held against the upper 95 % limit. Repeats that are all equal are no band: rounding or a
    constant feature, not a perfect one.
    """
    logs = np.array([is_log_scale(name) for name in names], dtype=bool)
    by_key: dict[BandKey, Band] = {}
    missing: dict[BandKey, NoBand] = {}
    for size_class in SizeClass:
        of_class = [one for one in repeats if SizeClass.of(one.longest_diameter_mm) is size_class]
        used = [_on_scale(one.values, logs) for one in of_class]
        if not used:
            continue
        within, freedom, sets = within_sds(used)
        lesions = _distinct([one.lesion_pk for one in of_class], used)
        patients = _distinct([one.patient_pk for one in of_class], used)
        for column, name in enumerate(names):
            key = band_key(name, modality, profile_digest, size_class)
            degrees = int(freedom[column])
            if degrees == 0 or not within[column] > 0:
                missing[key] = NoBand.NO_SPREAD if degrees else NoBand.NOT_MEASURED
                continue
            by_key[key] = counted_band(
                key,
                source,
                float(within[column]),
                degrees,
                lesions=int(lesions[column]),
                patients=int(patients[column]),
                left_out=len(of_class) - int(sets[column]),
            )
    return Bands(by_key, missing)


def _on_scale(values: Floats, logs: npt.NDArray[np.bool_]) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(logs, np.log(values), values)


def _distinct(pks: Sequence[int], used: Sequence[Floats]) -> npt.NDArray[np.int64]:
    """How many lesions, or patients, stand behind each feature's band.

    One lesion may be repeated on several days, and the lesions of one patient share a scan and its noise.
    """
    seen: dict[int, npt.NDArray[np.bool_]] = {}
    for pk, values in zip(pks, used, strict=True):
        is_used = np.isfinite(values).sum(axis=0) > 1
        seen[pk] = is_used | seen.get(pk, np.zeros_like(is_used))
    total: npt.NDArray[np.int64] = np.sum(list(seen.values()), axis=0, dtype=np.int64)
    return total


def counted_band(
    key: BandKey,
    source: NoiseSource,
    within_sd: float,
    degrees: int | None,
    *,
    lesions: int | None = None,
    patients: int | None = None,
    left_out: int = 0,
    citation: str = "",
) -> Band:
    """A band from its wSD and what stands behind it; under 35 degrees of freedom its limit is the upper one."""
    mdc = MDC_FACTOR * within_sd
    upper = MDC_FACTOR * upper_sd(within_sd, degrees) if degrees else None
    return Band(
        key=key,
        source=source,
        is_log=is_log_scale(key.feature),
        within_sd=within_sd,
        mdc=mdc,
        upper_mdc=upper,
        limit=limit_of(mdc, upper, degrees),
        degrees_of_freedom=degrees,
        lesions=lesions,
        patients=patients,
        left_out=left_out,
        citation=citation,
    )


def cited_band(
    key: BandKey,
    within_sd: float,
    citation: str,
    *,
    pairs: int | None = None,
    source: NoiseSource = NoiseSource.PUBLISHED,
) -> Band:
    """A band of a publication, its wSD on the scale on which the feature is compared.

    Raises
    ------
    ValueError
        The wSD is not a positive number, or the number of pairs is not one.
    """
    if not (math.isfinite(within_sd) and within_sd > 0) or (pairs is not None and pairs < 1):
        raise ValueError("a published band needs a positive wSD and, where stated, at least one pair")
    return counted_band(key, source, within_sd, pairs, citation=citation)


def chosen_bands(layers: Iterable[Bands]) -> Bands:
    """One band a key out of several origins: the site's own pairs, else the widest.

    What is published elsewhere and what perturbation shows may both be too narrow for this site's scans, so the
    narrower of them is never preferred.
    """
    by_key: dict[BandKey, Band] = {}
    missing: dict[BandKey, NoBand] = {}
    for layer in layers:
        missing.update({key: reason for key, reason in layer.missing.items() if key not in missing})
        for key, band in layer.by_key.items():
            if key not in by_key or _rank(band) > _rank(by_key[key]):
                by_key[key] = band
    return Bands(by_key, {key: reason for key, reason in missing.items() if key not in by_key})


def moved_places(before: Bands, after: Bands) -> set[BandPlace]:
    """Where a finding would read another band than before, or none; who stands behind the same band is no matter."""
    keys = {*before.by_key, *before.missing, *after.by_key, *after.missing}
    moved = (key for key in keys if _read(before.at(key)) != _read(after.at(key)))
    return {BandPlace(key.modality, key.profile_digest, key.size_class) for key in moved}


def _read(found: Band | NoBand) -> object:
    return found if isinstance(found, NoBand) else (found.source, found.within_sd, found.degrees_of_freedom)


def _rank(band: Band) -> tuple[bool, float]:
    return band.source is NoiseSource.SITE_PAIRS, band.limit
