"""Contours become voxels by the pixel-centre rule, even-odd, or are refused in words."""

from dataclasses import replace

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from patients.vocabulary import AlgorithmType, Organ
from radiomics_tasks.errors import NeedsPerson, Refusal
from radiomics_tasks.imaging.nifti import read_image, read_label_map
from radiomics_tasks.imaging.outline import SeriesGeometry
from radiomics_tasks.imaging.phantom.rtstruct_out import write_rtstruct
from radiomics_tasks.imaging.phantom.seg_out import OutlineSpec
from radiomics_tasks.imaging.rtstruct import fill, rasterise, read_rtstruct
from radiomics_tasks.imaging.segmentation import read_seg
from radiomics_tasks.imaging.volume import place_on
from tests.radiomics_tasks.imaging.scans import (
    DEMO_DATES,
    block,
    files,
    mask_of,
    seen_by_outlines,
    small_grid,
    small_series,
    turned_about_x,
)

SQUARE = np.array([[1.0, 1.0], [4.0, 1.0], [4.0, 4.0], [1.0, 4.0]])


@pytest.fixture
def series(tmp_path):
    return small_series(tmp_path / "ct")


def written(series, tmp_path, array, **tags):
    path = write_rtstruct(tmp_path / "rs.dcm", series[0], [OutlineSpec("Liver 1", array)], tags=tags)
    return path, series[1]


def changed(path, change):
    ds = pydicom.dcmread(path)
    change(ds)
    ds.save_as(path)


def code(outlined):
    return [problem.code for problem in outlined.problems]


def test_pixel_centres_on_an_edge_belong_to_one_side_only():
    left = fill([SQUARE], (8, 8))
    right = fill([np.add(SQUARE, (3.0, 0.0))], (8, 8))
    assert left.sum() == 9
    assert not (left & right).any()
    assert (left | right).sum() == 18


def test_even_odd_leaves_a_hole_and_fills_an_island():
    outer = np.array([[-0.5, -0.5], [9.5, -0.5], [9.5, 9.5], [-0.5, 9.5]])
    hole, island = outer * 0.6 + 1.5, outer * 0.2 + 3.5
    inside = fill([outer, hole, island], (10, 10))
    assert inside[0, 0]
    assert not inside[2, 2]
    assert inside[4, 4]


def test_a_keyhole_contour_equals_ring_with_hole():
    ring = [[0.5, 0.5], [8.5, 0.5], [8.5, 8.5], [0.5, 8.5]]
    hole = [[3.5, 3.5], [3.5, 5.5], [5.5, 5.5], [5.5, 3.5]]
    keyhole = np.array([*ring, ring[0], *hole, hole[0], ring[0]])
    assert np.array_equal(fill([keyhole], (10, 10)), fill([np.array(ring), np.array(hole)], (10, 10)))


def test_fill_agrees_with_a_count_of_crossings():
    random = np.random.default_rng(11)
    for _ in range(30):
        polygon = random.uniform(-2, 14, (random.integers(3, 9), 2))
        inside = fill([polygon], (12, 12))
        for j, i in random.integers(0, 12, (20, 2)):
            edges = zip(polygon, np.roll(polygon, -1, axis=0), strict=True)
            crossings = sum(
                (a[1] > j) != (b[1] > j) and i >= a[0] + (j - a[1]) * (b[0] - a[0]) / (b[1] - a[1]) for a, b in edges
            )
            assert inside[j, i] == bool(crossings % 2)


@pytest.mark.parametrize("degrees", [0.0, 12.0])
def test_written_contours_give_the_mask_back(tmp_path, degrees):
    series = small_series(tmp_path / "ct", direction=turned_about_x(degrees))
    array = np.zeros((6, 20, 24), dtype=bool)
    array[1:5] = np.random.default_rng(2).random((4, 20, 24)) > 0.5
    path, scan = written(series, tmp_path, array)
    outlined = read_rtstruct(path, scan)[0]
    assert np.array_equal(place_on(scan.grid, mask_of(outlined)).array, array)
    assert (outlined.name, outlined.organ, outlined.algorithm_type) == ("Liver 1", Organ.LIVER, AlgorithmType.MANUAL)
    assert "W_REFERENCES" not in [note.code for note in outlined.notes]


