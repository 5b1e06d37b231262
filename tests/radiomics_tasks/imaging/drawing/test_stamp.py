"""The word fits into the picture, or a shorter form of it does."""

import pytest

from radiomics_tasks.imaging.drawing.stamp import stamp


@pytest.mark.parametrize(
    ("size_px", "shape"), [((128, 128), (7, 37)), ((36, 30), (13, 21)), ((20, 30), (7, 13)), ((12, 12), (0, 0))]
)
def test_the_largest_form_that_fits(size_px, shape):
    drawn = stamp(size_px)
    assert drawn.shape == shape
    assert drawn.any() == bool(drawn.size)
