"""NIfTI and NRRD images and label maps: read to the voxel, or refused before anything is believed."""

import gzip
import struct

import numpy as np
import pytest
import SimpleITK as sitk

from patients.vocabulary import OutlineFormat
from radiomics_tasks.errors import Refusal
from radiomics_tasks.imaging.nifti import is_image_file, read_header, read_image, read_label_map
from radiomics_tasks.imaging.outline import SeriesGeometry
from radiomics_tasks.imaging.phantom.nifti_out import write_nifti
from radiomics_tasks.imaging.volume import lps_order, place_on, sub_grid
from tests.radiomics_tasks.imaging.scans import ORIGIN_MM, SHAPE, SPACING_MM, block, mask_of, small_grid, turned_about_x

SCAN = SeriesGeometry(small_grid())
VALUES = np.random.default_rng(9).integers(-500, 900, SHAPE).astype(np.int16)
DIM, TYPE, PIXDIM, OFFSET, SCALING, UNITS, CODES, QFORM, SFORM, MAGIC = 40, 70, 76, 108, 112, 123, 252, 256, 280, 344


def image(folder, array=VALUES, name="image.nii", **geometry):
    geometry = {"origin_mm": ORIGIN_MM, **geometry}
    return write_nifti(folder / name, array, SPACING_MM, **geometry)


def patched(path, offset, layout, *values):
    content = bytearray(path.read_bytes())
    struct.pack_into(layout, content, offset, *values)
    path.write_bytes(content)
    return path


def refusal(call, *arguments):
    with pytest.raises(Refusal) as refused:
        call(*arguments)
    return refused.value.code


def mask_refusal(path):
    return refusal(read_label_map, path, SCAN)


@pytest.mark.parametrize("name", ["image.nii", "image.nii.gz", "image.nrrd"])
@pytest.mark.parametrize("kind", ["u1", "i1", "i2", "u2", "i4", "u4", "f4", "f8"])
def test_voxels_and_place_as_written(tmp_path, name, kind):
    values = np.abs(VALUES % 100).astype(kind)
    volume = read_image(image(tmp_path, values, name))
    assert np.array_equal(volume.array, values)
    assert np.allclose(volume.grid.origin_mm, ORIGIN_MM, atol=1e-5)
    assert np.allclose(volume.grid.spacing_mm, SPACING_MM, atol=1e-7)
    assert volume.unit == "a.u."


@pytest.mark.parametrize("name", ["image.nii.gz", "image.nrrd"])
@pytest.mark.parametrize(
    "direction", [(-1.0, 0, 0, 0, -1.0, 0, 0, 0, 1.0), (0, 0, 1.0, 1.0, 0, 0, 0, 1.0, 0), turned_about_x(17.0)]
)
def test_any_orientation_comes_out_in_lps_order(tmp_path, name, direction):
    path = image(tmp_path, name=name, direction=direction)
    read = sitk.ReadImage(path)
    header = read_header(path)
    assert np.allclose(header.grid.direction, read.GetDirection(), atol=1e-6)
    assert np.allclose(header.grid.origin_mm, read.GetOrigin(), atol=1e-5)
    grid, values = lps_order(header.grid, VALUES)
    volume = read_image(path)
    assert np.array_equal(volume.array, values)
    assert volume.grid == grid


def test_big_endian_and_scaled_values(tmp_path):
    path = image(tmp_path)
    content = path.read_bytes()
    swapped = bytearray(content)
    for offset, layout in [
        (0, "i"),
        (DIM, "8h"),
        (TYPE, "2h"),
        (PIXDIM, "8f"),
        (OFFSET, "3f"),
        (CODES, "2h"),
        (QFORM, "6f"),
        (SFORM, "12f"),
    ]:
        struct.pack_into(">" + layout, swapped, offset, *struct.unpack_from("<" + layout, content, offset))
    path.write_bytes(bytes(swapped[:352]) + VALUES.astype(">i2").tobytes())
    patched(path, SCALING, ">2f", 0.5, -10.0)
    volume = read_image(path)
    assert np.array_equal(volume.array, (VALUES * 0.5 - 10).astype(np.float32))


