"""Arrays on a grid as SimpleITK images."""

from typing import Any

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk

from radiomics_tasks.imaging.volume import Grid


def image_of(grid: Grid, array: npt.NDArray[Any]) -> sitk.Image:
    """An image that holds a copy of the voxels."""
    image = sitk.GetImageFromArray(np.ascontiguousarray(array))
    image.SetSpacing(grid.spacing_mm)
    image.SetOrigin(grid.origin_mm)
    image.SetDirection(grid.direction)
    return image
