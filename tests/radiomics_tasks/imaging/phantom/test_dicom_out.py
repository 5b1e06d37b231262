"""The written series is read back by pydicom and SimpleITK: same voxels, same grid, same bytes every time."""

from datetime import date, datetime
from pathlib import Path

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from pydicom.uid import ImplicitVRLittleEndian, JPEGLSLossless, RLELossless

from radiomics_tasks.imaging.phantom.dicom_out import write_series
from radiomics_tasks.imaging.phantom.pet_tags import pet_tags

DAY = date(2024, 1, 29)
SPACING = (0.7, 0.8, 2.5)
OBLIQUE = (0.0, 0.0, -1.0, 1.0, 0.0, 0.0, 0.0, -1.0, 0.0)


def ramp(dtype: type = np.int16) -> np.ndarray:
    return (np.arange(5 * 12 * 14).reshape(5, 12, 14) - 300).astype(dtype)


def voxels(paths: list[Path]) -> np.ndarray:
    slices = [pydicom.dcmread(path) for path in paths]
    return np.stack([ds.pixel_array * float(ds.RescaleSlope) + float(ds.RescaleIntercept) for ds in slices])


@pytest.mark.parametrize("direction", [(1.0, 0, 0, 0, 1.0, 0, 0, 0, 1.0), OBLIQUE])
def test_another_reader_sees_the_same_grid(tmp_path: Path, direction: tuple[float, ...]) -> None:
    paths = write_series(tmp_path, ramp(), SPACING, acquired_on=DAY, origin_mm=(-12.5, 7, 100), direction=direction)
    image = sitk.ReadImage([str(path) for path in paths])
    assert np.array_equal(sitk.GetArrayFromImage(image), ramp())
    assert image.GetSpacing() == pytest.approx(SPACING)
    assert image.GetOrigin() == pytest.approx((-12.5, 7, 100))
    assert image.GetDirection() == pytest.approx(direction)


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, RLELossless, JPEGLSLossless])
def test_lossless_syntaxes_keep_every_voxel(tmp_path: Path, syntax: str) -> None:
    paths = write_series(tmp_path, ramp(), SPACING, acquired_on=DAY, transfer_syntax=syntax)
    assert pydicom.dcmread(paths[0]).file_meta.TransferSyntaxUID == syntax
    assert np.array_equal(voxels(paths), ramp())


def test_the_same_call_writes_the_same_bytes(tmp_path: Path) -> None:
    first = write_series(tmp_path / "a", ramp(), SPACING, acquired_on=DAY)
    second = write_series(tmp_path / "b", ramp(), SPACING, acquired_on=DAY)
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_uids_tell_series_apart_and_hold_a_study_together(tmp_path: Path) -> None:
    a = pydicom.dcmread(write_series(tmp_path / "a", ramp(), SPACING, acquired_on=DAY)[0])
    b = pydicom.dcmread(write_series(tmp_path / "b", ramp() + 1, SPACING, acquired_on=DAY)[0])
    assert a.SeriesInstanceUID != b.SeriesInstanceUID
    assert a.StudyInstanceUID == b.StudyInstanceUID
    assert a.SOPInstanceUID.is_valid
    assert a.SOPInstanceUID.startswith("2.25.")


def test_tags_are_written_last_and_none_removes(tmp_path: Path) -> None:
    paths = write_series(
        tmp_path,
        ramp(),
        SPACING,
        acquired_on=DAY,
        tags={"PixelSpacing": None, "StudyDate": ""},
        slice_tags={"PatientID": [f"SYN-{index}" for index in range(5)]},
    )
    ds = pydicom.dcmread(paths[3])
    assert "PixelSpacing" not in ds
    assert ds.StudyDate == ""
    assert ds.PatientID == "SYN-3"


def test_pet_keeps_a_slope_of_its_own_for_each_slice(tmp_path: Path) -> None:
    array = np.full((3, 4, 4), 10_000.0)
    paths = write_series(
        tmp_path,
        array,
        (4, 4, 3),
        modality="PT",
        acquired_on=DAY,
        slope=[0.5, 1.25, 4.0],
        tags=pet_tags(injected_at=datetime(2024, 1, 29, 10)),
    )
    ds = pydicom.dcmread(paths[1])
    assert (float(ds.RescaleSlope), ds.pixel_array[0, 0]) == (1.25, 8000)
    assert np.array_equal(voxels(paths), array)
    tracer = ds.RadiopharmaceuticalInformationSequence[0]
    assert tracer.RadiopharmaceuticalStartDateTime == "20240129100000"
    assert (ds.Units, ds.DecayCorrection, ds.PatientWeight) == ("BQML", "START", 70)
    assert (tracer.RadionuclideTotalDose, tracer.RadionuclideHalfLife) == (370e6, 6586.2)


def test_missing_pet_facts_are_left_out(tmp_path: Path) -> None:
    tags = pet_tags(injected_at=None, dose_bq=None, weight_kg=None, decay_correction=None)
    paths = write_series(tmp_path, np.ones((2, 4, 4)), (4, 4, 3), modality="PT", acquired_on=DAY, tags=tags)
    ds = pydicom.dcmread(paths[0])
    assert "PatientWeight" not in ds
    assert "DecayCorrection" not in ds
    assert "RadionuclideTotalDose" not in ds.RadiopharmaceuticalInformationSequence[0]


def test_an_mr_has_no_rescale_and_is_unsigned(tmp_path: Path) -> None:
    paths = write_series(tmp_path, ramp() + 300, SPACING, modality="MR", acquired_on=DAY)
    ds = pydicom.dcmread(paths[4])
    assert "RescaleSlope" not in ds
    assert ds.PixelRepresentation == 0
    assert ds.pixel_array[-1, -1] == 839


def test_a_name_that_could_be_a_person_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="SYN-"):
        write_series(tmp_path, ramp(), SPACING, acquired_on=DAY, patient_id="4711")


@pytest.mark.parametrize("value", [40_000.0, np.nan, np.inf])
def test_values_beyond_sixteen_bits_are_refused(tmp_path: Path, value: float) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        write_series(tmp_path, np.full((1, 4, 4), value), SPACING, acquired_on=DAY)