def test_keyed_scan_knows_the_files_own_uids(series, tmp_path):
    path, _ = written(series, tmp_path, block(k=slice(2, 4), j=slice(4, 8), i=slice(4, 8)))
    _, keyed = seen_by_outlines(series[0], key=b"site key")
    assert mask_of(read_rtstruct(path, keyed)[0]).voxels == 32
    assert code(read_rtstruct(path, replace(keyed, key=b"another"))[0]) == ["Q_MASK_OTHER_SCAN"]


def test_other_frame_of_reference_needs_a_person(series, tmp_path):
    path, scan = written(series, tmp_path, block(k=slice(2, 4), j=slice(4, 8), i=slice(4, 8)))
    outlined = read_rtstruct(path, replace(scan, frame_of_reference_uid="1.2.3"))[0]
    assert isinstance(outlined.problems[0], NeedsPerson)
    assert "frame of reference" in outlined.problems[0].sentence
    assert outlined.mask is None


def test_same_frame_but_another_series_needs_a_person(series, tmp_path):
    path, scan = written(series, tmp_path, block(k=slice(2, 4), j=slice(4, 8), i=slice(4, 8)))
    other = replace(scan, sop_instance_uids=frozenset({"1.2.3"}), series_instance_uid="1.2.4")
    assert code(read_rtstruct(path, other)[0]) == ["Q_MASK_OTHER_SCAN"]


def test_cropped_series_with_new_instances_is_accepted_with_a_note(series, tmp_path):
    path, scan = written(series, tmp_path, block(k=slice(2, 4), j=slice(4, 8), i=slice(4, 8)))
    outlined = read_rtstruct(path, replace(scan, sop_instance_uids=frozenset({"1.2.3"})))[0]
    assert mask_of(outlined).voxels == 32
    assert "W_REFERENCES" in [note.code for note in outlined.notes]


def test_roi_without_contours_is_empty(series, tmp_path):
    path, scan = written(series, tmp_path, np.zeros((6, 20, 24), dtype=bool))
    assert code(read_rtstruct(path, scan)[0]) == ["E_MASK_EMPTY"]


@pytest.mark.parametrize(
    ("shift_mm", "want", "word"),
    [
        ((0, 0, 1.0), "E_MASK_GEOMETRY", "1.00 mm"),
        ((0, 0, 25.0), "E_ROI_OUTSIDE", "mm outside"),
        ((30, 0, 0), "E_ROI_OUTSIDE", "mm outside"),
    ],
)
def test_contours_off_the_scan_are_refused_in_millimetres(series, tmp_path, shift_mm, want, word):
    path, scan = written(series, tmp_path, block(k=slice(2, 4), j=slice(4, 8), i=slice(4, 8)))

    def shift(ds):
        for contour in ds.ROIContourSequence[0].ContourSequence:
            points = np.asarray(contour.ContourData, dtype=float).reshape(-1, 3) + shift_mm
            contour.ContourData = [f"{x:.4f}" for x in points.ravel()]

    changed(path, shift)
    outlined = read_rtstruct(path, scan)[0]
    assert code(outlined) == [want]
    assert word in outlined.problems[0].sentence


def test_rounded_slice_positions_are_no_reason():
    grid = small_grid()
    corners = grid.to_patient_mm([[2, 2, 3.04], [9, 2, 3.04], [9, 9, 3.04], [2, 9, 3.04]])
    mask = rasterise([corners], grid)
    assert np.array_equal(np.flatnonzero(place_on(grid, mask).array.any(axis=(1, 2))), [3])


