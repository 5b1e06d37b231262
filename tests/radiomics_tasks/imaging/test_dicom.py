"""A series becomes its volume exactly, whatever the order and orientation of its files, or is refused by name."""

import math
from itertools import permutations

import numpy as np
import pydicom
import pytest

from radiomics_tasks.errors import Refusal
from radiomics_tasks.imaging.dicom import read_series
from tests.radiomics_tasks.imaging.series.made import SHAPE, SPACING_MM, ct, values

AXES = np.eye(3)


def edited(paths, number: int | None = None, **elements):
    """Change elements of one file, or of all; None removes one."""
    for path in paths if number is None else [paths[number]]:
        ds = pydicom.dcmread(path)
        for keyword, value in elements.items():
            delattr(ds, keyword) if value is None else setattr(ds, keyword, value)
        ds.save_as(path)
    return paths


def refusal(paths) -> Refusal:
    with pytest.raises(Refusal) as caught:
        read_series(paths)
    return caught.value


def test_values_and_grid_are_the_files(tmp_path):
    series = read_series(ct(tmp_path, origin_mm=(-100.5, 20.25, 7.0)))
    assert (series.modality, series.volume.unit) == ("CT", "HU")
    assert np.array_equal(series.volume.array, values())
    assert series.volume.grid.shape == SHAPE
    assert series.volume.grid.spacing_mm == SPACING_MM
    assert series.volume.grid.origin_mm == (-100.5, 20.25, 7.0)


def test_the_order_of_files_does_not_matter(tmp_path):
    paths = ct(tmp_path)
    digests = {read_series([paths[i] for i in order]).volume.digest for order in list(permutations(range(6)))[::97]}
    assert len(digests) == 1


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_any_axis_may_run_any_way(tmp_path, order):
    """Axial, sagittal and coronal stacks, forwards and backwards, end as the same anatomy in LPS order."""
    signs = [(1, 1, 1), (-1, 1, 1), (1, -1, -1), (-1, -1, -1)]
    for number, sign in enumerate(signs):
        columns = AXES[:, order] * sign
        if np.linalg.det(columns) < 0:
            columns[:, 2] *= -1
        paths = ct(tmp_path / f"{number}", direction=tuple(columns.reshape(-1)))
        volume = read_series(paths).volume
        assert np.allclose(volume.grid.columns, AXES)
        assert np.array_equal(np.sort(volume.array, axis=None), np.sort(values(), axis=None))
        index = volume.grid.to_index(columns @ (np.array([3, 4, 2]) * SPACING_MM))
        i, j, k = np.round(index).astype(int)
        assert volume.array[k, j, i] == values()[2, 4, 3]


def test_slices_stand_in_the_volumes_order(tmp_path):
    for direction in (AXES, np.diag([1, -1, -1]), AXES[:, [1, 2, 0]]):
        folder = tmp_path / str(direction[2, 2])
        series = read_series(ct(folder, direction=tuple(direction.reshape(-1))))
        places = [header.numbers("ImagePositionPatient", 3, "") for header in series.headers]
        along = np.ptp(places, axis=0).argmax()
        assert np.all(np.diff([place[along] for place in places]) > 0)


def test_an_oblique_series_keeps_its_direction(tmp_path):
    c, s = math.cos(0.3), math.sin(0.3)
    tilted = (1.0, 0.0, 0.0, 0.0, c, -s, 0.0, s, c)
    volume = read_series(ct(tmp_path, direction=tilted)).volume
    assert np.allclose(volume.grid.columns, np.reshape(tilted, (3, 3)), atol=1e-9)
    assert np.array_equal(volume.array, values())


def test_slope_and_intercept_of_each_slice(tmp_path):
    slopes = [0.5, 0.25, 1.0, 0.125, 2.0, 0.75]
    array = np.stack([np.full(SHAPE[1:], 12.0 * slope) for slope in slopes])
    series = read_series(ct(tmp_path, array, modality="MR", slope=slopes))
    assert series.volume.unit == "a.u."
    assert np.array_equal(series.volume.array, array.astype(np.float32))


def test_a_step_of_three_millimetres_is_three(data_dir):
    volume = read_series(sorted((data_dir / "ibsi1_ct_phantom/dicom/image").glob("*.dcm"))).volume
    assert volume.grid.spacing_mm[2] == 3.0


