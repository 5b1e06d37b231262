"""Every segment of a SEG comes out on its scan's grid, placed by its frames' own positions."""

from dataclasses import replace

import highdicom as hd
import numpy as np
import pydicom
import pytest

from patients.vocabulary import AlgorithmType, Organ, OutlineFormat
from radiomics_tasks.errors import NeedsPerson, Refusal
from radiomics_tasks.imaging.nifti import read_label_map
from radiomics_tasks.imaging.outline import SeriesGeometry
from radiomics_tasks.imaging.phantom.seg_out import OutlineSpec, write_seg
from radiomics_tasks.imaging.segmentation import read_seg
from radiomics_tasks.imaging.volume import Grid, place_on
from tests.radiomics_tasks.imaging.scans import (
    DEMO_DATES,
    block,
    files,
    mask_of,
    seen_by_outlines,
    small_series,
    turned_about_x,
)

ONE = block(k=slice(1, 3), j=slice(3, 9), i=slice(4, 11))
TWO = block(k=slice(2, 5), j=slice(6, 15), i=slice(9, 20))
UID_ONE, UID_TWO = "2.25.1001", "2.25.1002"


@pytest.fixture
def series(tmp_path):
    return small_series(tmp_path / "ct")


def written(series, tmp_path, **tags):
    outlines = [
        OutlineSpec("Liver 1", ONE, UID_ONE, "L1", Organ.LIVER),
        OutlineSpec("Node 1", TWO, UID_TWO, "N1", Organ.LYMPH_NODE, AlgorithmType.SEMIAUTOMATIC),
    ]
    return write_seg(tmp_path / "seg.dcm", series[0], outlines, tags=tags), series[1]


def changed(path, change):
    ds = pydicom.dcmread(path)
    change(ds)
    ds.save_as(path)


def codes(outlines):
    return [[problem.code for problem in outlined.problems] for outlined in outlines]


def whole(scan, outlined):
    return place_on(scan.grid, mask_of(outlined)).array


@pytest.mark.parametrize("degrees", [0.0, 12.0])
def test_overlapping_segments_come_back_each_whole(tmp_path, degrees):
    series = small_series(tmp_path / "ct", direction=turned_about_x(degrees))
    path, scan = written(series, tmp_path)
    one, two = read_seg(path, scan)
    assert np.array_equal(whole(scan, one), ONE)
    assert np.array_equal(whole(scan, two), TWO)
    assert (one.notes, one.problems) == ((), ())


def test_segments_say_who_they_are(series, tmp_path):
    one, two = read_seg(*written(series, tmp_path))
    assert (one.name, one.tracking_uid, one.tracking_id, one.organ) == ("Liver 1", UID_ONE, "L1", Organ.LIVER)
    assert (two.organ, two.algorithm_type) == (Organ.LYMPH_NODE, AlgorithmType.SEMIAUTOMATIC)
    assert one.outline_format == OutlineFormat.SEG


def test_frames_in_any_order_and_turned_planes_find_their_place(series, tmp_path):
    path, scan = written(series, tmp_path)

    def shuffle(ds):
        frames, pixels = list(ds.PerFrameFunctionalGroupsSequence), ds.pixel_array
        order = np.random.default_rng(1).permutation(len(frames))
        ds.PerFrameFunctionalGroupsSequence = [frames[n] for n in order]
        ds.PixelData = pydicom.pixels.utils.pack_bits(np.ascontiguousarray(pixels[order]))

    changed(path, shuffle)
    one, two = read_seg(path, scan)
    assert np.array_equal(whole(scan, one), ONE)
    assert np.array_equal(whole(scan, two), TWO)


def test_frames_that_begin_inside_a_byte_are_unpacked(tmp_path):
    paths, scan = small_series(tmp_path / "ct")
    odd = Grid((6, 19, 23), scan.grid.spacing_mm, scan.grid.origin_mm)
    path, _ = written((paths, scan), tmp_path)

    def crop(ds):
        pixels = ds.pixel_array[:, :19, :23]
        ds.Rows, ds.Columns = 19, 23
        ds.PixelData = pydicom.pixels.utils.pack_bits(np.ascontiguousarray(pixels))

    changed(path, crop)
    one, _ = read_seg(path, scan)
    assert odd.shape[1] * odd.shape[2] % 8 == 5
    assert np.array_equal(whole(scan, one), ONE)


def test_a_single_frame_segment(series, tmp_path):
    marked = block(k=slice(3, 4), j=slice(3, 9), i=slice(4, 11))
    path = write_seg(tmp_path / "seg.dcm", series[0], [OutlineSpec("one slice", marked)])
    outlined = read_seg(path, series[1])[0]
    assert np.array_equal(whole(series[1], outlined), marked)
    assert "W_ROI_2D" in [note.code for note in outlined.notes]


def test_one_voxel_is_enough(series, tmp_path):
    marked = block(k=slice(3, 4), j=slice(3, 4), i=slice(4, 5))
    path = write_seg(tmp_path / "seg.dcm", series[0], [OutlineSpec("dot", marked)])
    assert mask_of(read_seg(path, series[1])[0]).voxels == 1


