"""PNG files hold exactly the pixels that were given, in the same bytes every time."""

import io

import numpy as np
import pytest
from PIL import Image

from radiomics_tasks.imaging.drawing.png import png_bytes


@pytest.mark.parametrize(
    "pixels",
    [
        np.random.default_rng(0).integers(0, 65536, (7, 13)).astype(np.uint16),
        np.random.default_rng(0).integers(0, 256, (7, 13)).astype(np.uint8),
        np.random.default_rng(0).integers(0, 256, (5, 4, 3)).astype(np.uint8),
        np.arange(300, dtype=np.uint16).reshape(15, 20)[::-1, ::2],
    ],
)
def test_pixels_come_back(pixels):
    content = png_bytes(pixels)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(content))), pixels)
    assert content == png_bytes(pixels.copy())
