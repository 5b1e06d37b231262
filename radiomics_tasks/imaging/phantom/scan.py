"""One made-up scan from its recipe: voxels on their grid, and the outlines a reader drew on them."""

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont
from scipy.ndimage import gaussian_filter

from patients.vocabulary import Modality
from radiomics_tasks.imaging.phantom.anatomy.brain import paint_head, shading
from radiomics_tasks.imaging.phantom.anatomy.enhancement import ENHANCEMENTS
from radiomics_tasks.imaging.phantom.anatomy.torso import Build, paint_couch, paint_torso
from radiomics_tasks.imaging.phantom.picture.canvas import Canvas, Pose
from radiomics_tasks.imaging.phantom.picture.fields import (
    SHARP_CUT_OFF,
    SOFT_CUT_OFF,
    FloatArray,
    Sheets,
    grain_field,
    noise_field,
)
from radiomics_tasks.imaging.phantom.picture.lesions import Vector, depth_mm, sized_axes
from radiomics_tasks.imaging.phantom.picture.reader import HAND, outlined
from radiomics_tasks.imaging.phantom.picture.tissue import (
    Interior,
    Look,
    Phase,
    interior_signal,
    spicule_part,
    tissue_of,
)

BoolArray = npt.NDArray[np.bool_]

# Standard deviation of the noise by slice thickness in mm, for a soft kernel.
NOISE_SD_HU = {1.25: 17.0, 2.5: 12.0, 5.0: 9.0}
# A sharp kernel: noise times this, and what it adds of the difference to a picture blurred by so many mm.
SHARP_NOISE, SHARP_EDGE, SHARP_EDGE_MM = 2.3, 0.45, 0.9
PARENCHYMA_SD_HU, PARENCHYMA_FWHM_MM = 6.0, 4.0
MR_NOISE_SD = 16.0
LESION_EDGE_MM = 1.5
# Grain of the field whose zero lines become sulci.
FOLD_MM = 13.0
LABEL_SIGNAL = 1000


@dataclass(frozen=True)
class Grid:
    """Where the voxels lie: axial slices from the feet upwards, in LPS mm."""

    spacing_mm: Vector
    shape_zyx: tuple[int, int, int]
    origin_mm: Vector

    def axis_mm(self, axis: int) -> FloatArray:
        """Voxel centres along x (0), y (1) or z (2)."""
        count = self.shape_zyx[2 - axis]
        centres = self.origin_mm[axis] + self.spacing_mm[axis] * np.arange(count)
        return centres.astype(np.float32)


@dataclass(frozen=True)
class PlannedLesion:
    """One lesion as it is at one visit."""

    name: str
    look: Look
    centre_mm: Vector
    proportions: Vector
    size_mm: float
    is_node: bool
    interior: Interior
    seed: int


@dataclass(frozen=True)
class Recipe:
    """All that decides a scan; the same recipe always gives the same voxels."""

    modality: Modality
    grid: Grid
    build: Build
    pose: Pose
    lesions: tuple[PlannedLesion, ...]
    words: str  # names patient and scan: the seed of noise, grain and the reader's hand
    phase: Phase = Phase.PORTAL
    is_sharp: bool = False

    def rng(self, *purpose: str) -> np.random.Generator:
        digest = hashlib.sha256(" ".join((self.words, *purpose)).encode()).digest()
        return np.random.default_rng(int.from_bytes(digest[:8]))


@dataclass(frozen=True)
class MadeScan:
    """Voxels (int16; HU or MR signal) and one mask per lesion on the same grid, by the lesion's name."""

    array_zyx: npt.NDArray[np.int16]
    masks: dict[str, BoolArray]


