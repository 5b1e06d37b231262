"""Every image with a mask under the folder of real scans, read as it is filed: in LPS order."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from radiomics_tasks.imaging.segmentation import read_seg
from radiomics_tasks.imaging.volume import Grid, Mask, Volume, place_on
from tests.radiomics_tasks.imaging.scans import mask_of, seen_by_outlines

Read = Callable[[], tuple[Volume, Mask]]
SARCOMA, PYRADIOMICS, MS = "sts_ct_pet_mr/STS_002/nifti", "pyradiomics_baseline", "longitudinal_ms_flair/patient01"
FILES = {
    "IBSI digital phantom": ("CT", "ibsi1_digital_phantom/nifti/image/phantom.nii.gz", "../mask/mask.nii.gz"),
    "IBSI CT phantom": ("CT", "ibsi1_ct_phantom/nifti/image/phantom.nii.gz", "../mask/mask.nii.gz"),
    "sarcoma, CT": ("CT", f"{SARCOMA}/CT_image.nii.gz", "CT_mask.nii.gz"),
    "sarcoma, PET": ("PT", f"{SARCOMA}/PET_image.nii.gz", "PET_mask.nii.gz"),
    "sarcoma, T1 MR": ("MR", f"{SARCOMA}/MR_T1_image.nii.gz", "MR_T1_mask.nii.gz"),
    "brain, MR": ("MR", f"{PYRADIOMICS}/brain1_image.nrrd", "brain1_label.nrrd"),
    "breast, MR": ("MR", f"{PYRADIOMICS}/breast1_image.nrrd", "breast1_label.nrrd"),
}
PATTERNS = ("checkerboard", "impulse", "noise", "orientation", "pattern_1", "pattern_2", "pattern_3", "sphere", "empty")


def real_pairs(root: Path) -> Iterator[tuple[str, str, Read]]:
    """A name, a modality, and what reads the pair."""
    for name, (modality, image, mask) in FILES.items():
        yield name, modality, partial(_files, root / image, (root / image).parent / mask)
    for pattern in PATTERNS:
        folder = root / "ibsi2_digital_phantom" / pattern
        if (folder / "image").is_dir():
            yield f"IBSI-2 {pattern}", "CT", partial(_files, *sorted(folder.glob("*/*.nii.gz")))
    for study in ("study1", "study2"):
        yield f"FLAIR, {study}", "MR", partial(_registered, root / MS, study)
    for folder in sorted((root / "demo_longitudinal_simulated/DEMO-LIVER-01").glob("T*")):
        for number in (0, 1):
            yield (
                f"liver {folder.name} L{number + 1}",
                "CT",
                partial(_segment, folder / "CT", folder / "SEG.dcm", number),
            )
    folder = root / "dicom_seg_sr" / "dcmqi"
    yield "liver on three slices", "CT", partial(_segment, folder / "ct-3slice", folder / "liver.dcm", 0)


def _pair(image: sitk.Image, mask: sitk.Image) -> tuple[Volume, Mask]:
    array = sitk.GetArrayFromImage(image).astype(np.float32)
    grid = Grid(array.shape, image.GetSpacing(), image.GetOrigin(), image.GetDirection())
    volume = Volume(grid, array, "HU").in_lps_order()
    return volume, place_on(volume.grid, Mask(grid, sitk.GetArrayFromImage(mask) > 0))


def _files(image: Path, mask: Path) -> tuple[Volume, Mask]:
    return _pair(sitk.ReadImage(str(image)), sitk.ReadImage(str(mask)))


def _registered(folder: Path, study: str) -> tuple[Volume, Mask]:
    """The scan brought to the space in which its lesions were outlined, by its published transform."""
    mask = sitk.ReadImage(str(folder / "common_space/gt.nii.gz"))
    image = sitk.ReadImage(str(folder / f"raw/{study}_FLAIR.nii.gz"), sitk.sitkFloat32)
    way = sitk.ReadTransform(str(folder / f"common_space/{study}_FLAIR_to_common_space.txt"))
    return _pair(sitk.Resample(image, mask, way, sitk.sitkLinear, 0.0), mask)


def _segment(scan: Path, seg: Path, number: int) -> tuple[Volume, Mask]:
    volume, seen = seen_by_outlines(sorted(path for path in scan.iterdir() if path.is_file()))
    return volume, place_on(volume.grid, mask_of(read_seg(seg, seen)[number]))