def test_an_empty_segment_is_a_problem_of_its_own(series, tmp_path):
    specs = [OutlineSpec("full", ONE), OutlineSpec("empty", np.zeros_like(ONE))]
    path = write_seg(tmp_path / "seg.dcm", series[0], specs)
    assert codes(read_seg(path, series[1])) == [[], ["E_MASK_EMPTY"]]


def fractional(series, tmp_path, fractions, kind="PROBABILITY", transfer_syntax=pydicom.uid.ExplicitVRLittleEndian):
    sources = [pydicom.dcmread(path) for path in series[0]]
    binary = pydicom.dcmread(write_seg(tmp_path / "binary.dcm", series[0], [OutlineSpec("soft", ONE)]))
    described = hd.seg.SegmentDescription.from_dataset(binary.SegmentSequence[0])
    ds = hd.seg.Segmentation(
        source_images=sources,
        pixel_array=fractions,
        segmentation_type="FRACTIONAL",
        fractional_type=kind,
        max_fractional_value=200,
        segment_descriptions=[described],
        series_instance_uid=hd.UID(),
        series_number=1,
        sop_instance_uid=hd.UID(),
        instance_number=1,
        manufacturer="Synthetic Scanners",
        manufacturer_model_name="Phantom Reader",
        software_versions="1",
        device_serial_number="1",
        transfer_syntax_uid=transfer_syntax,
    )
    ds.save_as(tmp_path / "seg.dcm", enforce_file_format=True)
    return tmp_path / "seg.dcm"


@pytest.mark.parametrize("kind", ["PROBABILITY", "OCCUPANCY"])
def test_fractions_of_one_half_and_more_are_inside(series, tmp_path, kind):
    fractions = np.where(ONE, 0.5, np.where(TWO, 0.495, 0.0))
    outlined = read_seg(fractional(series, tmp_path, fractions, kind), series[1])[0]
    assert np.array_equal(whole(series[1], outlined), ONE)
    assert "W_FRACTIONAL" in [note.code for note in outlined.notes]


@pytest.mark.parametrize("syntax", [pydicom.uid.RLELossless, pydicom.uid.JPEGLSLossless])
def test_compressed_frames(series, tmp_path, syntax):
    path = fractional(series, tmp_path, ONE.astype(float), transfer_syntax=syntax)
    outlined = read_seg(path, series[1])[0]
    assert np.array_equal(whole(series[1], outlined), ONE)
    assert not outlined.notes


def test_other_frame_of_reference_and_other_images_need_a_person(series, tmp_path):
    path, scan = written(series, tmp_path)
    frame = read_seg(path, replace(scan, frame_of_reference_uid="1.2.3"))
    other = read_seg(path, replace(scan, sop_instance_uids=frozenset({"1.2.3"}), series_instance_uid="1.2.4"))
    for outlines in (frame, other):
        assert codes(outlines) == [["Q_MASK_OTHER_SCAN"]] * 2
        assert isinstance(outlines[0].problems[0], NeedsPerson)
    assert frame[0].problems[0].sentence != other[0].problems[0].sentence


def test_keyed_scan_knows_the_files_own_uids(series, tmp_path):
    path, _ = written(series, tmp_path)
    _, keyed = seen_by_outlines(series[0], key=b"site key")
    assert codes(read_seg(path, keyed)) == [[], []]
    assert codes(read_seg(path, replace(keyed, key=b"another"))) == [["Q_MASK_OTHER_SCAN"]] * 2


@pytest.mark.parametrize(("shift_mm", "word"), [((0, 0, 0.5), "0.50 mm"), ((0.4, 0, 0), "0.40 mm")])
def test_shifted_frames_are_refused_in_millimetres(series, tmp_path, shift_mm, word):
    path, scan = written(series, tmp_path)

    def shift(ds):
        for frame in ds.PerFrameFunctionalGroupsSequence:
            place = frame.PlanePositionSequence[0]
            place.ImagePositionPatient = [
                float(x) + d for x, d in zip(place.ImagePositionPatient, shift_mm, strict=True)
            ]

    changed(path, shift)
    outlines = read_seg(path, scan)
    assert codes(outlines) == [["E_MASK_GEOMETRY"]] * 2
    assert word in outlines[0].problems[0].sentence


def test_frames_follow_slices_that_are_not_spaced_to_the_last_digit(series, tmp_path):
    path, scan = written(series, tmp_path)

    def jitter(ds):
        for frame in ds.PerFrameFunctionalGroupsSequence:
            x, y, z = frame.PlanePositionSequence[0].ImagePositionPatient
            frame.PlanePositionSequence[0].ImagePositionPatient = [x, y, float(z) + 0.04]

    changed(path, jitter)
    assert codes(read_seg(path, scan)) == [["E_MASK_GEOMETRY"]] * 2
    one, _ = read_seg(path, replace(scan, jitter_mm=0.04))
    assert np.array_equal(whole(scan, one), ONE)


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        ({"Rows": 65535, "Columns": 65535}, "E_DIMS"),
        ({"SegmentationType": "LABELMAP"}, "E_SEG_TYPE"),
        ({"PixelData": b"\0\0"}, "E_TRUNCATED"),
        ({"NumberOfFrames": 3}, "E_UNREADABLE"),
        ({"SegmentSequence": []}, "E_MASK_EMPTY"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.2"}, "E_MODALITY"),
    ],
)
def test_impossible_files_are_refused_as_a_whole(series, tmp_path, tags, code):
    path, scan = written(series, tmp_path, **tags)
    with pytest.raises(Refusal) as refused:
        read_seg(path, scan)
    assert refused.value.code == code


