"""Writes outlines as one DICOM SEG, each segment with the tracking UID that stays with its lesion."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import highdicom as hd
import numpy as np
import numpy.typing as npt
import pydicom
from pydicom.dataset import Dataset
from pydicom.sr.coding import Code

from patients.vocabulary import AlgorithmType, Organ
from radiomics_tasks.imaging.phantom.uids import uid_from

# SNOMED CT, as PS3.16 CID 4031 and CID 7602 spell them.
ORGAN_CODES = {
    Organ.LUNG: Code("39607008", "SCT", "Lung"),
    Organ.LIVER: Code("10200004", "SCT", "Liver"),
    Organ.LYMPH_NODE: Code("59441001", "SCT", "Lymph node"),
    Organ.BRAIN: Code("12738006", "SCT", "Brain"),
    Organ.ADRENAL: Code("23451007", "SCT", "Adrenal gland"),
    Organ.KIDNEY: Code("64033007", "SCT", "Kidney"),
    Organ.SPLEEN: Code("78961009", "SCT", "Spleen"),
    Organ.BONE: Code("272673000", "SCT", "Bone"),
    Organ.SOFT_TISSUE: Code("87784001", "SCT", "Soft tissue"),
}
ABNORMAL_STRUCTURE = Code("49755003", "SCT", "Morphologically Abnormal Structure")
NEOPLASM = Code("108369006", "SCT", "Neoplasm")
READER_SOFTWARE = hd.AlgorithmIdentificationSequence(
    name="Made-up reader", family=Code("123110", "DCM", "Artificial Intelligence"), version="1"
)


@dataclass(frozen=True)
class OutlineSpec:
    """One outline to be written.

    Attributes
    ----------
    name
        Segment label or ROI name.
    array_zyx
        The mask on the whole grid of its scan, slices in the order of the written instances.
    tracking_uid, tracking_id
        The lesion's names through all its visits; an RTSTRUCT has no place for them.
    organ
        Where the lesion lies; must have a code in `ORGAN_CODES` for a SEG.
    """

    name: str
    array_zyx: npt.NDArray[np.bool_]
    tracking_uid: str | None = None
    tracking_id: str | None = None
    organ: Organ = Organ.LIVER
    algorithm_type: AlgorithmType = AlgorithmType.MANUAL


def write_seg(
    path: Path,
    source_paths: Sequence[Path],
    outlines: Sequence[OutlineSpec],
    *,
    tags: dict[str, object] | None = None,
) -> Path:
    """Write a binary SEG over the series of `source_paths` (in the order of the masks' slices).

    Only slices that hold something are written, as real segmentation software does; an entirely empty mask keeps
    its empty frames. `tags` are elements by keyword, written last; None removes the element.
    """
    pixels = np.stack([spec.array_zyx for spec in outlines], axis=-1)
    # The library searches every voxel several times over, so it is given the slices that hold something.
    filled = np.flatnonzero(pixels.any(axis=(1, 2, 3)))
    wanted: list[int] = filled.tolist() or list(range(len(source_paths)))
    sources = [pydicom.dcmread(source_paths[index], stop_before_pixels=True) for index in wanted]
    words = (sources[0].SeriesInstanceUID, *(spec.tracking_uid or spec.name for spec in outlines))
    ds = hd.seg.Segmentation(
        source_images=sources,
        pixel_array=pixels[wanted],
        segmentation_type=hd.seg.SegmentationTypeValues.BINARY,
        segment_descriptions=[_description(number, spec) for number, spec in enumerate(outlines, start=1)],
        series_instance_uid=uid_from("seg series", *words),
        series_number=300,
        sop_instance_uid=uid_from("seg", *words),
        instance_number=1,
        manufacturer="Synthetic Scanners",
        manufacturer_model_name="Phantom Reader",
        software_versions="1",
        device_serial_number="1",
        content_label="LESIONS",
    )
    _fix_moments(ds, sources[0], words)
    for keyword, value in (tags or {}).items():
        if value is None:
            delattr(ds, keyword)
        else:
            setattr(ds, keyword, value)
    path.parent.mkdir(parents=True, exist_ok=True)
    ds.save_as(path, enforce_file_format=True)
    return path


def _description(number: int, spec: OutlineSpec) -> hd.seg.SegmentDescription:
    is_manual = spec.algorithm_type == AlgorithmType.MANUAL
    return hd.seg.SegmentDescription(
        segment_number=number,
        segment_label=spec.name,
        segmented_property_category=ABNORMAL_STRUCTURE,
        segmented_property_type=NEOPLASM,
        algorithm_type=str(spec.algorithm_type),
        algorithm_identification=None if is_manual else READER_SOFTWARE,
        tracking_uid=spec.tracking_uid,
        tracking_id=spec.tracking_id,
        anatomic_regions=[ORGAN_CODES[spec.organ]],
    )


def _fix_moments(ds: Dataset, source: Dataset, words: tuple[str, ...]) -> None:
    """The library stamps today's date and random UIDs; a phantom is the same on every day."""
    for keyword in ("ContentDate", "SeriesDate", "InstanceCreationDate"):
        setattr(ds, keyword, source.SeriesDate)
    for keyword in ("ContentTime", "SeriesTime", "InstanceCreationTime"):
        setattr(ds, keyword, "120000")
    for item in ds.ContributingEquipmentSequence:
        item.ContributionDateTime = f"{source.SeriesDate}120000"
    organization_uid = uid_from("dimension organization", *words)
    for item in (*ds.DimensionOrganizationSequence, *ds.DimensionIndexSequence):
        item.DimensionOrganizationUID = organization_uid
