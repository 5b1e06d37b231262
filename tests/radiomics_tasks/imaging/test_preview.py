"""A lesion's slices are the scan's own voxels, and say how to show them."""

import hashlib
import json

import numpy as np
import pytest
from PIL import Image

from radiomics_tasks.imaging.drawing.stamp import stamp
from radiomics_tasks.imaging.preview import percentiles, sixteen_bits, write_slices, write_thumbnail
from radiomics_tasks.imaging.rtstruct import fill
from radiomics_tasks.imaging.volume import Grid, Mask, Volume
from tests.radiomics_tasks.imaging.scans import block

SHAPE = (12, 200, 220)
GRID = Grid(SHAPE, (0.8, 0.8, 2.5), (-88.0, -80.0, -300.0))
VALUES = np.random.default_rng(5).integers(-1000, 1000, SHAPE).astype(np.float32)
MARKED = block(k=slice(4, 7), j=slice(90, 110), i=slice(60, 75), shape=SHAPE)
MARKED[5, 110:114, 60:70] = True
CT = Volume(GRID, VALUES, "HU")


def manifest_of(out, written):
    content = (out / written["manifest"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == written["manifest"]
    return json.loads(content)


def pixels_of(out, manifest, index):
    return np.asarray(Image.open(out / manifest["slices"][index]["png"])).astype(np.float64)


def test_slices_are_the_lesions_and_three_on_each_side(tmp_path):
    written = write_slices(CT, Mask(GRID, MARKED), tmp_path)
    assert (written["first"], written["count"], written["largest"]) == (1, 9, 5)
    manifest = manifest_of(tmp_path, written)
    assert [each["k"] for each in manifest["slices"]] == list(range(1, 10))
    assert [each["z_mm"] for each in manifest["slices"]] == [-300.0 + 2.5 * k for k in range(1, 10)]


def test_pixels_are_the_scans_own(tmp_path):
    manifest = manifest_of(tmp_path, write_slices(CT, Mask(GRID, MARKED), tmp_path))
    i, j = manifest["origin_px"]
    width, height = manifest["size_px"]
    for index, each in enumerate(manifest["slices"]):
        values = manifest["offset"] + manifest["slope"] * pixels_of(tmp_path, manifest, index)
        assert np.array_equal(values, VALUES[each["k"], j : j + height, i : i + width])


def test_the_crop_shows_the_surroundings(tmp_path):
    manifest = manifest_of(tmp_path, write_slices(CT, Mask(GRID, MARKED), tmp_path))
    width, height = manifest["size_px"]
    assert min(width, height) * 0.8 >= 96
    assert manifest["origin_px"][0] + width // 2 == pytest.approx(67, abs=1)


def test_a_lesion_at_the_edge_keeps_the_crop_inside(tmp_path):
    corner = block(k=slice(0, 2), j=slice(0, 5), i=slice(215, 220), shape=SHAPE)
    written = write_slices(CT, Mask(GRID, corner), tmp_path)
    manifest = manifest_of(tmp_path, written)
    assert (written["first"], written["count"]) == (0, 5)
    assert manifest["origin_px"] == [220 - 120, 0]
    assert manifest["size_px"] == [120, 120]


def test_a_large_lesion_has_a_margin(tmp_path):
    large = block(k=slice(4, 6), j=slice(10, 190), i=slice(60, 70), shape=SHAPE)
    manifest = manifest_of(tmp_path, write_slices(CT, Mask(GRID, large), tmp_path))
    assert manifest["size_px"] == [120, 200]


def test_contours_enclose_the_mask(tmp_path):
    cropped = Mask(GRID, MARKED).cropped()
    manifest = manifest_of(tmp_path, write_slices(CT, cropped, tmp_path))
    (i, j), (width, height) = manifest["origin_px"], manifest["size_px"]
    for each in manifest["slices"]:
        lines = [np.array(line[:-1]) for line in each["contours"]]
        inside = fill(lines, (height, width)) if lines else np.zeros((height, width), dtype=bool)
        assert np.array_equal(inside, MARKED[each["k"], j : j + height, i : i + width])


def test_the_same_lesion_gives_the_same_files(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one = write_slices(CT, Mask(GRID, MARKED), tmp_path / "a")
    assert one == write_slices(CT, Mask(GRID, MARKED).cropped(), tmp_path / "b")
    names = [sorted(path.name for path in (tmp_path / each).iterdir()) for each in "ab"]
    assert names[0] == names[1]


def test_synthetic_is_burned_away_from_the_lesion(tmp_path):
    manifest = manifest_of(tmp_path, write_slices(CT, Mask(GRID, MARKED), tmp_path, is_synthetic=True))
    (i, j), (width, height) = manifest["origin_px"], manifest["size_px"]
    for index, each in enumerate(manifest["slices"]):
        values = manifest["offset"] + manifest["slope"] * pixels_of(tmp_path, manifest, index)
        truth = VALUES[each["k"], j : j + height, i : i + width]
        assert np.array_equal(values[7:], truth[7:])
        assert np.array_equal(values[:, 37:], truth[:, 37:])
        assert set(np.unique(values[:7, :37])) == {VALUES[1:10, j : j + height, i : i + width].min(), values.max()}


@pytest.mark.parametrize("k", range(7))
def test_synthetic_is_burned_once_into_every_slice(tmp_path, k):
    manifest = manifest_of(tmp_path, write_slices(CT, Mask(GRID, MARKED), tmp_path, is_synthetic=True))
    bright = pixels_of(tmp_path, manifest, k) == max(pixels_of(tmp_path, manifest, each).max() for each in range(7))
    word = stamp((512, 512))
    found = [
        (top, left)
        for top, left in np.ndindex(*(many - few + 1 for many, few in zip(bright.shape, word.shape, strict=True)))
        if np.array_equal(bright[top : top + word.shape[0], left : left + word.shape[1]], word)
    ]
    assert found == [(0, 0)]


def test_synthetic_moves_to_a_free_corner(tmp_path):
    corner = block(k=slice(4, 6), j=slice(0, 9), i=slice(0, 9), shape=SHAPE)
    manifest = manifest_of(tmp_path, write_slices(CT, Mask(GRID, corner), tmp_path, is_synthetic=True))
    values = manifest["offset"] + manifest["slope"] * pixels_of(tmp_path, manifest, 3)
    assert np.array_equal(values[:7, :37], VALUES[4, :7, :37])
    assert len(np.unique(values[:7, -37:])) == 2


@pytest.mark.parametrize(
    "values",
    [
        np.array([-1024.0, 3071.0, 0.0]),
        np.array([0.0, 65535.0]),
        np.array([5.0, 5.0]),
        np.array([0.00031, 7.25, 3.3]),
        np.array([0.0, 1e7]),
        np.array([2.5, 2.5]),
    ],
)
def test_sixteen_bits_keep_values_to_a_65535th_of_their_span(values):
    values = values.astype(np.float32)
    stored, offset, slope = sixteen_bits(values)
    span = float(np.ptp(values))
    assert np.allclose(offset + slope * stored.astype(float), values, rtol=0, atol=span / 65_535 / 1.9)
    if np.all(values == np.round(values)) and span <= 65_535:
        assert np.array_equal(offset + slope * stored.astype(float), values)


@pytest.mark.parametrize(("unit", "modality"), [("HU", "CT"), ("SUVbw", "PT"), ("a.u.", "MR")])
def test_the_manifest_says_how_to_show_it(tmp_path, unit, modality):
    volume = Volume(GRID, VALUES, unit)
    manifest = manifest_of(tmp_path, write_slices(volume, Mask(GRID, MARKED), tmp_path))
    assert (manifest["modality"], manifest["unit"]) == (modality, unit)
    assert (manifest["p1"], manifest["p99"]) == percentiles(volume)
    assert manifest["p1"] == pytest.approx(-980, abs=5)


def test_thumbnail_shows_the_largest_outline(tmp_path):
    volume = Volume(GRID, np.zeros(SHAPE, dtype=np.float32), "HU")
    digest = write_thumbnail(volume, [Mask(GRID, MARKED).cropped()], tmp_path)
    content = (tmp_path / digest).read_bytes()
    picture = np.asarray(Image.open(tmp_path / digest))
    coloured = np.argwhere(picture[:, :, 0] != picture[:, :, 2])
    assert hashlib.sha256(content).hexdigest() == digest
    assert picture.shape == (200, 220, 3)
    assert coloured.min(axis=0).tolist() == [90, 60]
    assert coloured.max(axis=0).tolist() == [113, 74]


@pytest.mark.parametrize("unit", ["HU", "SUVbw", "a.u."])
def test_thumbnail_without_outlines_is_the_middle_slice(tmp_path, unit):
    grid = Grid((5, 600, 300), (1.0, 1.0, 3.0), (0.0, 0.0, 0.0))
    values = np.zeros(grid.shape, dtype=np.float32)
    values[2] = 1000
    picture = Image.open(tmp_path / write_thumbnail(Volume(grid, values, unit), [], tmp_path))
    assert picture.size == (100, 200)
    assert np.asarray(picture).min() == 255
