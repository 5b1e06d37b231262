"""Sixty good uploads, and what must be read of them, worked out from what was drawn and by none of our reading code.

Modality, encoding, direction and the kind of outline go round with the number, each with each of the others.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian, JPEGLSLossless, RLELossless

from radiomics_tasks.imaging.phantom.nifti_out import write_nifti
from radiomics_tasks.imaging.phantom.pet_tags import pet_tags
from tests.corpus.drawn import Draw

GOOD = 60
MODALITIES = ("CT", "MR", "PT")
UNITS = {"CT": "HU", "MR": "a.u.", "PT": "SUVbw"}
# PET: 370 MBq of fluorine-18, injected an hour before the series into 70 kg.
SUV_PER_BQ_PER_ML = 70_000 / (370e6 * 2 ** (-3600 / 6586.2))
SYNTAXES = (ExplicitVRLittleEndian, ImplicitVRLittleEndian, RLELossless, JPEGLSLossless)
OUTLINES = ("none", "SEG", "RTSTRUCT", "nii.gz", "nrrd")
# Direction cosines row by row, columns are the axes: as scanned, and turned about.
DIRECTIONS = {
    "axial": (1, 0, 0, 0, 1, 0, 0, 0, 1),
    "sagittal": (0, 0, 1, 1, 0, 0, 0, -1, 0),
    "coronal": (1, 0, 0, 0, 0, 1, 0, -1, 0),
    "feet first": (-1, 0, 0, 0, 1, 0, 0, 0, -1),
    "tilted": (1, 0, 0, 0, 0.8, -0.6, 0, 0.6, 0.8),
    "downwards": (1, 0, 0, 0, -1, 0, 0, 0, -1),
    "face down": (-1, 0, 0, 0, -1, 0, 0, 0, 1),
}
Voxels = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Good:
    """One upload, and its truth: the voxels in LPS order in the unit they are kept in, and where they lie.

    The outline is as large as its scan, 0 and 1; None where there is none.
    """

    name: str
    folder: Path
    unit: str
    volume: sitk.Image
    mask: Voxels | None


def good_upload(root: Path, number: int) -> Good:
    """The upload of this number (0 to 59)."""
    modality, place = MODALITIES[number % 3], number // 3
    outline, syntax = OUTLINES[place % 5], SYNTAXES[(place + place // 5) % 4]
    turned = tuple(DIRECTIONS)[(number + place // 5) % len(DIRECTIONS)]
    draw = Draw(f"good {number}", number % 5, root / f"{number:02d}")
    direction = tuple(map(float, DIRECTIONS[turned]))
    origin_mm = (-12.5 + number, 3.25, 40.0 - 2 * number)
    # A block that is alike in no two directions, so that a flip would be seen.
    mask = np.zeros(draw.shape, dtype=np.bool_)
    mask[1:4, 5:10, 8:18] = True
    mask[4, 5:8, 8:12] = True
    array, more = _values(draw, modality)
    where: dict[str, Any] = {"origin_mm": origin_mm, "direction": direction}
    paths = draw.ct(array, modality=modality, transfer_syntax=syntax, **where, **more)
    if outline in ("SEG", "RTSTRUCT"):
        (draw.seg if outline == "SEG" else draw.rtstruct)(paths, mask)
    elif outline != "none":
        write_nifti(draw.folder / f"liver 1.{outline}", mask, draw.spacing_mm, **where)
    factor = SUV_PER_BQ_PER_ML if modality == "PT" else 1
    volume = _in_lps_order((array * factor).astype(np.float32), draw.spacing_mm, **where)
    marked = _in_lps_order(mask.astype(np.uint8), draw.spacing_mm, **where)
    return Good(
        name=f"{number} {modality} {syntax} {turned} {outline}",
        folder=draw.folder,
        unit=UNITS[modality],
        volume=volume,
        mask=None if outline == "none" else sitk.GetArrayFromImage(marked),
    )


def _values(draw: Draw, modality: str) -> tuple[Voxels, dict[str, Any]]:
    """Values that the encoding holds exactly, and what else its series says."""
    array = draw.voxels()
    if modality == "CT":
        return array, {}
    if modality == "MR":
        return np.abs(array), {}
    slopes = [0.5 * (1 + number % 4) for number in range(len(array))]
    scaled = np.abs(array) * 8.0 * np.asarray(slopes)[:, None, None]
    return scaled, {"slope": slopes, "tags": pet_tags(injected_at=datetime(2026, 3, 2, 10))}


def _in_lps_order(
    array: Voxels, spacing_mm: tuple[float, ...], origin_mm: tuple[float, ...], direction: tuple[float, ...]
) -> sitk.Image:
    image = sitk.GetImageFromArray(array)
    image.SetSpacing(spacing_mm)
    image.SetOrigin(origin_mm)
    image.SetDirection(direction)
    return sitk.DICOMOrient(image, "LPS")