def made_scan(recipe: Recipe) -> MadeScan:
    """Paint anatomy, set the lesions into it, let the reader outline them, add noise and the word SYNTHETIC."""
    volume = _anatomy(recipe)
    places = [_placed(recipe, lesion) for lesion in recipe.lesions]
    for lesion, place in zip(recipe.lesions, places, strict=True):
        _set_lesion(recipe, lesion, place, volume)
    array = _finished_ct(recipe, volume) if recipe.modality == Modality.CT else _finished_mr(recipe, volume)
    array[:, _label(array.shape[1:])] = LABEL_SIGNAL
    return MadeScan(array, _drawn(recipe, places))


def drawn_masks(recipe: Recipe) -> dict[str, BoolArray]:
    """What the reader draws on a scan, by the lesion's name; no voxel needs to be painted for it."""
    return _drawn(recipe, [_placed(recipe, lesion) for lesion in recipe.lesions])


def _drawn(recipe: Recipe, places: list["_Place"]) -> dict[str, BoolArray]:
    masks = {}
    for lesion, place in zip(recipe.lesions, places, strict=True):
        mask = np.zeros(recipe.grid.shape_zyx, dtype=bool)
        mask[place.box] = outlined(place.depth, recipe.grid.spacing_mm, recipe.rng(lesion.name, HAND))
        masks[lesion.name] = mask
    return masks


def _anatomy(recipe: Recipe) -> FloatArray:
    grid = recipe.grid
    x_mm, y_mm = grid.axis_mm(0), grid.axis_mm(1)
    volume = np.empty(grid.shape_zyx, dtype=np.float32)
    folds = None
    if recipe.modality == Modality.MR:
        # The folds belong to the patient, not to the visit.
        folds = Sheets(grain_field(grid.spacing_mm, FOLD_MM, grid.shape_zyx), np.random.default_rng(recipe.build.seed))
    for index, z_mm in enumerate(grid.axis_mm(2).tolist()):
        canvas = Canvas(volume[index], x_mm, y_mm, z_mm, recipe.pose)
        if folds is None:
            paint_torso(canvas, recipe.build, ENHANCEMENTS[recipe.phase])
        else:
            paint_head(canvas, folds.at(index))
    return volume


@dataclass(frozen=True)
class _Place:
    """The box of voxels around a lesion: mm from its middle, depth below its border, distance from its middle."""

    box: tuple[slice, slice, slice]
    x: FloatArray
    y: FloatArray
    z: FloatArray
    depth: FloatArray
    radius: FloatArray


def _placed(recipe: Recipe, lesion: PlannedLesion) -> _Place:
    grid, pose = recipe.grid, recipe.pose
    axes = sized_axes(lesion.proportions, lesion.seed, lesion.size_mm, is_node=lesion.is_node)
    reach_mm = 1.35 * max(axes) + 15
    middle_x, middle_y = pose.to_scanner(lesion.centre_mm[0], lesion.centre_mm[1])
    middle = (middle_x, middle_y, lesion.centre_mm[2] + pose.shift_mm[2])
    picks = []
    for axis in (2, 1, 0):
        low, high = np.searchsorted(grid.axis_mm(axis), (middle[axis] - reach_mm, middle[axis] + reach_mm))
        picks.append(slice(int(low), int(high)))
    box = (picks[0], picks[1], picks[2])
    x_mm, y_mm, z_mm = (grid.axis_mm(axis)[box[2 - axis]] for axis in range(3))
    x, y = pose.to_body(x_mm[None, None, :], y_mm[None, :, None])
    z = z_mm[:, None, None] - np.float32(pose.shift_mm[2])
    x, y, z = (place - np.float32(centre) for place, centre in zip((x, y, z), lesion.centre_mm, strict=True))
    depth, radius = depth_mm(axes, lesion.seed, x, y, z)
    return _Place(box, x, y, z, depth, radius)


