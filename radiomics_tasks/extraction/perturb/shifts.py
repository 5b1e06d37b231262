"""A patient who lies a little differently: image and outline moved and turned on their way to the profile's voxels.

Both are interpolated once, as the engine does it: moving first and resampling then would smooth the image twice.
"""

import math

import numpy as np
import SimpleITK as sitk

from radiomics_tasks.extraction.perturb.spec import PerturbationSpec
from radiomics_tasks.extraction.profiles import Profile
from radiomics_tasks.imaging.volume import BoolArray, Grid, bounding_box

_INTERPOLATORS = {"sitkBSpline": sitk.sitkBSpline, "sitkLinear": sitk.sitkLinear}


def drawn_motion(
    grid: Grid, inside: BoolArray, spec: PerturbationSpec, rng: np.random.Generator
) -> sitk.Euler3DTransform:
    """A small motion about the outline's centre: a part of a voxel along each axis, an angle about each patient axis.

    An outline of one slice moves and turns within its slice only.
    """
    centre_mm = grid.to_patient_mm(np.argwhere(inside).mean(axis=0)[::-1])
    shift = rng.uniform(-spec.shift_voxels, spec.shift_voxels, 3) * np.asarray(grid.spacing_mm)
    angles = np.radians(rng.uniform(-spec.rotation_degrees, spec.rotation_degrees, 3))
    for axis, part in enumerate(bounding_box(inside)[::-1]):
        if part.stop - part.start == 1:
            shift[axis] = 0.0
            angles[[other for other in range(3) if other != axis]] = 0.0
    motion = sitk.Euler3DTransform()
    motion.SetCenter(tuple(float(x) for x in centre_mm))
    motion.SetRotation(*(float(angle) for angle in angles))
    motion.SetTranslation(tuple(float(x) for x in grid.columns @ shift))
    return motion


def moved(
    image: sitk.Image, inside: BoolArray, grid: Grid, motion: sitk.Euler3DTransform, profile: Profile, whole: Grid
) -> tuple[sitk.Image, sitk.Image]:
    """Image and outline in the profile's voxels after a motion.

    Parameters
    ----------
    image, inside, grid : a crop of the scan with a margin, and the outline in it (not empty).
    whole : the scan's own grid; the voxels start at its corner, as the engine's do.
    """
    lattice = _lattice(inside, grid, motion, profile, whole)
    marked = sitk.GetImageFromArray(inside.astype(np.uint8))
    marked.CopyInformation(image)
    interpolator = _INTERPOLATORS[str(profile.settings["interpolator"])]
    resample = sitk.ResampleImageFilter()
    resample.SetSize([int(n) for n in lattice.shape[::-1]])
    resample.SetOutputSpacing(lattice.spacing_mm)
    resample.SetOutputOrigin(lattice.origin_mm)
    resample.SetOutputDirection(lattice.direction)
    resample.SetTransform(motion)
    resample.SetInterpolator(interpolator)
    grey = resample.Execute(image)
    resample.SetInterpolator(sitk.sitkNearestNeighbor)
    return grey, resample.Execute(marked)


def _lattice(inside: BoolArray, grid: Grid, motion: sitk.Euler3DTransform, profile: Profile, whole: Grid) -> Grid:
    """The profile's voxels over the moved outline, counted from the corner of the whole scan.

    An axis along which the outline is one voxel wide keeps the scan's spacing, as in the engine.
    """
    box = bounding_box(inside)
    old = np.asarray(grid.spacing_mm)
    wide = np.array([part.stop - part.start > 1 for part in box[::-1]])
    new = np.where(wide, np.asarray(profile.spacing_mm or grid.spacing_mm), old)
    corners = np.array(np.meshgrid(*[(part.start - 0.5, part.stop - 0.5) for part in box[::-1]])).reshape(3, -1).T
    back = motion.GetInverse()
    seen = np.array([back.TransformPoint(point.tolist()) for point in grid.to_patient_mm(corners)])
    places = (whole.to_index(seen) + 0.5) * old / new - 0.5
    low, high = np.floor(places.min(axis=0)) - 1, np.ceil(places.max(axis=0)) + 1
    start = (low + 0.5) * new / old - 0.5
    origin = whole.to_patient_mm(start)
    counts = [math.floor(n) + 1 for n in high - low]
    return Grid(
        (counts[2], counts[1], counts[0]),
        (float(new[0]), float(new[1]), float(new[2])),
        (float(origin[0]), float(origin[1]), float(origin[2])),
        grid.direction,
    )