def test_label_maps_are_told_from_images(tmp_path):
    labels = block(k=slice(1, 3), j=slice(2, 9), i=slice(2, 9)).astype(np.uint8)
    assert read_header(image(tmp_path, labels)).is_label_like
    assert read_header(image(tmp_path, labels.astype(np.float32))).is_label_like
    assert not read_header(image(tmp_path)).is_label_like
    assert not read_header(image(tmp_path, labels + np.uint8(1))).is_label_like
    assert not read_header(image(tmp_path, labels * np.float32(0.5))).is_label_like
    assert not read_header(image(tmp_path, np.arange(np.prod(SHAPE), dtype=np.int32).reshape(SHAPE) % 90)).is_label_like


@pytest.mark.parametrize(
    ("offset", "layout", "values", "code"),
    [
        (DIM, "<8h", (4, 24, 20, 3, 2, 1, 1, 1), "E_MASK_HEADER"),  # four dimensions
        (DIM, "<8h", (3, 32767, 32767, 32767, 1, 1, 1, 1), "E_MASK_HEADER"),
        (DIM, "<8h", (3, 24, 20, 0, 1, 1, 1, 1), "E_MASK_HEADER"),
        (DIM, "<8h", (3, 2048, 2048, 500, 1, 1, 1, 1), "E_MASK_HEADER"),  # more voxels than are measured
        (DIM, "<8h", (3, 24, 20, 7, 1, 1, 1, 1), "E_MASK_TRUNCATED"),
        (DIM, "<8h", (3, 24, 20, 5, 1, 1, 1, 1), "E_MASK_HEADER"),  # longer than its header says
        (TYPE, "<2h", (128, 24), "E_MASK_HEADER"),  # RGB
        (TYPE, "<2h", (32, 64), "E_MASK_HEADER"),  # complex
        (TYPE, "<2h", (2, 16), "E_MASK_HEADER"),  # contradicts itself
        (UNITS, "B", (3,), "E_MASK_HEADER"),  # micrometres
        (UNITS, "B", (1,), "E_MASK_HEADER"),  # metres
        (CODES, "<2h", (0, 0), "E_MASK_HEADER"),  # no place
        (SFORM + 12, "<f", (77.0,), "E_MASK_HEADER"),  # sform is not qform
        (PIXDIM + 4, "<f", (0.0,), "E_MASK_HEADER"),
        (PIXDIM + 4, "<f", (float("nan"),), "E_MASK_HEADER"),
        (QFORM, "<f", (float("inf"),), "E_MASK_HEADER"),
        (OFFSET, "<f", (100.0,), "E_MASK_HEADER"),
        (OFFSET, "<f", (float("nan"),), "E_MASK_HEADER"),
        (MAGIC, "4s", (b"ni1\0",), "E_DETACHED"),
        (MAGIC, "4s", (b"\0\0\0\0",), "E_MASK_HEADER"),  # Analyze says nothing of orientation
        (0, "<i", (540,), "E_MASK_HEADER"),  # NIfTI-2
        (0, "<i", (0,), "E_TYPE"),
    ],
)
def test_headers_that_cannot_be_followed(tmp_path, offset, layout, values, code):
    labels = block(k=slice(1, 3), j=slice(2, 9), i=slice(2, 9)).astype(np.uint8)
    assert mask_refusal(patched(image(tmp_path, labels), offset, layout, *values)) == code


def test_sheared_axes_are_refused(tmp_path):
    path = patched(image(tmp_path), CODES, "<2h", 0, 1)
    assert read_image(path).grid.shape == SHAPE
    patched(path, SFORM + 4, "<f", 0.2)
    assert refusal(read_image, path) == "E_HEADER"


@pytest.mark.parametrize("name", ["mask.nii", "mask.nii.gz", "mask.nrrd"])
@pytest.mark.parametrize("kept", [0.5, 0.98])
def test_truncated_files_lose_no_voxel_in_silence(tmp_path, name, kept):
    noise = np.random.default_rng(0).integers(0, 2, SHAPE).astype(np.uint8)
    path = image(tmp_path, noise, name)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * kept)])
    assert mask_refusal(path) == "E_MASK_TRUNCATED"
    assert refusal(read_image, path) == "E_TRUNCATED"


