"""A diameter drawn on the slice, by mouse and by keyboard: accepted, signed, and seen again beside the mask's."""

import re

import pytest
from playwright.sync_api import Page, expect

from patients.models import LesionReading, Measurement, Patient, Segmentation, Timepoint
from patients.vocabulary import Role
from tests.assessing import address, visits
from tests.browser import Desk
from tests.factories import followed_patient, login, stored_pictures

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Columns and rows of the whole image; the pictures begin at (100, 120) and hold 96 x 96 pixels of 0.75 mm.
MASK_MM = [[0.0, 24.0, -37.5], [27.0, 24.0, -37.5]]
READER_BLUE = (86, 180, 233)
# A mouse stands on whole pixels of the screen.
ABOUT_36 = re.compile(r"3(5\.[789]|6\.[0123]) mm")
COUNT = """([canvas, colour]) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let found = 0;
  for (let at = 0; at < data.length; at += 4) found += colour.every((value, n) => Math.abs(data[at + n] - value) < 6);
  return found;
}"""


@pytest.fixture
def patient(team, served) -> Patient:
    patient = followed_patient(team, lesions=2, dates=2, storage=served)
    pictures = stored_pictures(served, width=96, height=96)
    Segmentation.objects.filter(scan__patient=patient).update(slices=pictures)
    Measurement.objects.update(longest_at={"slice": 1, "points_mm": MASK_MM})
    return patient


@pytest.fixture
def visit(patient) -> Timepoint:
    return visits(patient)[1]


@pytest.fixture
def page(desk: Desk, team) -> Page:
    desk.sit_down(login(team, Role.READER, username="anna"))
    return desk.page


def row_of(page: Page, lesion: str):
    return page.locator("tr.lesion", has=page.get_by_role("rowheader", name=lesion))


def judge_and_sign(page: Page) -> None:
    page.get_by_label("Still there, not unequivocally worse").check()
    page.get_by_label("No new lesion").check()
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("is signed")


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """From one place of the picture to another, both as parts of its width and height."""
    box = page.locator(".slice.measured canvas").bounding_box()
    (x, y), (to_x, to_y) = [(box["x"] + box["width"] * a, box["y"] + box["height"] * b) for a, b in (start, end)]
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move((x + to_x) / 2, (y + to_y) / 2)
    page.mouse.move(to_x, to_y)
    page.mouse.up()


def test_a_diameter_is_drawn_with_the_mouse_signed_and_seen_again(desk: Desk, page: Page, patient, visit):
    page.goto(address(visit))
    row = row_of(page, "liver 1")
    row.get_by_role("link").click()
    page.get_by_role("button", name="Caliper").click()
    expect(page.get_by_role("button", name="Accept")).to_be_disabled()
    expect(page.locator(".caliper-bar")).to_contain_text("longest diameter")
    drag(page, (0.25, 0.5), (0.75, 0.5))
    expect(page.locator("[data-caliper-mm]")).to_have_text(ABOUT_36)
    desk.look()
    page.get_by_role("button", name="Accept").click()
    expect(row.get_by_label("Reason for another diameter")).to_be_focused()
    expect(row.get_by_label("Diameter (mm)")).to_have_value(re.compile(r"3[56]\.\d\d"))
    expect(row.get_by_label("By")).to_have_value("DRAWN")
    canvas = page.locator("#drawer .slice[aria-current=true] canvas").element_handle()
    page.wait_for_function(f"([canvas, colour]) => ({COUNT})([canvas, colour]) > 40", arg=[canvas, READER_BLUE])
    row.get_by_label("Reason for another diameter").fill("the outline leaks into the vessel")
    judge_and_sign(page)
    said = LesionReading.objects.get(drawn_on__isnull=False)
    assert (said.diameter_from, said.drawn_at["slice"]) == ("DRAWN", 1)
    assert said.diameter_mm == pytest.approx(36.0, abs=0.3)
    seen_again(desk, page)
    page.goto(f"/lesions/{said.lesion.code}/")
    expect(page.get_by_role("button", name=re.compile("anna 3[56]"))).to_be_visible()


def seen_again(desk: Desk, page: Page) -> None:
    """What was signed shows the slice with both lines and both lengths."""
    expect(page.get_by_role("row", name="liver 1")).to_contain_text("(outline: 27.0")
    page.get_by_role("link", name="on the slice of liver 1").click()
    drawer = page.get_by_role("complementary", name="Pictures")
    expect(drawer.get_by_role("button", name=re.compile("anna 3[56]"))).to_be_visible()
    expect(drawer.get_by_role("button", name="outline 27.0")).to_be_visible()
    expect(drawer.locator("[data-slice-words]")).to_contain_text("slice\u00a02\u00a0of\u00a03")
    canvas = drawer.locator("canvas").element_handle()
    assert page.evaluate(COUNT, [canvas, READER_BLUE]) > 100
    desk.look()


def test_a_diameter_is_drawn_with_the_keyboard_and_signed(desk: Desk, page: Page, visit):
    page.goto(address(visit))
    row = row_of(page, "liver 2")
    row.get_by_role("checkbox").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(":focus")).to_have_accessible_name("First end of the longest diameter, column 134.2, row 167.5")
    page.keyboard.press("Escape")
    expect(row.get_by_role("button", name="Draw on the slice")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(":focus")).to_have_class("caliper-end")
    expect(page.locator("[data-caliper-mm]")).to_have_text("20.0 mm")
    page.keyboard.press("Enter")  # nothing was moved: not accepted
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("Tab")
    page.keyboard.press("PageUp")
    expect(page.locator(".slice.measured [data-slice-words]")).to_contain_text("slice\u00a03\u00a0of\u00a03")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("[data-caliper-mm]")).to_have_text("23.1 mm")
    page.keyboard.press("Enter")
    expect(row.get_by_label("Reason for another diameter")).to_be_focused()
    page.keyboard.type("blurred edge")
    judge_and_sign(page)
    said = LesionReading.objects.get(drawn_on__isnull=False)
    assert (said.lesion.tracking_id, said.drawn_at["slice"], round(said.diameter_mm, 1)) == ("liver 2", 2, 23.1)


def test_a_number_typed_over_a_line_is_typed(page: Page, visit):
    page.goto(address(visit))
    row = row_of(page, "liver 1")
    row.get_by_role("checkbox").check()
    row.get_by_role("button", name="Draw on the slice").click()
    drag(page, (0.2, 0.2), (0.6, 0.5))
    page.keyboard.press("Enter")
    row.get_by_label("Diameter (mm)").fill("41.5")
    expect(row.get_by_label("By")).to_have_value("TYPED")
    row.get_by_label("Reason for another diameter").fill("measured at the workstation")
    judge_and_sign(page)
    said = LesionReading.objects.get(diameter_mm=41.5)
    assert (said.diameter_from, said.drawn_on, said.drawn_at) == ("TYPED", None, {})