def test_what_is_worth_knowing_is_noted(tmp_path):
    paths = ct(tmp_path, tags={"SliceThickness": 5.0, "ImageType": ["DERIVED", "SECONDARY", "AXIAL"]})
    series = read_series(paths)
    assert {note.code for note in series.notes} == {"W_OVERLAP", "W_DERIVED"}
    assert series.problems == ()


def test_reformatted_and_unscaled_images_wait_for_a_person(tmp_path):
    paths = ct(tmp_path / "mip", tags={"ImageType": ["DERIVED", "SECONDARY", "MIP"]})
    assert [problem.code for problem in read_series(paths).problems] == ["Q_DERIVED"]
    for name, array in (("flat", np.zeros(SHAPE, np.int16)), ("raw", np.abs(values()) + np.int16(1000))):
        problems = read_series(ct(tmp_path / name, array)).problems
        assert [problem.code for problem in problems] == ["Q_HU_RANGE"]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("charset", "name"),
    [("ISO_IR 999", b"Doe^Jane"), ("ISO_IR 192", b"Doe^\xff\xfe"), ("ISO 2022 IR 87", b"Doe^\x1b$B\xff")],
)
def test_names_in_unreadable_characters_are_noted(tmp_path, charset, name):
    paths = ct(tmp_path)
    for path in paths:
        ds = pydicom.dcmread(path)
        ds.SpecificCharacterSet = charset
        ds.PatientName = "N" * len(name)
        ds.save_as(path)
        path.write_bytes(path.read_bytes().replace(b"N" * len(name), name))
    series = read_series(paths)
    assert np.array_equal(series.volume.array, values())
    assert "W_CHARSET" in {note.code for note in series.notes}


REQUIRED = {
    "SOPInstanceUID": "SOP Instance UID",
    "StudyInstanceUID": "Study Instance UID",
    "SeriesInstanceUID": "Series Instance UID",
    "FrameOfReferenceUID": "Frame Of Reference UID",
    "PatientID": "Patient ID",
    "Rows": "Rows",
    "Columns": "Columns",
    "BitsAllocated": "Bits Allocated",
    "PixelRepresentation": "Pixel Representation",
    "SamplesPerPixel": "Samples Per Pixel",
    "PhotometricInterpretation": "Photometric Interpretation",
    "PixelSpacing": "Pixel Spacing",
    "ImageOrientationPatient": "Image Orientation Patient",
    "ImagePositionPatient": "Image Position Patient",
}


@pytest.mark.parametrize("keyword", REQUIRED)
def test_each_required_element_is_named_when_it_is_missing(tmp_path, keyword):
    found = refusal(edited(ct(tmp_path), 2, **{keyword: None}))
    assert found.code == "E_MISSING_TAG"
    assert found.sentence == f"Required information is missing: {REQUIRED[keyword]}. Export the original series again."


