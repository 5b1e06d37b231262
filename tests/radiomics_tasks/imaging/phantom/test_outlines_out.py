"""SEG, RTSTRUCT and NIfTI give their masks back exactly, read by other software than wrote them."""

from datetime import date
from pathlib import Path

import highdicom as hd
import numpy as np
import numpy.typing as npt
import pydicom
import pytest
import SimpleITK as sitk
from PIL import Image, ImageDraw

from patients.vocabulary import AlgorithmType, Organ
from radiomics_tasks.imaging.phantom.contours import closed_polygons
from radiomics_tasks.imaging.phantom.dicom_out import write_series
from radiomics_tasks.imaging.phantom.nifti_out import write_nifti
from radiomics_tasks.imaging.phantom.rtstruct_out import write_rtstruct
from radiomics_tasks.imaging.phantom.seg_out import OutlineSpec, write_seg
from radiomics_tasks.imaging.phantom.shapes import sphere_mask
from radiomics_tasks.imaging.phantom.uids import uid_from

SPACING = (0.7, 0.8, 2.5)
SHAPE = (8, 32, 30)
DIRECTION = (0.0, 0.0, -1.0, 1.0, 0.0, 0.0, 0.0, -1.0, 0.0)


def outlines() -> list[OutlineSpec]:
    rng = np.random.default_rng(5)
    ball = sphere_mask(12, SPACING, shape_zyx=SHAPE)
    ring = ball & ~sphere_mask(5, SPACING, shape_zyx=SHAPE)
    return [
        OutlineSpec("ring", ring, uid_from("ring"), "liver 1", Organ.LIVER),
        OutlineSpec("ball", ball, uid_from("ball"), "lung 1", Organ.LUNG, AlgorithmType.AUTOMATIC),
        OutlineSpec("dust", rng.random(SHAPE) < 0.4, uid_from("dust"), "node 1", Organ.LYMPH_NODE),
    ]


@pytest.fixture
def series(tmp_path: Path) -> list[Path]:
    return write_series(
        tmp_path / "ct",
        np.zeros(SHAPE, np.int16),
        SPACING,
        acquired_on=date(2024, 1, 29),
        origin_mm=(-11.3, 4, 90),
        direction=DIRECTION,
    )