def test_deflated_is_refused_before_it_is_unpacked(series, tmp_path):
    path, scan = written(series, tmp_path)
    changed(path, lambda ds: setattr(ds.file_meta, "TransferSyntaxUID", pydicom.uid.DeflatedExplicitVRLittleEndian))
    with pytest.raises(Refusal) as refused:
        read_seg(path, scan)
    assert refused.value.code == "E_TRANSFER_SYNTAX"


def test_frames_without_a_place_are_refused(series, tmp_path):
    path, scan = written(series, tmp_path)

    def lose(ds):
        for frame in ds.PerFrameFunctionalGroupsSequence:
            del frame.PlanePositionSequence

    changed(path, lose)
    assert codes(read_seg(path, scan)) == [["E_MISSING_TAG"]] * 2


@pytest.mark.parametrize("day", DEMO_DATES)
def test_demo_segments(data_dir, day):
    folder = data_dir / "demo_longitudinal_simulated" / "DEMO-LIVER-01" / day
    _, scan = seen_by_outlines(files(folder / "CT"))
    outlines = read_seg(folder / "SEG.dcm", scan)
    assert [outlined.tracking_id for outlined in outlines] == ["L1", "L2"]
    assert {outlined.organ for outlined in outlines} == {Organ.LIVER}
    assert codes(outlines) == [[], []]


def test_dcmqi_segment_equals_its_source(data_dir):
    folder = data_dir / "dicom_seg_sr" / "dcmqi"
    _, scan = seen_by_outlines(files(folder / "ct-3slice"))
    segment = read_seg(folder / "liver.dcm", scan)[0]
    label = read_label_map(folder / "liver_seg.nrrd", scan)[0]
    assert mask_of(segment).voxels == 107_098
    assert mask_of(segment).digest == mask_of(label).digest
    assert (segment.organ, segment.algorithm_type) == (Organ.LIVER, AlgorithmType.SEMIAUTOMATIC)


# The CT behind highdicom's samples lacks slices; these numbers are those of its own reader, frame by frame.
@pytest.mark.parametrize(
    ("file", "segments", "notes"),
    [
        ("seg_image_ct_binary.dcm", 1, set()),
        ("seg_image_ct_binary_overlap.dcm", 2, set()),
        ("seg_image_ct_binary_fractional.dcm", 1, set()),
        ("seg_image_ct_true_fractional.dcm", 1, {"W_FRACTIONAL"}),
        ("seg_image_ct_binary_single_frame.dcm", 1, set()),
    ],
)
def test_highdicom_samples(data_dir, file, segments, notes):
    path = data_dir / "dicom_seg_sr" / "highdicom" / file
    ds = pydicom.dcmread(path)
    outlines = read_seg(path, scan_behind(ds))
    for number, outlined in enumerate(outlines, start=1):
        full = ds.get("MaximumFractionalValue", 1)
        frames = zip(ds.PerFrameFunctionalGroupsSequence, np.atleast_3d(ds.pixel_array.T).T, strict=True)
        mine = [p for f, p in frames if f.SegmentIdentificationSequence[0].ReferencedSegmentNumber == number]
        assert mask_of(outlined).voxels == np.count_nonzero(np.asarray(mine) / full >= 0.5)
        assert notes <= {note.code for note in outlined.notes}
    assert len(outlines) == segments


def scan_behind(ds: pydicom.Dataset) -> SeriesGeometry:
    """A grid that holds every frame of a SEG, with the step that all its positions share."""
    spacing = [float(x) for x in ds.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].PixelSpacing]
    places = [frame.PlanePositionSequence[0].ImagePositionPatient for frame in ds.PerFrameFunctionalGroupsSequence]
    heights = sorted({float(place[2]) for place in places})
    step = float(np.gcd.reduce(np.round(np.diff(heights) * 1000).astype(int))) / 1000 if len(heights) > 1 else 5.0
    count = round((heights[-1] - heights[0]) / step) + 1
    grid = Grid(
        (count, ds.Rows, ds.Columns),
        (spacing[1], spacing[0], step),
        (float(places[0][0]), float(places[0][1]), heights[0]),
    )
    named = ds.ReferencedSeriesSequence[0]
    sops = frozenset(str(image.ReferencedSOPInstanceUID) for image in named.ReferencedInstanceSequence)
    return SeriesGeometry(grid, sops, str(ds.FrameOfReferenceUID), str(named.SeriesInstanceUID))
