"""What is published about noise, and when it may be used: only under our profile, never an ICC with another spread."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from patients.concluded.change_findings import Band, BandKey
from patients.vocabulary import Modality
from patients.words.noise_words import NoBand, NoiseSource, SizeClass
from radiomics_tasks.analysis.change.noise.bands import SIZE_MEASURES, Bands, band_key, cited_band
from radiomics_tasks.analysis.change.noise.repeatability import within_sd_of_ln

_TABLE = Path(__file__).with_name("published_noise.json")


@dataclass(frozen=True, slots=True)
class PublishedSd:
    """A published within-lesion standard deviation, on the scale on which the feature is compared."""

    feature: str
    modality: Modality
    profile_digest: str
    size_class: SizeClass
    within_sd: float
    citation: str
    pairs: int | None = None


@dataclass(frozen=True, slots=True)
class PublishedIcc:
    """A published intraclass correlation; `total_sd` is the spread of a cohort, None where it is not stated.

    Both are on the scale on which the feature is compared: of its natural logarithm where that is a ratio.
    `is_repeated_scan`: of repeated scans, not of several readers of one scan.
    """

    feature: str
    modality: Modality
    profile_digest: str
    size_class: SizeClass
    icc: float
    cohort: str
    is_repeated_scan: bool
    citation: str
    total_sd: float | None = None


def shipped_sds() -> tuple[PublishedSd, ...]:
    """The published repeatability of sizes that ships as a default; a site's own pairs go before it.

    References
    ----------
    `published_noise.json` beside this file names each source. A coefficient of variation is taken for that of a
    log-normal quantity, so that limits are not symmetric in per cent.

    Examples
    --------
    >>> sorted({(one.feature, one.size_class.value, round(one.within_sd, 4)) for one in shipped_sds()})[3:]
    [('volume_ml', '10_35', 0.1403), ('volume_ml', '35_50', 0.1047), ('volume_ml', '50_100', 0.0868)]
    """
    rows = json.loads(_TABLE.read_text(encoding="utf-8"))
    return tuple(
        PublishedSd(
            row["feature"],
            Modality(row["modality"]),
            "",
            SizeClass(row["size_class"]),
            row.get("within_sd_of_ln") or within_sd_of_ln(row["within_cv"]),
            row["citation"],
            row["pairs"],
        )
        for row in rows
    )


def published_band(published: PublishedSd, profile_digest: str) -> Band | NoBand:
    """The band of a publication under one of our profiles; sizes have none, all else must have been extracted alike."""
    if not _is_alike(published.feature, published.profile_digest, profile_digest):
        return NoBand.OTHER_PROFILE
    return cited_band(_key(published, profile_digest), published.within_sd, published.citation, pairs=published.pairs)


def derived_band(published: PublishedIcc, profile_digest: str, *, spread_of: str) -> Band | NoBand:
    """wSD = SD·sqrt(1 - ICC) with the spread of the cohort that the ICC is of, or why it may not be derived.

    `spread_of` names the cohort whose spread `total_sd` is. With another one, the local one above all, the number
    would be a property of neither.

    Examples
    --------
    >>> def icc(total_sd, **more):
    ...     more = {"is_repeated_scan": True, "profile_digest": "ours"} | more
    ...     return PublishedIcc("original_firstorder_Mean", Modality.CT, more["profile_digest"], SizeClass.FROM_10,
    ...                         0.75, "theirs", more["is_repeated_scan"], "made up", total_sd)
    >>> derived_band(icc(2.0), "ours", spread_of="theirs").within_sd
    1.0
    >>> derived_band(icc(4.0), "ours", spread_of="this site").label
    'repeatability unknown: an ICC belongs to its own population, whose spread is not published with it'
    >>> [derived_band(icc(2.0, **other), "ours", spread_of="theirs").value
    ...  for other in ({"profile_digest": "other"}, {"is_repeated_scan": False})]
    ['OTHER_PROFILE', 'READERS_ONLY']
    """
    refusal = _refusal(published, profile_digest, spread_of)
    if refusal is not None or published.total_sd is None:
        return refusal or NoBand.ICC_ALONE
    within_sd = published.total_sd * math.sqrt(1 - published.icc)
    return cited_band(_key(published, profile_digest), within_sd, published.citation, source=NoiseSource.DERIVED)


def _refusal(published: PublishedIcc, profile_digest: str, spread_of: str) -> NoBand | None:
    if not _is_alike(published.feature, published.profile_digest, profile_digest):
        return NoBand.OTHER_PROFILE
    if not published.is_repeated_scan:
        return NoBand.READERS_ONLY
    if spread_of != published.cohort:
        return NoBand.ICC_ALONE
    return None if 0 <= published.icc < 1 else NoBand.ICC_OUTSIDE


def _is_alike(feature: str, published_profile: str, profile_digest: str) -> bool:
    return feature in SIZE_MEASURES or published_profile == profile_digest


def _key(published: PublishedSd | PublishedIcc, profile_digest: str) -> BandKey:
    return band_key(published.feature, published.modality, profile_digest, published.size_class)


def published_bands(published: Sequence[PublishedSd], profile_digest: str) -> Bands:
    """Every publication as a band where it may be used, else the reason why not."""
    by_key: dict[BandKey, Band] = {}
    missing: dict[BandKey, NoBand] = {}
    for one in published:
        found = published_band(one, profile_digest)
        if isinstance(found, Band):
            by_key[found.key] = found
        else:
            missing[_key(one, profile_digest)] = found
    return Bands(by_key, missing)