def test_oblique_contours_are_refused_in_words():
    grid = small_grid()
    tilted = grid.to_patient_mm([[2, 2, 2], [9, 2, 2], [9, 9, 3], [2, 9, 3]])
    with pytest.raises(Refusal, match="oblique"):
        rasterise([tilted], grid)


def test_a_contour_written_twice_counts_once(series, tmp_path):
    path, scan = written(series, tmp_path, block(k=slice(2, 4), j=slice(4, 8), i=slice(4, 8)))

    def repeat(ds):
        contours = ds.ROIContourSequence[0].ContourSequence
        contours.append(contours[0])

    changed(path, repeat)
    outlined = read_rtstruct(path, scan)[0]
    assert mask_of(outlined).voxels == 32
    assert "W_CONTOUR_TWICE" in [note.code for note in outlined.notes]


def test_points_and_open_contours_enclose_nothing(series, tmp_path):
    path, scan = written(series, tmp_path, block(k=slice(2, 4), j=slice(4, 8), i=slice(4, 8)))

    def open_first(ds):
        ds.ROIContourSequence[0].ContourSequence[0].ContourGeometricType = "OPEN_PLANAR"

    changed(path, open_first)
    outlined = read_rtstruct(path, scan)[0]
    assert mask_of(outlined).voxels == 16
    assert "W_CONTOUR_OPEN" in [note.code for note in outlined.notes]


def test_no_rois_and_no_dicom_are_refused(series, tmp_path):
    path, scan = written(series, tmp_path, block(k=slice(2, 4), j=slice(4, 8), i=slice(4, 8)))
    changed(path, lambda ds: setattr(ds, "StructureSetROISequence", []))
    with pytest.raises(Refusal, match="no outlines"):
        read_rtstruct(path, scan)
    path.write_bytes(b"<html>" * 100)
    with pytest.raises(Refusal) as refused:
        read_rtstruct(path, scan)
    assert refused.value.code == "E_NOT_DICOM"


def test_deeply_nested_sequences_are_a_refusal(series, tmp_path):
    path, scan = written(series, tmp_path, block(k=slice(2, 4), j=slice(4, 8), i=slice(4, 8)))
    inner = bytes.fromhex("feff00e0ffffffff" + "08001111" + "53510000ffffffff") * 3000
    tail = path.read_bytes()
    begin = tail.index(b"\x08\x00\x16\x00UI")
    path.write_bytes(tail[:begin] + bytes.fromhex("0600010053510000ffffffff") + inner)
    with pytest.raises(Refusal) as refused:
        read_rtstruct(path, scan)
    assert refused.value.code in {"E_TOO_DEEP", "E_UNREADABLE", "E_MODALITY"}


def test_a_coordinate_that_is_no_number_is_refused(series, tmp_path):
    path, scan = written(series, tmp_path, block(k=slice(2, 4), j=slice(4, 8), i=slice(4, 8)))
    content = path.read_bytes()
    contour = pydicom.dcmread(path).ROIContourSequence[0].ContourSequence[0]
    first = str(contour.ContourData[0]).encode()
    path.write_bytes(content.replace(first, b"x" * len(first), 1))
    assert code(read_rtstruct(path, scan)[0]) == ["E_UNREADABLE"]


def test_ibsi_phantom_has_125256_voxels(data_dir):
    folder = data_dir / "ibsi1_ct_phantom"
    _, scan = seen_by_outlines(files(folder / "dicom" / "image"))
    outlined = read_rtstruct(folder / "dicom" / "mask" / "DCM_RS_00060.dcm", scan)[0]
    image = SeriesGeometry(read_image(folder / "nifti" / "image" / "phantom.nii.gz").grid)
    label = read_label_map(folder / "nifti" / "mask" / "mask.nii.gz", image)[0]
    assert mask_of(outlined).voxels == 125_256
    assert np.array_equal(place_on(scan.grid, mask_of(outlined)).array, place_on(image.grid, mask_of(label)).array)


