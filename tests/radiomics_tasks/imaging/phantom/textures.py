"""Entropy of a made-up lesion scanned again and again: other noise, another hand, the patient lying otherwise."""

import math
from dataclasses import replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from radiomics_tasks.extraction.extractor import ScanExtractor
from radiomics_tasks.extraction.profiles import profile_for
from radiomics_tasks.imaging.phantom.cohort.plan import DemoPatient
from radiomics_tasks.imaging.phantom.patient_out import recipe_of
from radiomics_tasks.imaging.phantom.picture.canvas import Pose
from radiomics_tasks.imaging.phantom.scan import Grid, PlannedLesion, Recipe, made_scan
from radiomics_tasks.imaging.volume import Grid as VolumeGrid
from radiomics_tasks.imaging.volume import Mask, Volume

Floats = npt.NDArray[np.float64]
ENTROPY = "original_glcm_JointEntropy"
# The rest of the profile stands, so the numbers are those of the whole of it.
ENTROPY_ONLY = replace(profile_for("CT"), features={"glcm": ("JointEntropy",)})


@lru_cache
def joint_entropies(patient: DemoPatient, visit: int, name: str, repeats: int) -> tuple[float, ...]:
    """GLCM JointEntropy of one lesion on `repeats` scans of one visit, by the real extractor."""
    recipe = recipe_of(patient, visit, 0)
    lesion = next(each for each in recipe.lesions if each.name == name)
    return tuple(_entropy(_scanned_again(recipe, lesion, number)) for number in range(repeats))


def noise_units(patient: DemoPatient, visits: tuple[int, int], name: str, repeats: int) -> float:
    """The change between two visits over the noise of a change, sqrt(2) times the within-lesion deviation."""
    then, now = (np.array(joint_entropies(patient, visit, name, repeats)) for visit in visits)
    within_sd = math.sqrt((then.var(ddof=1) + now.var(ddof=1)) / 2)
    return float((now.mean() - then.mean()) / (math.sqrt(2) * within_sd))


def _scanned_again(recipe: Recipe, lesion: PlannedLesion, number: int) -> Recipe:
    words = f"{recipe.words} again {number}"
    rng = replace(recipe, words=words).rng("pose")
    x_mm, y_mm, z_mm, turn_deg = (float(value) for value in rng.uniform((-3, -3, -3, -2), (3, 3, 3, 2)))
    pose = replace(recipe.pose, shift_mm=(x_mm, y_mm, z_mm), turn_deg=turn_deg)
    return replace(recipe, grid=_around(recipe.grid, lesion, pose), lesions=(lesion,), words=words, pose=pose)


def _around(grid: Grid, lesion: PlannedLesion, pose: Pose) -> Grid:
    """The voxels of a scan around one lesion: for it, its border, the resampling and the word in the corner."""
    reach_mm = max(0.75 * lesion.size_mm + 12, 28.0)
    x_mm, y_mm = pose.to_scanner(*lesion.centre_mm[:2])
    middle = (x_mm, y_mm, lesion.centre_mm[2] + pose.shift_mm[2])
    first, counts = [], []
    for axis in range(3):
        places = grid.axis_mm(axis)
        low, high = np.searchsorted(places, (middle[axis] - reach_mm, middle[axis] + reach_mm))
        first.append(float(places[low]))
        counts.append(int(high - low))
    return Grid(grid.spacing_mm, (counts[2], counts[1], counts[0]), (first[0], first[1], first[2]))


def _entropy(recipe: Recipe) -> float:
    scan = made_scan(recipe)
    grid = VolumeGrid(recipe.grid.shape_zyx, recipe.grid.spacing_mm, recipe.grid.origin_mm)
    (mask,) = scan.masks.values()
    volume = Volume(grid, scan.array_zyx.astype(np.float32), "HU")
    found = ScanExtractor(volume, ENTROPY_ONLY).extract(Mask(grid, mask))
    (value,) = found.values
    assert found.names == (ENTROPY,) and value is not None
    return value
