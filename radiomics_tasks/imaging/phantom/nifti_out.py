"""Writes an array as a single-file image with its geometry: NIfTI or NRRD, by the name's ending."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk

IDENTITY = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)


def write_nifti(
    path: Path,
    array_zyx: npt.NDArray[np.generic],
    spacing_mm: tuple[float, float, float],
    *,
    origin_mm: tuple[float, float, float] = (0.0, 0.0, 0.0),
    direction: tuple[float, ...] = IDENTITY,
) -> Path:
    """Write an image or a label map (`.nii`, `.nii.gz`, `.nrrd`).

    Parameters
    ----------
    path
        Where to; its ending chooses the format. Missing folders are made.
    array_zyx
        Voxels; booleans become 0 and 1 in bytes.
    spacing_mm, origin_mm, direction
        The grid in LPS: spacing and origin as (x, y, z), direction as nine cosines row by row, as SimpleITK has
        them.
    """
    array = array_zyx.astype(np.uint8) if array_zyx.dtype == np.bool_ else array_zyx
    image = sitk.GetImageFromArray(array)
    image.SetSpacing(spacing_mm)
    image.SetOrigin(origin_mm)
    image.SetDirection(direction)
    path.parent.mkdir(parents=True, exist_ok=True)
    sitk.WriteImage(image, str(path), useCompression=path.suffix != ".nii")
    return path