@pytest.mark.parametrize("day", DEMO_DATES)
def test_demo_rtstruct_equals_seg_within_two_voxels(data_dir, day):
    folder = data_dir / "demo_longitudinal_simulated" / "DEMO-LIVER-01" / day
    _, scan = seen_by_outlines(files(folder / "CT"))
    segments = read_seg(folder / "SEG.dcm", scan)
    rois = read_rtstruct(folder / "RTSTRUCT.dcm", scan)
    assert [roi.name for roi in rois] == ["L1", "L2"]
    for segment, roi in zip(segments, rois, strict=True):
        apart = place_on(scan.grid, mask_of(segment)).array ^ place_on(scan.grid, mask_of(roi)).array
        assert np.count_nonzero(apart) <= 2


@pytest.mark.parametrize(("modality", "voxels"), [("CT", 17_090), ("PET", 555), ("MR_T1", 17_090)])
def test_sarcoma_rtstruct_equals_its_nifti_mask(data_dir, modality, voxels):
    folder = data_dir / "sts_ct_pet_mr" / "STS_002"
    _, scan = seen_by_outlines(files(folder / "dicom" / modality / "image"))
    outlined = read_rtstruct(folder / "dicom" / modality / "mask" / "RS.dcm", scan)[0]
    label = read_label_map(folder / "nifti" / f"{modality}_mask.nii.gz", scan)[0]
    assert mask_of(outlined).voxels == voxels
    assert mask_of(outlined).digest == mask_of(label).digest


@pytest.mark.parametrize(
    ("file", "want"),
    [
        ("rt.dcm", "Q_MASK_OTHER_SCAN"),  # its contours name the scan's images, but in a frame of reference of its own
        ("invalid_reference_rt.dcm", "E_ROI_OUTSIDE"),  # contours on a slice that the scan does not have
        ("non_existent_reference_rt.dcm", "Q_MASK_OTHER_SCAN"),  # no series named, and images of another one
    ],
)
def test_wrong_references_of_real_files(data_dir, file, want):
    folder = data_dir / "rtstruct" / "rt_utils"
    heads = [pydicom.dcmread(folder / f"ct_{n}.dcm", stop_before_pixels=True) for n in (1, 2)]
    grid = replace(
        small_grid(), shape=(2, 512, 512), spacing_mm=(0.488281, 0.488281, 5.0), origin_mm=(-125.0, -125.0, 60.0)
    )
    scan = SeriesGeometry(
        grid,
        frozenset(str(ds.SOPInstanceUID) for ds in heads),
        str(heads[0].FrameOfReferenceUID),
        str(heads[0].SeriesInstanceUID),
    )
    assert {tuple(code(outlined)) for outlined in read_rtstruct(folder / file, scan)} == {(want,)}


def test_sequence_items_survive_an_absent_observation(series, tmp_path):
    path, scan = written(series, tmp_path, block(k=slice(2, 4), j=slice(4, 8), i=slice(4, 8)))

    def without(ds: Dataset):
        del ds.RTROIObservationsSequence
        ds.StructureSetROISequence[0].ROIName = ""

    changed(path, without)
    assert read_rtstruct(path, scan)[0].name == "ROI 1"


def test_a_contour_of_no_known_kind_is_not_left_out(tmp_path):
    paths, scan = small_series(tmp_path / "CT")
    spec = OutlineSpec("liver 1", block(k=slice(1, 4), j=slice(5, 9), i=slice(5, 9)))
    path = write_rtstruct(tmp_path / "rt.dcm", paths, [spec])
    path.write_bytes(path.read_bytes().replace(b"CLOSED_PLANAR", b"CLOSED_7LANAR", 1))
    (outlined,) = read_rtstruct(path, scan)
    assert [problem.code for problem in outlined.problems] == ["E_UNREADABLE"]