def _set_lesion(recipe: Recipe, lesion: PlannedLesion, place: _Place, volume: FloatArray) -> None:
    # The tissue is the patient's: its grain stays from scan to scan.
    rng = np.random.default_rng(lesion.seed)
    target = volume[place.box]
    if lesion.look in (Look.LUNG_MASS, Look.LUNG_CAVITY):
        strands = spicule_part(place.x, place.y, place.z, place.depth, rng) * (place.depth < 0)
        target += np.maximum(-20 - target, 0) * strands
    tissue = tissue_of(lesion.look, recipe.phase)
    signal = interior_signal(tissue, lesion.interior, place.depth, place.radius, recipe.grid.spacing_mm, rng)
    target += (signal - target) * np.clip(place.depth / np.float32(LESION_EDGE_MM) + np.float32(0.5), 0, 1)


def _finished_ct(recipe: Recipe, volume: FloatArray) -> npt.NDArray[np.int16]:
    grid = recipe.grid
    x_mm, y_mm = grid.axis_mm(0), grid.axis_mm(1)
    field_shape = (24, *grid.shape_zyx[1:])
    cut_off = SHARP_CUT_OFF if recipe.is_sharp else SOFT_CUT_OFF
    noise = Sheets(noise_field(grid.spacing_mm, field_shape, cut_off), recipe.rng("noise"))
    grain = Sheets(grain_field(grid.spacing_mm, PARENCHYMA_FWHM_MM, field_shape), recipe.rng("grain"))
    # A fifth more noise in the middle of the body, where fewer photons arrive.
    middle = np.exp(-((x_mm[None, :] / 130) ** 2) - (y_mm[:, None] / 100) ** 2)
    scan_sd = NOISE_SD_HU[grid.spacing_mm[2]] * (SHARP_NOISE if recipe.is_sharp else 1)
    noise_sd = (scan_sd * (0.9 + 0.2 * middle)).astype(np.float32)
    array = np.empty(grid.shape_zyx, dtype=np.int16)
    couch_top_mm = float(recipe.pose.shift_mm[1]) + recipe.build.back_mm
    for index, pixels in enumerate(volume):
        is_air, is_lung = pixels < -960, pixels < -700
        grain_sd = np.where(is_air, np.float32(0), np.where(is_lung, np.float32(20), np.float32(PARENCHYMA_SD_HU)))
        paint_couch(pixels, x_mm, y_mm, couch_top_mm)
        pixels += grain.at(index) * grain_sd
        if recipe.is_sharp:
            pixels += SHARP_EDGE * (pixels - gaussian_filter(pixels, SHARP_EDGE_MM / grid.spacing_mm[0]))
        pixels += noise.at(index) * noise_sd * np.where(is_air, np.float32(0.55), np.float32(1))
        array[index] = np.clip(np.rint(pixels), -1024, 3071)
    return array


def _finished_mr(recipe: Recipe, volume: FloatArray) -> npt.NDArray[np.int16]:
    grid, rng = recipe.grid, recipe.rng("noise")
    volume *= shading(grid.axis_mm(0), grid.axis_mm(1))
    real, imaginary = (MR_NOISE_SD * rng.standard_normal(grid.shape_zyx, dtype=np.float32) for _ in range(2))
    # Magnitude of a complex signal: Rician, so the air is never black.
    magnitude: npt.NDArray[np.int16] = np.rint(np.hypot(volume + real, imaginary)).astype(np.int16)
    return magnitude


def _label(shape_yx: tuple[int, ...]) -> BoolArray:
    """The word SYNTHETIC in the top left corner, outside the body."""
    picture = Image.new("1", (60, 12))
    ImageDraw.Draw(picture).text((1, 0), "SYNTHETIC", fill=1, font=ImageFont.load_default_imagefont())
    word = np.asarray(picture)
    factor = max(1, shape_yx[1] // 256)
    large = np.kron(word, np.ones((factor, factor), dtype=bool))
    label = np.zeros(shape_yx, dtype=bool)
    label[6 : 6 + large.shape[0], 6 : 6 + large.shape[1]] = large
    return label