def even_odd(polygons: list[npt.NDArray[np.float64]], shape: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """The pixel-centre rule by counting crossings to the right of each centre, written apart from the writer."""
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    crossings = np.zeros(shape, dtype=int)
    for polygon in polygons:
        for (x0, y0), (x1, y1) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
            if y0 != y1:
                is_between = (y0 > rows) != (y1 > rows)
                crossings += is_between & (columns < x0 + (rows - y0) * (x1 - x0) / (y1 - y0))
    inside: npt.NDArray[np.bool_] = crossings % 2 == 1
    return inside


@pytest.mark.parametrize("seed", range(5))
def test_polygons_give_any_mask_back(seed: int) -> None:
    mask = np.random.default_rng(seed).random((17, 23)) < 0.5
    assert np.array_equal(even_odd(closed_polygons(mask), mask.shape), mask)


def test_one_pixel_is_one_diamond() -> None:
    (polygon,) = closed_polygons(np.pad(np.ones((1, 1), bool), 2))
    assert sorted(map(tuple, polygon.tolist())) == [(1.5, 2), (2, 1.5), (2, 2.5), (2.5, 2)]


def test_seg_gives_masks_and_tracking_back(tmp_path: Path, series: list[Path]) -> None:
    seg = hd.seg.segread(write_seg(tmp_path / "seg.dcm", series, outlines()))
    uids = [pydicom.dcmread(path).SOPInstanceUID for path in series]
    pixels = seg.get_pixels_by_source_instance(uids, assert_missing_frames_are_empty=True)
    for number, spec in enumerate(outlines(), start=1):
        assert np.array_equal(pixels[..., number - 1], spec.array_zyx)
        description = seg.get_segment_description(number)
        assert (description.tracking_uid, description.tracking_id) == (spec.tracking_uid, spec.tracking_id)
        assert description.segment_label == spec.name
        assert description.algorithm_type.value == spec.algorithm_type


def test_seg_lies_on_the_grid_of_its_scan(tmp_path: Path, series: list[Path]) -> None:
    seg = hd.seg.segread(write_seg(tmp_path / "seg.dcm", series, outlines()))
    volume = seg.get_volume(segment_numbers=[2], rescale_fractional=False)
    # Indices of highdicom run slice, row, column; sitk's affine runs column, row, slice.
    slices, rows, columns = np.nonzero(volume.array[..., 0])
    points = volume.map_indices_to_reference(np.stack([slices, rows, columns], axis=1))
    image = sitk.ReadImage([str(path) for path in series])
    inside = np.argwhere(outlines()[1].array_zyx)[:, ::-1]
    expected = np.array([image.TransformIndexToPhysicalPoint(index.tolist()) for index in inside])
    assert np.allclose(np.sort(points, axis=0), np.sort(expected, axis=0), atol=1e-6)


def test_seg_is_the_same_on_every_day(tmp_path: Path, series: list[Path]) -> None:
    first = write_seg(tmp_path / "a.dcm", series, outlines()).read_bytes()
    assert write_seg(tmp_path / "b.dcm", series, outlines()).read_bytes() == first


@pytest.mark.filterwarnings("ignore:Encoding an empty segmentation")
def test_an_empty_mask_can_be_written(tmp_path: Path, series: list[Path]) -> None:
    spec = OutlineSpec("nothing", np.zeros(SHAPE, bool), uid_from("nothing"), "liver 9")
    ds = pydicom.dcmread(write_seg(tmp_path / "seg.dcm", series, [spec]))
    assert ds.SegmentSequence[0].SegmentLabel == "nothing"
    assert not ds.pixel_array.any()


def test_rtstruct_gives_masks_back(tmp_path: Path, series: list[Path]) -> None:
    ds = pydicom.dcmread(write_rtstruct(tmp_path / "rt.dcm", series, outlines()))
    assert [roi.ROIName for roi in ds.StructureSetROISequence] == ["ring", "ball", "dust"]
    image = sitk.ReadImage([str(path) for path in series])
    for spec, roi in zip(outlines(), ds.ROIContourSequence, strict=True):
        found: dict[int, list[npt.NDArray[np.float64]]] = {}
        for contour in roi.ContourSequence:
            points = np.array(contour.ContourData, dtype=float).reshape(-1, 3)
            indices = np.array([image.TransformPhysicalPointToContinuousIndex(point) for point in points.tolist()])
            found.setdefault(round(indices[0, 2]), []).append(indices[:, :2])
        mask = np.stack([even_odd(found.get(k, []), SHAPE[1:]) for k in range(SHAPE[0])])
        assert np.array_equal(mask, spec.array_zyx)


def test_polygons_look_right_to_a_drawing_library() -> None:
    mask = sphere_mask(18, (1, 1, 1), shape_zyx=(21, 21, 21))[10]
    picture = Image.new("1", (210, 210))
    for polygon in closed_polygons(mask):
        ImageDraw.Draw(picture).polygon([((x + 0.5) * 10, (y + 0.5) * 10) for x, y in polygon], fill=1)
    assert np.array_equal(np.asarray(picture)[5::10, 5::10], mask)


@pytest.mark.parametrize("name", ["mask.nii", "mask.nii.gz", "mask.nrrd"])
def test_label_map_keeps_grid_and_voxels(tmp_path: Path, name: str) -> None:
    mask = outlines()[0].array_zyx
    path = write_nifti(tmp_path / name, mask, SPACING, origin_mm=(-11.3, 4, 90), direction=DIRECTION)
    image = sitk.ReadImage(str(path))
    assert np.array_equal(sitk.GetArrayFromImage(image), mask)
    assert image.GetSpacing() == pytest.approx(SPACING)
    assert image.GetOrigin() == pytest.approx((-11.3, 4, 90), abs=1e-5)
    assert image.GetDirection() == pytest.approx(DIRECTION, abs=1e-6)
