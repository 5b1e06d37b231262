"""Rings have the voxels that their distances, the body, other lesions and the tissue leave them, and no other."""

import numpy as np
import pytest

from patients.vocabulary import Absence, Organ
from patients.words.regions import Region
from radiomics_tasks.imaging.ring import Tissue, ring_context, rings_around
from radiomics_tasks.imaging.volume import Grid, Mask, Volume, place_on
from tests.radiomics_tasks.extraction.lesions import ball

# 240 mm of air with a body of 200 mm in it.
GRID = Grid((30, 120, 120), (2.0, 2.0, 3.0), (-120.0, -120.0, 0.0))
LUNG_HU, SOFT_HU = -800.0, 40.0


def scan(body_hu=SOFT_HU, unit="HU") -> Volume:
    array = np.full(GRID.shape, -1000.0 if unit == "HU" else 0.0, dtype=np.float32)
    array[:, 10:110, 10:110] = SOFT_HU
    array[:, 20:100, 20:100] = body_hu
    return Volume(GRID, array, unit)


def voxels(ring) -> np.ndarray:
    return place_on(GRID, ring.mask).array


def apart_mm(lesion: Mask) -> np.ndarray:
    """Distance of every voxel from the nearest one of the lesion, the slow way."""
    places = np.argwhere(lesion.array) * np.array([3.0, 2.0, 2.0])
    every = np.indices(GRID.shape).reshape(3, -1).T * np.array([3.0, 2.0, 2.0])
    nearest = np.full(len(every), np.inf)
    for place in places:
        np.minimum(nearest, np.linalg.norm(every - place, axis=1), out=nearest)
    return nearest.reshape(GRID.shape)


def test_shells_are_open_below_and_closed_above_in_millimetres():
    lesion = ball(GRID, 6.0, (60, 60, 15))
    near, far = rings_around(scan(), lesion, ())
    distance = apart_mm(lesion)
    assert np.array_equal(voxels(near), (distance > 0) & (distance <= 5))
    assert np.array_equal(voxels(far), (distance > 5) & (distance <= 10))
    assert [ring.region for ring in (near, far)] == [Region.RING_0_5, Region.RING_5_10]
    assert (near.absence, near.clipped_ratio, near.is_body_known) == (None, 0.0, True)


def test_another_lesion_is_no_part_of_a_ring():
    lesion, other = ball(GRID, 6.0, (60, 60, 15)), ball(GRID, 6.0, (67, 60, 15))
    rings = rings_around(scan(), lesion, (other,))
    assert not any((voxels(ring) & other.array).any() for ring in rings)
    assert all(ring.clipped_ratio > 0.01 for ring in rings)


@pytest.mark.parametrize("unit", ["HU", "a.u."])
def test_a_ring_ends_where_the_body_ends(unit):
    lesion = ball(GRID, 8.0, (108, 60, 15))
    for ring in rings_around(scan(unit=unit), lesion, ()):
        assert ring.is_body_known
        assert not voxels(ring)[:, :, 112:].any()
        assert ring.clipped_ratio > 0.2


def test_around_a_lung_lesion_only_lung_and_around_others_no_lung():
    volume = scan(LUNG_HU)
    volume.array[:, :, 60:100] = SOFT_HU
    lesion = ball(GRID, 8.0, (60, 60, 15))
    lung = rings_around(volume, lesion, (), Organ.LUNG)
    soft = rings_around(volume, lesion, (), Organ.PLEURA)
    for one, other in zip(lung, soft, strict=True):
        assert set(volume.array[voxels(one)]) == {LUNG_HU}
        assert set(volume.array[voxels(other)]) == {SOFT_HU}


@pytest.mark.parametrize(
    ("hu", "tissue"),
    [
        (-900.1, None),
        (-900.0, Tissue.LUNG),
        (-200.0, Tissue.LUNG),
        (-199.9, Tissue.SOFT),
        (300.0, Tissue.SOFT),
        (300.1, None),
    ],
)
def test_every_voxel_is_of_one_tissue_or_none(hu, tissue):
    values = np.array([hu], dtype=np.float32)
    assert [kind for kind in Tissue if kind.holds(values)[0]] == ([tissue] if tissue else [])


@pytest.mark.parametrize(("kept", "absence"), [(200, None), (199, Absence.SMALL_RING)])
def test_fewer_than_200_voxels_are_no_ring(kept, absence):
    volume, lesion = scan(), ball(GRID, 6.0, (60, 60, 15))
    shell = np.argwhere(voxels(rings_around(volume, lesion, ())[0]))
    for place in shell[kept:]:
        volume.array[tuple(place)] = 900.0
    near, far = rings_around(volume, lesion, ())
    assert (near.voxels, near.absence, near.mask is None) == (kept, absence, absence is not None)
    assert far.absence is None


def test_a_narrow_field_of_view_has_no_outline_of_the_body():
    small = Grid((30, 60, 60), GRID.spacing_mm, GRID.origin_mm)
    volume = Volume(small, np.full(small.shape, SOFT_HU, dtype=np.float32), "HU")
    near, _ = rings_around(volume, ball(small, 6.0, (30, 30, 15)), ())
    assert (near.is_body_known, near.clipped_ratio) == (False, 0.0)


def test_what_decides_a_ring_is_in_its_context():
    assert ring_context("LIVER", ["a", "b"]) == ring_context("BONE", ["b", "a"])
    others = {ring_context("LUNG", ["a", "b"]), ring_context("LIVER", ["a"]), ring_context("LIVER", ["a", "b"])}
    assert len(others) == 3
