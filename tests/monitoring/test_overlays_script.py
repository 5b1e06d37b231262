"""The page's own geometry of lines: the same lengths as the server's, pixels to the screen and back."""

from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.browser
# Pixels twice as high as wide, drawn 30 px off, of a picture that begins at column 100 and row 120.
PLACE = {"x": 4, "y": 8, "left": 30, "top": 0, "origin": [100, 120]}


@pytest.fixture(scope="module")
def page(browser):
    page = browser.new_page()
    page.add_script_tag(path=Path(settings.BASE_DIR) / "static" / "js" / "overlays.js")
    return page


@pytest.mark.parametrize("ends, spacing, length_mm", [
    ([[10, 10], [20, 10]], [0.5, 1.25], 5.0),
    ([[10, 10], [10, 20]], [0.5, 1.25], 12.5),
    ([[10, 10], [16, 13.2]], [0.5, 1.25], 5.0),
])  # fmt: skip
def test_lengths_are_those_of_the_server(page, ends, spacing, length_mm):
    said = page.evaluate("([a, b, mm]) => window.deltarad.overlays.lengthMm(a, b, mm)", [*ends, spacing])
    assert said == pytest.approx(length_mm, abs=1e-12)


def test_a_pixels_centre_is_its_middle_on_the_screen_and_comes_back(page):
    act = "([pixel, place]) => window.deltarad.overlays.toCanvas(pixel, place)"
    assert page.evaluate(act, [[100, 120], PLACE]) == [32, 4]
    assert page.evaluate(act, [[103.5, 121], PLACE]) == [46, 12]
    back = "([at, place]) => window.deltarad.overlays.toPixel(at, place)"
    assert page.evaluate(back, [[46, 12], PLACE]) == [103.5, 121]