@pytest.mark.parametrize(
    ("elements", "code"),
    [
        ({"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]}, "E_LOCALIZER"),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "M", "MOSAIC"]}, "E_MOSAIC"),
        ({"BurnedInAnnotation": "YES"}, "E_BURNED_IN"),
        ({"Modality": "OT"}, "E_MODALITY"),
        ({"RescaleSlope": None}, "E_NO_RESCALE"),
        ({"RescaleIntercept": None}, "E_NO_RESCALE"),
        ({"RescaleType": "US"}, "E_NO_RESCALE"),
        ({"RescaleSlope": 0}, "E_NO_RESCALE"),
        ({"PixelSpacing": [0, 1]}, "E_SPACING"),
        ({"PixelSpacing": [-1, 1]}, "E_SPACING"),
        ({"PixelSpacing": [1000, 1]}, "E_SPACING"),
        ({"ImageOrientationPatient": [1, 0, 0, 0.1, 1, 0]}, "E_GEOMETRY"),
        ({"ImageOrientationPatient": [1, 0, 0, 0, 2, 0]}, "E_GEOMETRY"),
        ({"ImagePositionPatient": [0, 0, 1e9]}, "E_GEOMETRY"),
        ({"ImagePositionPatient": [0, 0, 0]}, "E_DUP_POSITION"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.2.1"}, "E_MULTIFRAME"),
        ({"SeriesInstanceUID": "1.2.x"}, "E_BAD_UID"),
        ({"StudyInstanceUID": "1." * 40 + "1"}, "E_BAD_UID"),
    ],
)
def test_series_that_are_not_measured(tmp_path, elements, code):
    assert refusal(edited(ct(tmp_path), **elements)).code == code


@pytest.mark.parametrize("value", ["1,5\\1", "NaN\\1", "1e400\\1", "1_0\\1", "1"])
def test_numbers_that_are_none(tmp_path, value):
    paths = ct(tmp_path)
    raw = value.encode() + b" " * (len(value) % 2)
    for path in paths:
        content = path.read_bytes()
        at = content.index(b"\x28\x00\x30\x00DS") + 6
        length = int.from_bytes(content[at : at + 2], "little")
        path.write_bytes(content[:at] + len(raw).to_bytes(2, "little") + raw + content[at + 2 + length :])
    assert refusal(paths).code == "E_SPACING"


@pytest.mark.parametrize(
    ("elements", "code"),
    [
        ({"ImageOrientationPatient": [0, 1, 0, 0, 0, -1]}, "E_MIXED_ORIENTATION"),
        ({"PixelSpacing": [0.7, 0.9]}, "E_MIXED_SPACING"),
        ({"FrameOfReferenceUID": "1.2.3"}, "E_MIXED_FRAME"),
        ({"SeriesInstanceUID": "1.2.3"}, "E_MIXED_SERIES"),
        ({"RescaleIntercept": 0}, "E_MIXED_RESCALE"),
        ({"RescaleSlope": 2}, "E_MIXED_RESCALE"),
        ({"ConvolutionKernel": "LUNG"}, "E_MIXED_KERNEL"),
        ({"PixelRepresentation": 0}, "E_MIXED_BITS"),
    ],
)
def test_one_slice_unlike_the_others(tmp_path, elements, code):
    assert refusal(edited(ct(tmp_path), 3, **elements)).code == code


def test_slices_of_another_size(tmp_path):
    paths = ct(tmp_path / "a") + ct(tmp_path / "b", values((1, 24, 20)))
    assert refusal(paths).code == "E_MIXED_SIZE"


def test_a_missing_slice_is_named(tmp_path):
    paths = ct(tmp_path)
    found = refusal([*paths[:2], *paths[3:]])
    assert (found.code, found.sentence[:38]) == ("E_MISSING_SLICES", "Slices are missing between 2 and 4. Ex")
    assert read_series(paths[:-1]).volume.grid.shape[0] == 5


def test_a_slice_twice_and_too_few(tmp_path):
    paths = ct(tmp_path / "a")
    assert refusal([*paths, ct(tmp_path / "b")[2]]).code == "E_DUP_POSITION"
    assert refusal(paths[:2]).sentence == "The series has only 2 slices; at least 3 are needed. Send all of it."
    assert refusal(paths[:1]).sentence == "The series has only one slice; at least 3 are needed. Send all of it."


def test_steps_that_vary_and_lean(tmp_path):
    paths = ct(tmp_path)
    place = [0.0, 0.0, 12.5]
    edited(paths, 5, ImagePositionPatient=[0, 0, 14.0])
    assert refusal(paths).sentence.startswith("The slice distance varies between 2.5 and 4.0 mm")
    edited(paths, 5, ImagePositionPatient=place)
    for number in range(6):
        edited(paths, number, ImagePositionPatient=[0, number * 0.5, number * 2.5])
    assert refusal(paths).sentence.startswith("The slices are stacked at a slant of 11.3 degrees (gantry tilt)")


def test_the_file_that_is_cut_short_is_counted(tmp_path):
    paths = ct(tmp_path)
    paths[3].write_bytes(paths[3].read_bytes()[:-100])
    assert refusal(paths).sentence == "File 4 of 6 is cut short. Copy it again."


def test_sizes_are_added_up_before_anything_is_allocated(tmp_path, monkeypatch):
    monkeypatch.setattr("radiomics_tasks.imaging.series.geometry.MAX_VOXELS", 6 * 20 * 24 - 1)
    monkeypatch.setattr("radiomics_tasks.imaging.dicom.stored_values", lambda _: pytest.fail("decoded"))
    assert refusal(ct(tmp_path)).code == "E_DIMS"