def test_a_small_file_that_promises_much_takes_little_memory(tmp_path):
    header = patched(
        image(tmp_path, np.zeros(SHAPE, np.uint8)), DIM, "<8h", 3, 1024, 1024, 380, 1, 1, 1, 1
    ).read_bytes()[:352]
    path = tmp_path / "mask.nii.gz"
    path.write_bytes(gzip.compress(header + b"\0" * 100))
    assert mask_refusal(path) == "E_MASK_TRUNCATED"
    path.write_bytes(header + b"\0" * 100)
    assert mask_refusal(path) == "E_MASK_TRUNCATED"


def test_a_gzip_bomb_is_read_no_further_than_its_header_says(tmp_path):
    content = image(tmp_path, np.zeros(SHAPE, np.uint8)).read_bytes()
    path = tmp_path / "bomb.nii.gz"
    with gzip.open(path, "wb", compresslevel=9) as stream:
        stream.write(content)
        for _ in range(64):
            stream.write(b"\0" * 1_000_000)
    assert path.stat().st_size < 100_000
    assert mask_refusal(path) == "E_MASK_HEADER"


def test_damaged_compression_is_noticed(tmp_path):
    path = image(tmp_path, name="image.nii.gz")
    content = bytearray(path.read_bytes())
    content[-6] ^= 0xFF
    path.write_bytes(content)
    assert refusal(read_image, path) == "E_HEADER"


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_voxels_that_are_no_numbers_are_refused(tmp_path, bad):
    values = VALUES.astype(np.float32)
    values[2, 3, 4] = bad
    path = image(tmp_path, values)
    with pytest.raises(Refusal, match="1 voxel holds") as refused:
        read_image(path)
    assert refused.value.code == "E_NONFINITE"
    assert mask_refusal(path) == "E_MASK_VALUES"


def test_a_double_too_large_for_single_precision_is_refused(tmp_path):
    values = VALUES.astype(np.float64)
    values[0, 0, 0] = 1e300
    assert refusal(read_image, image(tmp_path, values)) == "E_NONFINITE"


def test_each_label_is_an_outline(tmp_path):
    labels = np.zeros(SHAPE, dtype=np.uint8)
    labels[1:3, 2:9, 2:9] = 255
    labels[4, 12, 13] = 2
    outlines = read_label_map(image(tmp_path, labels, "labels.nii.gz"), SCAN)
    assert [outlined.name for outlined in outlines] == ["label 2", "label 255"]
    assert [mask_of(outlined).voxels for outlined in outlines] == [1, 98]
    assert {outlined.outline_format for outlined in outlines} == {OutlineFormat.LABEL_MAP}
    assert np.array_equal(place_on(SCAN.grid, mask_of(outlines[1])).array, labels == 255)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda labels: labels * 0, "E_MASK_EMPTY"),
        (lambda labels: labels * np.float32(0.7), "E_MASK_LABELS"),
        (lambda labels: -labels.astype(np.int16), "E_MASK_VALUES"),
        (lambda labels: labels.astype(np.int32) * 1_000_000, "E_MASK_VALUES"),
        (lambda labels: np.arange(labels.size, dtype=np.int32).reshape(labels.shape), "E_MASK_VALUES"),
        (lambda labels: np.concatenate([labels, labels]), "E_MASK_SIZE"),
    ],
)
def test_what_no_label_map_holds(tmp_path, change, code):
    labels = block(k=slice(1, 3), j=slice(2, 9), i=slice(2, 9)).astype(np.uint8)
    assert mask_refusal(image(tmp_path, change(labels), "labels.nii.gz")) == code


def test_scaled_labels_are_refused(tmp_path):
    labels = block(k=slice(1, 3), j=slice(2, 9), i=slice(2, 9)).astype(np.uint8)
    assert mask_refusal(patched(image(tmp_path, labels), SCALING, "<2f", 2.0, 0.0)) == "E_MASK_VALUES"


