"""NRRD headers are followed only where nothing leaves the file; volumes and masks keep every bit."""

import gzip
import hashlib

import numpy as np
import pytest
import SimpleITK as sitk

from radiomics_tasks.errors import Refusal
from radiomics_tasks.imaging.formats.nrrd import (
    load_mask,
    load_volume,
    nrrd_header,
    write_mask,
    write_volume,
)
from radiomics_tasks.imaging.nifti import read_image
from radiomics_tasks.imaging.volume import Grid, Mask, Volume
from tests.radiomics_tasks.imaging.scans import block, small_grid, turned_about_x

AWKWARD = Grid((3, 4, 5), (0.1 + 0.2, 0.97699999809265, 1 / 3), (-174.39450073242, 1e-17, -0.1), turned_about_x(11.3))
FIELDS = {
    "type": "short",
    "dimension": "3",
    "space": "left-posterior-superior",
    "sizes": "5 4 3",
    "space directions": "(1,0,0) (0,1,0) (0,0,2)",
    "endian": "little",
    "encoding": "raw",
    "space origin": "(1,2,3)",
}
VALUES = np.arange(60, dtype=np.int16).reshape(3, 4, 5)


def nrrd(folder, *, body=None, newline="\n", **changes):
    fields = {**FIELDS, **{name.replace("_", " "): value for name, value in changes.items()}}
    lines = ["NRRD0004", *(f"{name}: {value}" for name, value in fields.items() if value is not None)]
    path = folder / "image.nrrd"
    path.write_bytes((newline.join(lines) + 2 * newline).encode() + (VALUES.tobytes() if body is None else body))
    return path


def code(path):
    with pytest.raises(Refusal) as refused:
        read_image(path)
    return refused.value.code


def test_a_volume_keeps_every_bit(tmp_path):
    values = np.random.default_rng(0).normal(size=AWKWARD.shape).astype(np.float32)
    volume = Volume(AWKWARD, values, "SUVbw").in_lps_order()
    digest = write_volume(volume, tmp_path / "a")
    loaded = load_volume(tmp_path / "a")
    assert loaded.grid == volume.grid
    assert loaded.array.tobytes() == volume.array.tobytes()
    assert (loaded.unit, loaded.digest) == ("SUVbw", volume.digest)
    assert digest == hashlib.sha256((tmp_path / "a").read_bytes()).hexdigest()


def test_the_same_volume_gives_the_same_bytes_however_stored(tmp_path):
    grid = small_grid()
    values = np.random.default_rng(0).normal(size=grid.shape).astype(np.float32)
    flipped = Grid(
        grid.shape,
        grid.spacing_mm,
        (grid.origin_mm[0] + 23 * grid.spacing_mm[0], *grid.origin_mm[1:]),
        (-1.0, 0, 0, 0, 1.0, 0, 0, 0, 1.0),
    )
    one = write_volume(Volume(grid, values, "HU"), tmp_path / "a")
    back = Volume(flipped, values[:, :, ::-1], "HU").in_lps_order()
    # The corner is recomputed in floats; the voxels and all else are the same.
    other = write_volume(Volume(grid, back.array, "HU"), tmp_path / "b")
    assert one == other
    assert write_volume(Volume(grid, values, "a.u."), tmp_path / "c") != one


def test_a_mask_keeps_its_place_and_is_written_deterministically(tmp_path):
    mask = Mask(small_grid(turned_about_x(5.0)), block(k=slice(2, 4), j=slice(3, 9), i=slice(5, 9))).cropped()
    assert write_mask(mask, tmp_path / "a") == write_mask(mask, tmp_path / "b")
    loaded = load_mask(tmp_path / "a")
    assert loaded.grid == mask.grid
    assert np.array_equal(loaded.array, mask.array)
    assert loaded.digest == mask.digest


def test_others_can_read_the_canonical_file(tmp_path):
    volume = Volume(small_grid(), np.random.default_rng(0).normal(size=(6, 20, 24)).astype(np.float32), "HU")
    write_volume(volume, tmp_path / "a.nrrd")
    theirs = sitk.ReadImage(tmp_path / "a.nrrd")
    assert np.array_equal(sitk.GetArrayFromImage(theirs), volume.array)
    assert theirs.GetOrigin() == volume.grid.origin_mm
    assert np.allclose(theirs.GetSpacing(), volume.grid.spacing_mm, rtol=1e-15)


