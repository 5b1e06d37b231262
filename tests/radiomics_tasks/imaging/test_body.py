"""Two scans of one patient are laid over each other, however the table stood."""

import json

import numpy as np
import pytest

from radiomics_tasks.imaging.body import body_profile, offset_between_mm
from radiomics_tasks.imaging.segmentation import read_seg
from radiomics_tasks.imaging.volume import Grid, Volume
from tests.radiomics_tasks.imaging.scans import DEMO_DATES, files, mask_of, place, seen_by_outlines

SHAPE = (60, 64, 80)
GRID = Grid(SHAPE, (5.0, 5.0, 4.0), (-200.0, -160.0, -500.0))


def torso() -> np.ndarray:
    """A cone-like body with two lungs and a spine, above a couch; each height has a cross-section of its own."""
    k, j, i = np.indices(SHAPE)
    y, x = (j - 30) * 5.0, (i - 40) * 5.0
    wide = 150 + 20 * np.sin(k / 9)
    values = np.full(SHAPE, -1000.0)
    values[(x / wide) ** 2 + (y / 100) ** 2 < 1] = 50
    lungs = (k > 30) & (((np.abs(x) - 60) / 45) ** 2 + (y / 60) ** 2 + ((k - 50) / 18.0) ** 2 < 1)
    values[lungs] = -850
    values[(x / 15) ** 2 + ((y - 60) / 15) ** 2 < 1] = 400
    values[:, 56, 5:75] = 0
    return values.astype(np.float32)


TORSO = torso()


def part(first, last, move_mm=(0.0, 0.0, 0.0), noise=0.0):
    """Some slices of the torso as another scanner's table would place them."""
    origin = np.add(GRID.to_patient_mm((0, 0, first)), move_mm)
    values = TORSO[first:last] + np.random.default_rng(1).normal(0, 1, TORSO[first:last].shape) * noise
    grid = Grid(values.shape, GRID.spacing_mm, place(origin))
    return Volume(grid, values.astype(np.float32), "HU")


def test_the_profile_is_plain_data_every_5_mm_without_the_couch():
    profile = body_profile(part(0, 60))
    assert json.loads(json.dumps(profile, allow_nan=False)) == profile
    assert np.diff(profile["z_mm"]) == pytest.approx(5.0, abs=4.0)
    assert len(profile["z_mm"]) == pytest.approx(59 * 4 / 5, abs=2)
    assert profile["area_mm2"][0] == pytest.approx(np.pi * 150 * 100, rel=0.06)
    assert profile["y_mm"][0] == pytest.approx(-160 + 30 * 5, abs=3)
    assert profile["air_mm2"][0] == 0 < max(profile["air_mm2"])


@pytest.mark.parametrize(("first", "last"), [(0, 60), (20, 60), (0, 45), (15, 50)])
def test_a_shifted_part_is_found(first, last):
    move = (14.0, -33.0, 412.0)
    whole, other = body_profile(part(0, 60)), body_profile(part(first, last, move, noise=25.0))
    assert offset_between_mm(whole, other) == pytest.approx(move, abs=4.0)
    assert offset_between_mm(other, whole) == pytest.approx(np.negative(move), abs=4.0)


def test_a_scan_over_itself_does_not_move():
    profile = body_profile(part(0, 60))
    assert offset_between_mm(profile, profile) == pytest.approx((0, 0, 0), abs=1e-6)


def test_a_patient_who_gained_weight_is_still_found():
    values = TORSO.copy()
    values[:, 11:50][(TORSO[:, 10:49] > -300) & (values[:, 11:50] < -900)] = -90
    heavier = Volume(Grid(SHAPE, GRID.spacing_mm, (-180.0, -150.0, 70.0)), values, "HU")
    offset = offset_between_mm(body_profile(part(0, 60)), body_profile(heavier))
    assert offset == pytest.approx((20.0, 10.0, 570.0), abs=10.0)


@pytest.mark.parametrize("unit", ["a.u.", "SUVbw"])
def test_mr_and_pet_have_a_body_too(unit):
    values = np.where(TORSO > -300, 300.0 if unit == "a.u." else 2.0, 0.0).astype(np.float32)
    one = body_profile(Volume(GRID, values, unit))
    other = body_profile(Volume(Grid((40, *SHAPE[1:]), GRID.spacing_mm, (-190.0, -160.0, 80.0)), values[20:], unit))
    assert max(one["air_mm2"]) == 0
    assert offset_between_mm(one, other) == pytest.approx((10.0, 0.0, 500.0), abs=6.0)


def test_no_body_is_no_shift():
    air = body_profile(Volume(GRID, np.full(SHAPE, -1000, dtype=np.float32), "HU"))
    assert air["z_mm"] == []
    assert offset_between_mm(air, body_profile(part(0, 60))) == (0.0, 0.0, 0.0)


def test_tiny_scans_have_a_profile():
    grid = Grid((4, 3, 3), (0.5, 0.5, 1.0), (0.0, 0.0, 0.0))
    profile = body_profile(Volume(grid, np.ones(grid.shape, dtype=np.float32), "HU"))
    assert offset_between_mm(profile, profile) == pytest.approx((0, 0, 0), abs=1.0)


def test_demo_lesions_meet_within_a_centimetre(data_dir):
    seen: list[tuple[dict[str, list[float]], np.ndarray]] = []
    for day in DEMO_DATES:
        folder = data_dir / "demo_longitudinal_simulated" / "DEMO-LIVER-01" / day
        volume, scan = seen_by_outlines(files(folder / "CT"))
        centres = [
            mask_of(o).grid.to_patient_mm(np.argwhere(mask_of(o).array).mean(0)[::-1])
            for o in read_seg(folder / "SEG.dcm", scan)
        ]
        seen.append((body_profile(volume), np.array(centres)))
    for one, earlier in seen:
        for other, later in seen:
            apart = np.linalg.norm(earlier[:, None] + offset_between_mm(one, other) - later[None], axis=2)
            assert np.diag(apart).max() < 10.0
            assert min(apart[0, 1], apart[1, 0]) > 60.0