def test_a_mask_off_the_grid_is_refused_with_the_millimetres(tmp_path):
    labels = block(k=slice(1, 3), j=slice(2, 9), i=slice(2, 9)).astype(np.uint8)
    path = image(tmp_path, labels, origin_mm=(ORIGIN_MM[0], ORIGIN_MM[1], ORIGIN_MM[2] + 1.5))
    with pytest.raises(Refusal, match=r"1\.00 mm") as refused:
        read_label_map(path, SCAN)
    assert refused.value.code == "E_MASK_GEOMETRY"


def test_a_sub_box_and_a_flip_are_placed_exactly(tmp_path):
    marked = block(k=slice(1, 3), j=slice(4, 9), i=slice(5, 9))
    box = (slice(0, 4), slice(2, 12), slice(3, 20))
    own = sub_grid(SCAN.grid, box)
    flipped = own.to_patient_mm([box[2].stop - box[2].start - 1, 0, 0])
    labels = np.ascontiguousarray(marked[box][:, :, ::-1]).astype(np.uint8)
    path = image(
        tmp_path, labels, "box.nrrd", origin_mm=tuple(map(float, flipped)), direction=(-1.0, 0, 0, 0, 1.0, 0, 0, 0, 1.0)
    )
    assert np.array_equal(place_on(SCAN.grid, mask_of(read_label_map(path, SCAN)[0])).array, marked)


@pytest.mark.parametrize(
    "content", [b"ObjectType = Image\nElementDataFile = /etc/hostname\n", b"NDims = 3\nElementDataFile = LOCAL\n"]
)
def test_meta_images_are_refused(tmp_path, content):
    path = tmp_path / "image.mhd"
    path.write_bytes(content)
    assert is_image_file(path)
    assert refusal(read_image, path) == "E_DETACHED"


def test_other_files_are_no_images(tmp_path):
    path = tmp_path / "image.nii"
    path.write_bytes(b"<html>" * 100)
    assert not is_image_file(path)
    assert refusal(read_header, path) == "E_TYPE"
    path.write_bytes(b"\x5c\x01\0\0")
    assert refusal(read_header, path) == "E_TRUNCATED"
    path.write_bytes(b"\x1f\x8b\x08\0garbage")
    assert not is_image_file(path)


def test_real_images_agree_with_the_library(data_dir):
    paths = [
        path
        for pattern in ("ibsi1*/**/*.nii.gz", "sts*/**/*.nii.gz", "longitudinal_ms*/**/*.nii.gz", "**/*.nrrd")
        for path in sorted(data_dir.glob(pattern))
    ]
    assert len(paths) > 12
    for path in paths:
        header, theirs = read_header(path), sitk.ReadImage(path)
        assert np.allclose(header.grid.spacing_mm, theirs.GetSpacing(), rtol=0, atol=1e-7)
        assert np.allclose(header.grid.origin_mm, theirs.GetOrigin(), rtol=0, atol=1e-5)
        assert np.allclose(header.grid.direction, theirs.GetDirection(), rtol=0, atol=1e-6)
        values = lps_order(header.grid, sitk.GetArrayFromImage(theirs))[1]
        assert np.array_equal(read_image(path).array, values.astype(np.float32))


def test_real_label_maps_look_like_what_they_are(data_dir):
    expected = {
        "ibsi1_ct_phantom/nifti/mask/mask.nii.gz": True,
        "ibsi1_ct_phantom/nifti/image/phantom.nii.gz": False,
        "pyradiomics_baseline/brain1_label.nrrd": True,
        "pyradiomics_baseline/brain1_image.nrrd": False,
        "pyradiomics_baseline/breast1_label.nrrd": True,
        "pyradiomics_baseline/breast1_image.nrrd": False,
        "dicom_seg_sr/dcmqi/liver_spine_seg.nrrd": True,
        "longitudinal_ms_flair/patient01/common_space/gt.nii.gz": True,
    }
    assert {name: read_header(data_dir / name).is_label_like for name in expected} == expected
