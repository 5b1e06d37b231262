"""A demo patient on disk: what a hospital would send, with nobody's name in it."""

from dataclasses import replace
from pathlib import Path

import highdicom as hd
import numpy as np
import pydicom
import pytest

from patients.vocabulary import OutlineFormat
from radiomics_tasks.imaging.phantom.cohort import DEMO_PATIENTS
from radiomics_tasks.imaging.phantom.cohort.plan import DemoPatient
from radiomics_tasks.imaging.phantom.patient_out import recipe_of, write_patient, write_scan
from radiomics_tasks.imaging.phantom.scan import drawn_masks

PATIENTS = {patient.pseudonym: patient for patient in DEMO_PATIENTS}


def test_a_head_scan_with_its_segmentation(tmp_path: Path) -> None:
    patient = PATIENTS["SYN-16"]
    written = write_scan(patient, 0, 1, tmp_path)
    ds = pydicom.dcmread(written.images[0])
    assert (ds.PatientID, ds.Modality, ds.AcquisitionDate) == ("SYN-16", "MR", "20240401")
    assert (ds.BurnedInAnnotation, ds.ImageComments) == ("NO", "SYNTHETIC")
    seg = hd.seg.segread(written.outlines)
    lesion = patient.lesions[2]
    description = seg.get_segment_description(1)
    assert (description.tracking_uid, description.tracking_id) == (patient.tracking_uid(lesion), "brain 1")
    assert description.anatomic_regions[0].meaning == "Brain"
    assert seg.FrameOfReferenceUID == ds.FrameOfReferenceUID
    mask = drawn_masks(recipe_of(patient, 0, 1))["brain 1"]
    assert seg.pixel_array.sum() == mask.sum()


def test_visits_share_tracking_uids_and_nothing_else(tmp_path: Path) -> None:
    patient = PATIENTS["SYN-16"]
    first, second = (write_scan(patient, visit, 1, tmp_path) for visit in (0, 1))
    heads = [pydicom.dcmread(each.images[0]) for each in (first, second)]
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID", "SOPInstanceUID"):
        assert heads[0][keyword].value != heads[1][keyword].value
    tracking = [pydicom.dcmread(each.outlines).SegmentSequence[0].TrackingUID for each in (first, second)]
    assert tracking[0] == tracking[1]


def one_head(patient: DemoPatient, outlines: OutlineFormat) -> DemoPatient:
    """The patient's first visit, its MR alone."""
    visit = replace(patient.visits[0], scans=patient.visits[0].scans[1:])
    return replace(patient, visits=(visit,), outlines=outlines)


@pytest.mark.parametrize("outlines", [OutlineFormat.SEG, OutlineFormat.RTSTRUCT])
def test_the_same_bytes_every_time(tmp_path: Path, outlines: OutlineFormat) -> None:
    patient = one_head(PATIENTS["SYN-16"], outlines)
    (first,) = write_patient(patient, tmp_path / "a")
    (second,) = write_patient(patient, tmp_path / "b")
    assert first.outlines.read_bytes() == second.outlines.read_bytes()
    pairs = zip(first.images, second.images, strict=True)
    assert all(one.read_bytes() == other.read_bytes() for one, other in pairs)


def test_a_ct_scan_with_structures(tmp_path: Path) -> None:
    patient = PATIENTS["SYN-03"]
    written = write_scan(patient, 3, 0, tmp_path)
    ds = pydicom.dcmread(written.images[20])
    assert (ds.KVP, ds.SliceThickness, ds.ConvolutionKernel) == (120, 2.5, "STANDARD")
    assert ds.file_meta.TransferSyntaxUID == pydicom.uid.ExplicitVRLittleEndian
    assert ds.pixel_array.shape == (512, 512)
    structures = pydicom.dcmread(written.outlines)
    assert [roi.ROIName for roi in structures.StructureSetROISequence] == ["liver 1", "liver 2", "adrenal 1"]
    masks = drawn_masks(recipe_of(patient, 3, 0))
    for roi, mask in zip(structures.ROIContourSequence, masks.values(), strict=True):
        heights = {contour.ContourData[2] for contour in roi.ContourSequence}
        assert len(heights) == np.count_nonzero(mask.any(axis=(1, 2)))


def test_an_organ_out_of_the_field_is_not_outlined(tmp_path: Path) -> None:
    written = write_scan(PATIENTS["SYN-08"], 2, 0, tmp_path)
    labels = [item.SegmentLabel for item in pydicom.dcmread(written.outlines).SegmentSequence]
    assert labels == ["lung 1", "liver 1"]


def test_two_scans_a_day_are_two_studies_of_one_tissue(tmp_path: Path) -> None:
    patient = PATIENTS["SYN-12"]
    first, second = (write_scan(patient, 0, index, tmp_path) for index in (0, 1))
    heads = [pydicom.dcmread(each.images[0]) for each in (first, second)]
    assert [ds.AcquisitionTime for ds in heads] == ["101000", "111000"]
    assert heads[0].AcquisitionDate == heads[1].AcquisitionDate
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID", "SOPInstanceUID"):
        assert heads[0][keyword].value != heads[1][keyword].value
    assert not np.array_equal(heads[0].pixel_array, heads[1].pixel_array)
    tracking = [
        [item.TrackingUID for item in pydicom.dcmread(each.outlines).SegmentSequence] for each in (first, second)
    ]
    assert tracking[0] == tracking[1]


@pytest.mark.parametrize(
    ("pseudonym", "visit", "kernel", "delay"),
    [("SYN-09", 1, "STANDARD", "100850"), ("SYN-09", 2, "SHARP", "100850"), ("SYN-10", 1, "STANDARD", "")],
)
def test_tags_tell_the_scanner_and_not_always_the_delay(
    tmp_path: Path, pseudonym: str, visit: int, kernel: str, delay: str
) -> None:
    ds = pydicom.dcmread(write_scan(PATIENTS[pseudonym], visit, 0, tmp_path).images[0])
    assert (ds.ConvolutionKernel, ds.ContrastBolusStartTime or "") == (kernel, delay)
    assert ("Portal" in ds.SeriesDescription) == bool(delay)
    assert (ds.Manufacturer == "Synthetic Scanners") == (kernel == "STANDARD")