def test_the_file_names_no_time(tmp_path):
    write_mask(Mask(small_grid(), block(k=slice(2, 4), j=slice(3, 9), i=slice(5, 9))), tmp_path / "a")
    content = (tmp_path / "a").read_bytes()
    start = content.index(b"\n\n") + 2
    assert content[start : start + 2] == b"\x1f\x8b"
    assert content[start + 4 : start + 8] == b"\0\0\0\0"


@pytest.mark.parametrize(
    ("space", "directions", "origin"),
    [
        ("left-posterior-superior", "(1,0,0) (0,1,0) (0,0,2)", "(1,2,3)"),
        ("LPS", "(1,0,0) (0,1,0) (0,0,2)", "(1,2,3)"),
        ("right-anterior-superior", "(-1,0,0) (0,-1,0) (0,0,2)", "(-1,-2,3)"),
        ("LAS", "(1,0,0) (0,-1,0) (0,0,2)", "(1,-2,3)"),
    ],
)
def test_every_named_space_is_one_place(tmp_path, space, directions, origin):
    volume = read_image(nrrd(tmp_path, space=space, space_directions=directions, space_origin=origin))
    assert volume.grid == Grid((3, 4, 5), (1.0, 1.0, 2.0), (1.0, 2.0, 3.0))
    assert np.array_equal(volume.array, VALUES)


def test_windows_line_ends_gzip_big_endian_and_unit(tmp_path):
    path = nrrd(
        tmp_path,
        newline="\r\n",
        encoding="gz",
        endian="big",
        sample_units='"HU"',
        body=gzip.compress(VALUES.astype(">i2").tobytes()),
    )
    volume = read_image(path)
    assert np.array_equal(volume.array, VALUES)
    assert volume.unit == "HU"


@pytest.mark.parametrize(
    "changes",
    [
        {"space": None},
        {"space": "scanner-xyz"},
        {"space": "3D-right-handed"},
        {"dimension": "4", "sizes": "3 5 4 3"},
        {"space_directions": "none (1,0,0) (0,1,0)"},
        {"space_directions": None},
        {"space_directions": "(1,0,0) (0,1,0) (0,0,nan)"},
        {"space_directions": "(1,0,0) (0.3,1,0) (0,0,2)"},
        {"space_directions": "(1,0,0) (0,1,0) (0,0,0)"},
        {"space_origin": "(1,2)"},
        {"space_origin": "(1,2,1e300)"},
        {"space_units": '"um" "um" "um"'},
        {"sizes": "5 4 -3"},
        {"sizes": "50000 4 3"},
        {"sizes": "2048 2048 2048"},
        {"type": "block"},
        {"encoding": "bzip2"},
        {"encoding": "hex"},
        {"byte_skip": "-1"},
        {"line_skip": "2"},
        {"sizes": "5 4 2"},
    ],
)
def test_headers_that_cannot_be_followed(tmp_path, changes):
    assert code(nrrd(tmp_path, **changes)) == "E_HEADER"


@pytest.mark.parametrize("name", ["data_file", "datafile"])
def test_a_header_that_names_another_file_is_refused(tmp_path, name):
    path = nrrd(tmp_path, **{name: "/etc/hostname"}, body=b"")
    assert code(path) == "E_DETACHED"
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    assert code(path) == "E_DETACHED"


def test_a_header_without_end_is_refused(tmp_path):
    path = tmp_path / "image.nrrd"
    path.write_bytes(b"NRRD0004\n" + b"# nothing\n" * 20_000)
    with pytest.raises(Refusal, match="64 kB"):
        nrrd_header(path)


def test_missing_voxels_are_noticed(tmp_path):
    assert code(nrrd(tmp_path, body=VALUES.tobytes()[:-2])) == "E_TRUNCATED"
    packed = gzip.compress(VALUES.tobytes())
    assert code(nrrd(tmp_path, encoding="gzip", body=packed[:-9])) == "E_TRUNCATED"
    assert code(nrrd(tmp_path, encoding="gzip", body=gzip.compress(VALUES.tobytes() + b"\0"))) == "E_HEADER"
