"""Rings of tissue around a lesion: by distance in mm, without other lesions, inside the body, of one tissue."""

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from scipy import ndimage

from patients.vocabulary import Absence, Organ, Unit
from patients.words.regions import Region
from radiomics_tasks.imaging.body import body_inside
from radiomics_tasks.imaging.volume import BoolArray, Mask, Volume, bounding_box, sub_grid

# Shells (over, up to] in millimetres from the outline, measured between voxel centres.
SHELLS_MM = {Region.RING_0_5: (0.0, 5.0), Region.RING_5_10: (5.0, 10.0)}
FEWEST_VOXELS = 200
# Raise it with every change that may change which voxels a ring has.
RING_VERSION = 1


class Tissue(Enum):
    """What a ring keeps of a CT, in HU: lung around a lung lesion, soft tissue around any other; never both.

    Air below -900 and bone above 300 are in neither.
    """

    LUNG = (-900.0, -200.0)
    SOFT = (-200.0, 300.0)

    @classmethod
    def around(cls, organ: str) -> "Tissue":
        """The tissue around a lesion of an organ, by the spelling of `Organ`; soft tissue where none is known."""
        return cls.LUNG if organ == Organ.LUNG else cls.SOFT

    def holds(self, values: "np.ndarray[tuple[int, ...], np.dtype[np.float32]]") -> BoolArray:
        """Which voxels (HU) belong to it; between lung and soft tissue -200 itself is lung."""
        low, high = self.value
        kept: BoolArray = (
            (values > low) & (values <= high) if self is Tissue.SOFT else (values >= low) & (values <= high)
        )
        return kept


@dataclass(frozen=True, slots=True)
class Ring:
    """One ring as a mask on a sub-box of the scan's grid, or why there is none (`mask` is then None).

    `voxels`: how many were left, `clipped_ratio`: the share of the shell that was taken away.
    """

    region: Region
    mask: Mask | None
    absence: Absence | None
    voxels: int
    clipped_ratio: float
    is_body_known: bool

    def as_dict(self) -> dict[str, float | bool]:
        """What stands beside its numbers."""
        return {"voxels": self.voxels, "clipped_ratio": self.clipped_ratio, "is_body_known": self.is_body_known}


def rings_around(volume: Volume, lesion: Mask, others: Sequence[Mask], organ: str = "") -> tuple[Ring, ...]:
    """The rings of one lesion, nearest first.

    Parameters
    ----------
    volume : the scan in LPS order.
    lesion, others : outlines on the whole of the scan's grid; `others` are the other lesions of the scan.
    organ : where the lesion lies; it decides which tissue a CT's ring keeps.

    A ring of fewer than 200 voxels is none (SMALL_RING). On MR and PET no tissue is told apart by its value: the
    body alone clips. Raises Refusal E_MASK_EMPTY.
    """
    reach_mm = max(high for _, high in SHELLS_MM.values())
    margin = max(math.ceil(reach_mm / step) for step in volume.grid.spacing_mm) + 1
    box = bounding_box(lesion.array, margin)
    inside = lesion.array[box]
    apart = ndimage.distance_transform_edt(~inside, sampling=volume.grid.spacing_mm[::-1])
    allowed = ~np.logical_or.reduce([other.array[box] for other in others]) if others else np.ones_like(inside)
    if volume.unit == Unit.HU:
        allowed &= Tissue.around(organ).holds(volume.array[box])
    body = body_inside(volume, box)
    if body is not None:
        allowed &= body
    rings = []
    for region, (low, high) in SHELLS_MM.items():
        shell = (apart > low) & (apart <= high) & ~inside
        kept = shell & allowed
        count, whole = int(np.count_nonzero(kept)), int(np.count_nonzero(shell))
        is_enough = count >= FEWEST_VOXELS
        rings.append(
            Ring(
                region,
                Mask(sub_grid(volume.grid, box), kept) if is_enough else None,
                None if is_enough else Absence.SMALL_RING,
                count,
                1 - count / whole if whole else 1.0,
                body is not None,
            )
        )
    return tuple(rings)


def ring_context(organ: str, other_mask_digests: Sequence[str]) -> str:
    """SHA-256 (hex) over all that decides a ring beside scan and outline: rules, tissue and the lesions around."""
    said = [RING_VERSION, Tissue.around(organ).name, sorted(other_mask_digests)]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()
