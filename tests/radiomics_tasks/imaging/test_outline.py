"""What is worth saying about an outline on its scan, and how a scan knows UIDs."""

import numpy as np
import pytest

from patients.vocabulary import OutlineFormat
from radiomics_tasks.imaging.outline import (
    Outlined,
    SeriesGeometry,
    jitter_mm,
    mask_notes,
    plausibility_note,
)
from radiomics_tasks.imaging.series.identity import keyed_uid
from radiomics_tasks.imaging.volume import Mask, Volume
from tests.radiomics_tasks.imaging.scans import SHAPE, block, mask_of, small_grid

GRID = small_grid()


@pytest.mark.parametrize(
    ("marked", "codes"),
    [
        (block(k=slice(2, 4), j=slice(4, 9), i=slice(4, 9)), []),
        (block(k=slice(2, 3), j=slice(4, 9), i=slice(4, 9)), ["W_ROI_2D"]),
        (block(k=slice(0, 2), j=slice(4, 9), i=slice(4, 9)), ["W_ROI_BORDER"]),
        (block(k=slice(2, 4), j=slice(4, 20), i=slice(4, 9)), ["W_ROI_BORDER"]),
        (block(k=slice(1, 5), j=slice(1, 19), i=slice(1, 23)), ["W_ROI_LARGE"]),
        (
            block(k=slice(1, 3), j=slice(2, 5), i=slice(2, 5)) | block(k=slice(3, 5), j=slice(9, 12), i=slice(9, 12)),
            ["W_ROI_PARTS"],
        ),
    ],
)
def test_notes(marked, codes):
    assert [note.code for note in mask_notes(Mask(GRID, marked).cropped(), GRID)] == codes


def test_with_mask_crops_and_an_empty_one_is_a_problem():
    outlined = Outlined("L1", OutlineFormat.SEG)
    marked = block(k=slice(2, 4), j=slice(4, 9), i=slice(5, 9))
    assert mask_of(outlined.with_mask(Mask(GRID, marked), GRID)).array.shape == (2, 5, 4)
    nothing = outlined.with_mask(Mask(GRID, np.zeros(SHAPE, dtype=bool)), GRID)
    assert nothing.mask is None
    assert [problem.code for problem in nothing.problems] == ["E_MASK_EMPTY"]


@pytest.mark.parametrize(("unit", "air", "expected"), [("HU", 0.5, True), ("HU", 0.25, False), ("a.u.", 0.5, False)])
def test_an_outline_in_air_is_remarked(unit, air, expected):
    marked = block(k=slice(2, 4), j=slice(0, 20), i=slice(4, 9))
    values = np.full(SHAPE, 40, dtype=np.float32)
    values[:, : int(20 * air)] = -950
    notes = plausibility_note(Volume(GRID, values, unit), Mask(GRID, marked).cropped())
    assert [note.code for note in notes] == ["W_ROI_PLAUSIBILITY"] * expected
    assert all("50%" in note.sentence for note in notes)


def test_uids_are_keyed_only_where_the_scan_has_a_key():
    assert SeriesGeometry(GRID).as_known("1.2.3") == "1.2.3"
    assert SeriesGeometry(GRID, key=b"k").as_known("1.2.3") == keyed_uid("1.2.3", b"k")
    assert SeriesGeometry(GRID, key=b"k").as_known("") == ""


def test_jitter_is_the_largest_distance_from_the_even_grid():
    places = [np.add(GRID.to_patient_mm((0, 0, k)), (0, 0, off)) for k, off in enumerate((0, 0.02, -0.03, 0.01, 0, 0))]
    assert jitter_mm(GRID, [place.tolist() for place in places]) == pytest.approx(0.03, abs=1e-9)
