"""A change beside its band: is it larger than noise, how surely, and what it may be called."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy import special

from patients.concluded.change_findings import Band, BandKey, DeltaNoise, Values
from patients.findings import Delta
from patients.timeline import Sizes
from patients.vocabulary import Modality, Reference
from patients.words.noise_words import NoBand, NoiseSource, NoiseVerdict, SizeClass
from radiomics_tasks.analysis.change.noise.bands import Bands, band_key, is_log_scale

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

# The sizes of a panel, in this order.
SIZE_PANEL = ("volume_ml", "longest_diameter_mm")

_OVER: Mapping[NoiseSource, NoiseVerdict] = {
    NoiseSource.SITE_PAIRS: NoiseVerdict.OUTSIDE,
    NoiseSource.PUBLISHED: NoiseVerdict.OUTSIDE_PUBLISHED,
    NoiseSource.DERIVED: NoiseVerdict.OUTSIDE_PUBLISHED,
    NoiseSource.PERTURBATION: NoiseVerdict.OVER_LOWER_BOUND,
}
_WITHIN: Mapping[NoiseSource, NoiseVerdict] = {
    NoiseSource.SITE_PAIRS: NoiseVerdict.INSIDE,
    NoiseSource.PUBLISHED: NoiseVerdict.INSIDE_PUBLISHED,
    NoiseSource.DERIVED: NoiseVerdict.INSIDE_PUBLISHED,
    # What outline and noise alone can do is less than what two scans can: still too small to be measured.
    NoiseSource.PERTURBATION: NoiseVerdict.INSIDE,
}


@dataclass(frozen=True, eq=False)
class BandColumns:
    """The bands of a list of features between two size classes, one entry a feature, NaN where there is none.

    `degrees_of_freedom` is infinite where a publication does not state it, `has_p` false beside a lower bound.
    """

    bands: tuple[Band | NoBand, ...]
    is_log: Flags
    within_sd: Floats
    mdc: Floats
    upper_mdc: Floats
    limit: Floats
    degrees_of_freedom: Floats
    has_p: Flags
    sources: tuple[NoiseSource | None, ...]
    missing: tuple[NoBand | None, ...]
    over: npt.NDArray[np.object_]
    within: npt.NDArray[np.object_]


class BandReader:
    """Bands read for whole feature sets; those of one feature set, profile and pair of size classes are kept."""

    def __init__(self, bands: Bands) -> None:
        self._bands = bands
        self._columns = lru_cache(maxsize=None)(self._read)

    def columns(
        self,
        names: tuple[str, ...],
        modality: Modality,
        profile_digest: str,
        diameters_mm: tuple[float | None, float | None],
    ) -> BandColumns:
        """The bands between two sizes (longest diameters); without both sizes there are none."""
        known = [SizeClass.of(size) for size in diameters_mm if size is not None]
        classes = tuple(sorted(set(known))) if len(known) == len(diameters_mm) else ()
        return self._columns(names, modality, profile_digest, classes)

    def _read(
        self, names: tuple[str, ...], modality: Modality, profile_digest: str, classes: tuple[SizeClass, ...]
    ) -> BandColumns:
        def keys(name: str) -> list[BandKey]:
            return [band_key(name, modality, profile_digest, size_class) for size_class in classes]

        found = [self._bands.between(keys(name)) if classes else NoBand.NOT_MEASURED for name in names]
        return band_columns(names, found)


def band_columns(names: Sequence[str], found: Sequence[Band | NoBand]) -> BandColumns:
    """The bands of a list of features as arrays."""
    bands = [one if isinstance(one, Band) else None for one in found]

    def numbers(what: str, otherwise: float = np.nan) -> Floats:
        values = [np.nan if band is None else getattr(band, what) for band in bands]
        return np.array([otherwise if value is None else value for value in values], dtype=np.float64)

    sources = tuple(None if band is None else band.source for band in bands)
    return BandColumns(
        bands=tuple(found),
        is_log=np.array([is_log_scale(name) for name in names], dtype=bool),
        within_sd=numbers("within_sd"),
        mdc=numbers("mdc"),
        upper_mdc=numbers("upper_mdc"),
        limit=numbers("limit"),
        degrees_of_freedom=numbers("degrees_of_freedom", np.inf),
        has_p=np.array([source not in (None, NoiseSource.PERTURBATION) for source in sources], dtype=bool),
        sources=sources,
        missing=tuple(one if isinstance(one, NoBand) else None for one in found),
        over=_objects(NoiseVerdict.UNKNOWN if source is None else _OVER[source] for source in sources),
        within=_objects(NoiseVerdict.UNKNOWN if source is None else _WITHIN[source] for source in sources),
    )


def _objects(values: Iterable[NoiseVerdict]) -> npt.NDArray[np.object_]:
    listed = list(values)
    filled: npt.NDArray[np.object_] = np.empty(len(listed), dtype=object)
    filled[:] = listed
    return filled


def two_sided_p(z: Floats, degrees_of_freedom: Floats) -> Floats:
    """The two-sided p of "no change": Student's t with the degrees of freedom of wSD, normal where they are infinite.

    Examples
    --------
    >>> two_sided_p(np.array([2.570582, 1.959964]), np.array([5.0, np.inf])).round(6).tolist()
    [0.05, 0.05]
    """
    is_normal = np.isinf(degrees_of_freedom)
    student = special.stdtr(np.where(is_normal, 1.0, degrees_of_freedom), -np.abs(z))
    tail: Floats = np.where(is_normal, special.ndtr(-np.abs(z)), student)
    return np.minimum(2.0 * tail, 1.0)


def delta_noise(delta: Delta, columns: BandColumns) -> DeltaNoise:
    """One Delta beside its bands; q-values come later, over all that a visit has.

    A change at its limit is outside. Features that are compared as ratios are judged by their log-ratio, all others
    by their absolute change.
    """
    of = Compared(delta.lesion_pk, delta.timepoint_pk, delta.reference, delta.feature_set_pk)
    return judged(of, judged_change(delta, columns.is_log), columns)


def judged_change(delta: Delta, is_log: Flags) -> Floats:
    """The form of change that noise is judged on, NaN where it is not defined."""
    logs = np.array(delta.log_ratio.values, dtype=np.float64)
    absolutes = np.array(delta.absolute.values, dtype=np.float64)
    return np.where(is_log, logs, absolutes)


def size_noise(
    of: "Compared", then: Sizes, now: Sizes, reader: BandReader, modality: Modality, *, is_one_kind: bool = True
) -> DeltaNoise:
    """Volume and longest diameter of one lesion beside their bands, as log-ratios, in the order of SIZE_PANEL.

    A size of zero has no ratio and is not judged: a lesion that is gone is a finding, not a change. Between scans of
    two kinds (not `is_one_kind`) no band holds: each is of one modality.
    """
    diameters = (then.longest_diameter_mm, now.longest_diameter_mm)
    pairs = ((then.volume_ml, now.volume_ml), diameters)
    change = np.array([math.log(b / a) if a > 0 and b > 0 else np.nan for a, b in pairs])
    known = diameters if is_one_kind else (None, None)
    return judged(of, change, reader.columns(SIZE_PANEL, modality, "", known))


@dataclass(frozen=True, slots=True)
class Compared:
    """What is compared with what: a lesion at a visit against a reference; sizes have no feature set."""

    lesion_pk: int
    timepoint_pk: int
    reference: Reference
    feature_set_pk: int | None = None


def judged(of: Compared, change: Floats, columns: BandColumns, *, variance: Floats | float = 0.0) -> DeltaNoise:
    """Changes beside their bands; `variance` is what the change has in addition to the noise of its two values."""
    with np.errstate(invalid="ignore", over="ignore"):
        z = change / np.sqrt(2.0 * columns.within_sd**2 + variance)
        mdc, upper, limit = (
            np.sqrt(known**2 + 1.96**2 * variance) for known in (columns.mdc, columns.upper_mdc, columns.limit)
        )
        verdicts = np.where(np.abs(change) >= limit, columns.over, columns.within)
    verdicts[np.isnan(change)] = NoiseVerdict.NO_VALUE
    p = np.where(columns.has_p, two_sided_p(z, columns.degrees_of_freedom), np.nan)
    return DeltaNoise(
        lesion_pk=of.lesion_pk,
        timepoint_pk=of.timepoint_pk,
        reference=of.reference,
        feature_set_pk=of.feature_set_pk,
        is_log=tuple(columns.is_log.tolist()),
        change=_values(change),
        z=_values(z),
        p=_values(p),
        q=(None,) * change.size,
        mdc=_values(mdc),
        upper_mdc=_values(upper),
        limit=_values(limit),
        verdicts=tuple(verdicts.tolist()),
        sources=columns.sources,
        missing=columns.missing,
        is_without_volume=(False,) * change.size,
    )


def _values(numbers: Floats) -> Values:
    kept: npt.NDArray[np.object_] = numbers.astype(object)
    kept[np.isnan(numbers)] = None
    return tuple(kept.tolist())
