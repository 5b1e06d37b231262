"""One outline extracted several times, each time perturbed: the same numbers to the bit whenever it is done."""

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import SimpleITK as sitk

from radiomics_tasks.errors import Refusal
from radiomics_tasks.extraction.extractor import ScanExtractor
from radiomics_tasks.extraction.perturb.contours import Surface
from radiomics_tasks.extraction.perturb.noise import ScanNoise, noise_around
from radiomics_tasks.extraction.perturb.shifts import drawn_motion, moved
from radiomics_tasks.extraction.perturb.spec import PerturbationSpec
from radiomics_tasks.extraction.profiles import Profile
from radiomics_tasks.imaging.measure import measure
from radiomics_tasks.imaging.volume import BoolArray, FloatArray, Grid, Mask, Volume, bounding_box, place_on, sub_grid

Sizes = dict[str, float]
NOISE_MARGIN_MM = 15.0
# A cubic B-spline forgets a border by a factor of 0.268 a voxel: what is left here is 1e-7 of a grey value.
SPLINE_REACH_VOXELS = 12


@dataclass(frozen=True, slots=True)
class RepeatedFeatures:
    """The features and sizes of one outline under a perturbation.

    `values`: repeats x features, None where not defined. `sizes`: of the perturbed outline on the scan's own grid,
    None where nothing of it was left. `noise`: what was estimated of the scan around the lesion.
    """

    names: tuple[str, ...]
    values: tuple[tuple[float | None, ...], ...]
    sizes: tuple[Sizes | None, ...]
    spec: dict[str, Any]
    spec_digest: str
    seed: str
    profile: str
    profile_digest: str
    build_digest: str
    volume_digest: str
    mask_digest: str
    noise: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """The repeats as plain data; floats keep every bit through JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Crop:
    """What all repeats share: the part of the scan around the outline."""

    grid: Grid
    grey: FloatArray
    inside: BoolArray
    surface: Surface
    noise: ScanNoise


def repeat(
    volume: Volume, extractor: ScanExtractor, mask: Mask, profile: Profile, spec: PerturbationSpec
) -> RepeatedFeatures:
    """The features of one outline as often as the spec says, each time perturbed anew.

    The scan is cropped once, its noise and the distances from the surface are found once; normalisation and digest
    are the extractor's, which the outlines of a scan share.

    Parameters
    ----------
    volume : the scan in LPS order, to which the extractor is bound; filtered profiles are not perturbed.

    Raises Refusal E_MASK_EMPTY, E_MASK_GEOMETRY or E_NONFINITE (voxels around the lesion that are not numbers).
    """
    placed = place_on(volume.grid, mask)
    crop = _cropped(volume.grid, extractor, placed.array, spec)
    digest = mask.digest
    seed = spec.seed(digest, extractor.volume_digest)
    streams = np.random.SeedSequence(int(seed, 16)).spawn(spec.repeats)
    done = [_once(crop, extractor, profile, spec, np.random.default_rng(stream), volume.grid) for stream in streams]
    return RepeatedFeatures(
        names=profile.feature_names,
        values=tuple(values for values, _ in done),
        sizes=tuple(sizes for _, sizes in done),
        spec=spec.as_dict(),
        spec_digest=spec.digest,
        seed=seed,
        profile=profile.name,
        profile_digest=profile.digest,
        build_digest=extractor.build.digest,
        volume_digest=extractor.volume_digest,
        mask_digest=digest,
        noise={"deviation": crop.noise.deviation, "sigma_voxels_kji": list(crop.noise.sigma_voxels)},
    )


def _cropped(whole: Grid, extractor: ScanExtractor, inside: BoolArray, spec: PerturbationSpec) -> _Crop:
    tight = bounding_box(inside)
    longest_mm = max((part.stop - part.start) * step for part, step in zip(tight, whole.spacing_mm[::-1], strict=True))
    # How far a corner of the outline's box may swing; what is moved in from there must have been cropped along.
    swing_mm = math.sin(math.radians(spec.rotation_degrees)) * math.sqrt(3) * longest_mm
    reach = [
        math.ceil(SPLINE_REACH_VOXELS + 2 * spec.contour_voxels + spec.shift_voxels + swing_mm / step)
        for step in whole.spacing_mm[::-1]
    ]
    box = _grown(tight, reach, whole.shape)
    grey = np.ascontiguousarray(extractor.grey_values[box])
    bad = int(np.count_nonzero(~np.isfinite(grey)))
    if bad:
        raise Refusal("E_NONFINITE", f"{bad} voxels in or around the lesion are not numbers. Export the scan again.")
    near = _grown(tight, [math.ceil(NOISE_MARGIN_MM / step) for step in whole.spacing_mm[::-1]], whole.shape)
    noise = noise_around(extractor.grey_values[near])
    marked = np.ascontiguousarray(inside[box])
    return _Crop(sub_grid(whole, box), grey, marked, Surface.of(marked, whole.spacing_mm, spec), noise)


def _grown(
    tight: tuple[slice, slice, slice], more: list[int], shape: tuple[int, int, int]
) -> tuple[slice, slice, slice]:
    grown = [
        slice(max(0, part.start - margin), min(count, part.stop + margin))
        for part, margin, count in zip(tight, more, shape, strict=True)
    ]
    return grown[0], grown[1], grown[2]


def _once(
    crop: _Crop,
    extractor: ScanExtractor,
    profile: Profile,
    spec: PerturbationSpec,
    rng: np.random.Generator,
    whole: Grid,
) -> tuple[tuple[float | None, ...], Sizes | None]:
    """One repeat; motion, surface and noise are drawn in this order."""
    motion = drawn_motion(crop.grid, crop.inside, spec, rng)
    inside = crop.surface.moved(rng)
    if not inside.any():
        return (None,) * len(profile.feature_names), None
    grey = crop.grey
    if spec.noise_ratio and crop.noise.deviation:
        grey = (grey + spec.noise_ratio * crop.noise.drawn(rng, grey.shape)).astype(np.float32)
    image = sitk.GetImageFromArray(grey)
    image.SetSpacing(crop.grid.spacing_mm)
    image.SetOrigin(crop.grid.origin_mm)
    image.SetDirection(crop.grid.direction)
    size = measure(Mask(crop.grid, inside))
    values = extractor.extract_moved(*moved(image, inside, crop.grid, motion, profile, whole))
    return values, {
        "volume_ml": size.volume_ml,
        "longest_diameter_mm": size.longest_diameter_mm,
        "short_axis_mm": size.short_axis_mm,
    }
