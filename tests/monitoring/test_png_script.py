"""The page's own PNG reader in a real browser: sixteen bits come out as they went in, whatever the filter."""

import base64
from pathlib import Path

import pytest
from django.conf import settings

from tests.pictures import grey_png

pytestmark = pytest.mark.browser

ROWS = [[(977 * i + 131 * j) % 65_536 for i in range(9)] for j in range(7)]
READ = """async (text) => {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const grey = await window.deltarad.greyOf(bytes.buffer);
  return [grey.width, grey.height, Array.from(grey.values)];
}"""


@pytest.fixture(scope="module")
def page(browser):
    page = browser.new_page()
    page.add_script_tag(path=Path(settings.BASE_DIR) / "static" / "js" / "png16.js")
    return page


@pytest.mark.parametrize("filter_type", range(5))
def test_every_filter_is_undone(page, filter_type):
    sent = base64.b64encode(grey_png(ROWS, filter_type)).decode()
    assert page.evaluate(READ, sent) == [9, 7, [value for row in ROWS for value in row]]


@pytest.mark.parametrize("content", [b"not a picture", grey_png(ROWS).replace(b"\x10\x00", b"\x08\x00", 1)])
def test_anything_else_is_refused(page, content):
    sent = base64.b64encode(content).decode()
    said = page.evaluate(f"(text) => ({READ})(text).catch((problem) => problem.message)", sent)
    assert said in ("not a PNG", "not a plain 16-bit grey PNG")
