"""The picture: CT numbers where organs lie, noise that is not white, the word SYNTHETIC, the same voxels every time."""

from dataclasses import replace

import numpy as np
import pytest

from patients.vocabulary import Modality
from radiomics_tasks.imaging.phantom.anatomy.torso import Build
from radiomics_tasks.imaging.phantom.picture.canvas import Pose
from radiomics_tasks.imaging.phantom.picture.tissue import Interior, Look, Phase
from radiomics_tasks.imaging.phantom.scan import Grid, MadeScan, PlannedLesion, Recipe, drawn_masks, made_scan

METASTASIS = PlannedLesion(
    name="liver 1",
    look=Look.LIVER_METASTASIS,
    centre_mm=(-80.0, 5.0, -50.0),
    proportions=(1.0, 0.86, 0.82),
    size_mm=36.0,
    is_node=False,
    interior=Interior(necrotic_ratio=0.3),
    seed=8,
)


def recipe(lowest_mm: float = -62.0, modality: Modality = Modality.CT, slices: int = 10) -> Recipe:
    """Ten slices through the upper abdomen in coarse pixels, or the middle of a head."""
    pixel_mm = 1.5 if modality == Modality.CT else 1.8
    half_mm = 127.5 * pixel_mm
    grid = Grid((pixel_mm, pixel_mm, 2.5), (slices, 256, 256), (-half_mm, -half_mm, lowest_mm))
    lesions = (METASTASIS,) if modality == Modality.CT else ()
    return Recipe(modality, grid, Build(seed=3), Pose(), lesions, "test")


@pytest.fixture(scope="module")
def abdomen() -> MadeScan:
    return made_scan(recipe())


def patch(scan: MadeScan, place: Recipe, x_mm: float, y_mm: float, slice_index: int = 5) -> np.ndarray:
    column, row = (
        round((mm - origin) / place.grid.spacing_mm[0])
        for mm, origin in zip((x_mm, y_mm), place.grid.origin_mm[:2], strict=True)
    )
    return scan.array_zyx[slice_index, row - 3 : row + 4, column - 3 : column + 4]


@pytest.mark.parametrize(
    ("x_mm", "y_mm", "hu"),
    [(-95, -40, 110), (0, 62, 180), (25, 55, 160), (0, -170, -1000), (106, 19, 122)],
    ids=["liver", "vertebra", "aorta", "air", "spleen"],
)
def test_ct_numbers_of_the_portal_phase(abdomen: MadeScan, x_mm: float, y_mm: float, hu: float) -> None:
    assert patch(abdomen, recipe(), x_mm, y_mm, slice_index=7).mean() == pytest.approx(hu, abs=12)


@pytest.mark.parametrize(
    ("x_mm", "y_mm", "hu"), [(-95, -40, 85), (25, 55, 300), (106, 19, 142)], ids=["liver", "aorta", "spleen"]
)
def test_ct_numbers_of_the_arterial_phase(x_mm: float, y_mm: float, hu: float) -> None:
    place = replace(recipe(), phase=Phase.ARTERIAL)
    # The patch is as wide as the aorta: its border is not asked.
    assert np.median(patch(made_scan(place), place, x_mm, y_mm, slice_index=7)) == pytest.approx(hu, abs=12)


def test_a_sharp_kernel_is_noisier_and_keeps_the_mean(abdomen: MadeScan) -> None:
    place = replace(recipe(), is_sharp=True)
    sharp = made_scan(place)
    inside = np.s_[3:7, 95:110, 65:75]
    assert 1.8 < sharp.array_zyx[inside].std() / abdomen.array_zyx[inside].std() < 4.5
    assert sharp.array_zyx[inside].mean() == pytest.approx(abdomen.array_zyx[inside].mean(), abs=4)


def test_ascites_lies_between_wall_and_liver(abdomen: MadeScan) -> None:
    place = replace(recipe(), build=Build(seed=3, ascites_mm=12), lesions=())
    wet = made_scan(place)
    beside = patch(wet, place, -126, 0), patch(abdomen, recipe(), -126, 0)
    assert beside[0].mean() == pytest.approx(11, abs=12)
    assert beside[1].mean() > 60
    # What lies behind the peritoneum stays where it is.
    assert patch(wet, place, 0, 62).mean() == pytest.approx(patch(abdomen, recipe(), 0, 62).mean(), abs=12)


def test_lung_and_aortic_arch_of_the_chest() -> None:
    place = replace(recipe(lowest_mm=110, slices=6), lesions=())
    scan = made_scan(place)
    assert np.median(patch(scan, place, -60, -30)) == pytest.approx(-850, abs=20)
    assert patch(scan, place, 14, -9).mean() == pytest.approx(160, abs=12)


def test_noise_has_its_spread_and_its_grain(abdomen: MadeScan) -> None:
    other = made_scan(replace(recipe(), words="another day"))
    inside = np.s_[3:7, 90:150, 60:100]
    apart = abdomen.array_zyx[inside].astype(float) - other.array_zyx[inside]
    liver = apart[np.abs(apart) < 80]
    # Two noises of 12 HU and two grains of 6 HU, all independent.
    assert liver.std() == pytest.approx(np.sqrt(2 * (12**2 + 6**2)), rel=0.2)
    beside = np.corrcoef(apart[:, :, :-1].ravel(), apart[:, :, 1:].ravel())[0, 1]
    assert beside > 0.15


def test_every_slice_says_synthetic_outside_the_body(abdomen: MadeScan) -> None:
    corner = abdomen.array_zyx[:, 6:18, 6:66]
    assert (corner == 1000).sum(axis=(1, 2)).min() > 100
    assert np.array_equal(corner == 1000, np.broadcast_to(corner[0] == 1000, corner.shape))
    assert not abdomen.masks["liver 1"][:, 6:18, 6:66].any()


def test_the_lesion_is_where_the_mask_says(abdomen: MadeScan) -> None:
    mask = abdomen.masks["liver 1"]
    inside = abdomen.array_zyx[mask].mean()
    assert 40 < inside < 85
    assert inside < patch(abdomen, recipe(), -95, -40).mean() - 20


def test_the_core_is_darker_than_the_rim() -> None:
    scan = made_scan(recipe())
    middle = patch(scan, recipe(), -80, 5)
    assert middle.mean() < scan.array_zyx[scan.masks["liver 1"]].mean() - 8


def test_the_same_recipe_gives_the_same_scan(abdomen: MadeScan) -> None:
    again = made_scan(recipe())
    assert np.array_equal(again.array_zyx, abdomen.array_zyx)
    assert np.array_equal(again.masks["liver 1"], abdomen.masks["liver 1"])


def test_masks_need_no_picture(abdomen: MadeScan) -> None:
    assert np.array_equal(drawn_masks(recipe())["liver 1"], abdomen.masks["liver 1"])


def test_breath_moves_body_and_mask_together() -> None:
    moved = replace(recipe(), pose=Pose((6.0, -3.0, 2.5)))
    still, shifted = (drawn_masks(each)["liver 1"] for each in (recipe(), moved))
    step = np.mean(np.argwhere(shifted), axis=0) - np.mean(np.argwhere(still), axis=0)
    assert step == pytest.approx([1, -2, 4], abs=0.5)


def test_a_head_has_bright_fat_dark_bone_and_grey_air() -> None:
    place = recipe(lowest_mm=0, modality=Modality.MR, slices=4)
    scan = made_scan(place).array_zyx
    row = scan[2, 128]
    assert row.max() > 700
    assert np.median(row[100:156]) == pytest.approx(585, rel=0.25)
    assert 5 < np.median(scan[2, 230:, 230:]) < 60
