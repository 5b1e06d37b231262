"""An outline whose surface moves a little, outwards here and inwards there, as another reader would have drawn it."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from radiomics_tasks.extraction.perturb.fields import smooth_field
from radiomics_tasks.extraction.perturb.spec import PerturbationSpec
from radiomics_tasks.imaging.volume import BoolArray, Triple, bounding_box


@dataclass(frozen=True, eq=False)
class Surface:
    """An outline (k, j, i) with the distance of every voxel near it from its surface: found once, moved often.

    Distances count in voxels, negative inside, so that the first and last slice come and go as the rim of a slice
    does; an outline of one slice stays in its slice.
    """

    inside: BoolArray
    box: tuple[slice, slice, slice]
    distance: npt.NDArray[np.float64]
    sigma_voxels: tuple[float, ...]
    contour_voxels: float

    @classmethod
    def of(cls, inside: BoolArray, spacing_mm: Triple, spec: PerturbationSpec) -> Self:
        """The surface of an outline; the array should have a margin of `contour_voxels` around what is marked."""
        box = bounding_box(inside, math.ceil(spec.contour_voxels) + 1)
        near = inside[box]
        outwards = ndimage.distance_transform_edt(~near) - 0.5
        inwards = 0.5 - ndimage.distance_transform_edt(np.pad(near, 1))[1:-1, 1:-1, 1:-1]
        distance = np.where(near, inwards, outwards)
        for axis in range(3):
            others = tuple(other for other in range(3) if other != axis)
            places = near.any(axis=others)
            if np.count_nonzero(places) == 1:
                distance = np.where(np.expand_dims(places, others), distance, np.inf)
        sigma = tuple(spec.contour_correlation_mm / step for step in spacing_mm[::-1])
        return cls(inside, box, distance, sigma, spec.contour_voxels)

    def moved(self, rng: np.random.Generator) -> BoolArray:
        """The outline with its surface shifted by a smooth random field; it may become empty."""
        if self.contour_voxels == 0:
            return self.inside
        field = smooth_field(rng, self.distance.shape, self.sigma_voxels)
        moved = np.zeros_like(self.inside)
        moved[self.box] = self.distance < np.clip(0.5 * field, -1.0, 1.0) * self.contour_voxels
        return moved
