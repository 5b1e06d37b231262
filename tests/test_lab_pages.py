"""In a browser: a result is entered with unit and limit, stands on its lane at once, and slips are refused in words."""

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from patients.models import LabResult, Patient
from patients.vocabulary import Role
from tests.factories import BASELINE_ON, followed_patient, login

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LDH = {"Analyte": "LDH", "Taken on": BASELINE_ON.isoformat(), "Value": "475", "Unit": "U/L", "Normal to": "250"}
BAND = """(figure) => figure._fullLayout.shapes.filter((shape) => shape.type === "rect" && shape.y1 === 1)
  .map((shape) => [shape.y0, figure._fullLayout[shape.yref.replace("y", "yaxis")].title.text])"""


@pytest.fixture
def patient(team, served) -> Patient:
    return followed_patient(team, storage=served)


@pytest.fixture
def page(desk, team) -> Page:
    desk.sit_down(login(team, Role.COORDINATOR))
    return desk.page


def enter(page: Page, said: dict[str, str]) -> Locator:
    """Fill in the form for one result and send it off."""
    form = page.locator("#labs form").first
    if not form.is_visible():
        page.get_by_text("Add a result").click()
    for label, text in said.items():
        form.get_by_label(label, exact=True).fill(text)
    form.get_by_role("button", name="Keep this result").click()
    return page.locator("#labs")


def test_a_result_stands_on_its_lane_beside_the_normal_band(desk, page, patient):
    page.goto(reverse("patient", args=[patient.code]) + "?axis=days")
    expect(enter(page, LDH)).to_contain_text("475 U/L")
    figure = page.locator("#course .figure")
    expect(figure).to_contain_text("LDH, × upper limit")
    assert figure.evaluate(BAND) == [[0, "× ULN"]]
    expect(page.locator("#course .segmented a[aria-current]").first).to_contain_text("Days of therapy")
    page.get_by_text("The chart as a table").click()
    expect(page.locator("#course table").last).to_contain_text("1.90")
    desk.look()


@pytest.mark.parametrize(
    "unit, sentence",
    [("", "The unit is missing. Write one of: U/L, IU/L"), ("mg/dL", "mg/dL is not known as a unit of LDH.")],
)
def test_a_result_without_its_unit_is_refused_beside_the_field(desk, page, patient, unit, sentence):
    page.goto(reverse("patient", args=[patient.code]))
    labs = enter(page, LDH | {"Unit": unit})
    expect(labs.locator(".field", has=page.get_by_label("Unit", exact=True)).first).to_contain_text(sentence)
    expect(labs.get_by_label("Value", exact=True)).to_have_value("475")
    desk.look()
    assert not LabResult.objects.exists()
    assert desk.complaints.pop().startswith("422 ") and desk.complaints == []
    expect(enter(page, {"Unit": "U/L"})).to_contain_text("475 U/L")


def test_all_entries_by_analyte_are_accessible(desk, page, patient):
    page.goto(reverse("labs", args=[patient.code]))
    for value in ("260", "475"):
        enter(page, LDH | {"Value": value, "Taken on": "2024-01-31" if value == "260" else "2024-02-21"})
        expect(page.locator("#labs")).to_contain_text(f"{value} U/L")
    page.get_by_role("link", name="Correct LDH of 31 Jan 2024").click()
    page.get_by_label("Value", exact=True).fill("280")
    page.get_by_label("Why it is corrected").fill("typing slip")
    page.get_by_role("button", name="Keep the correction").click()
    page.get_by_text("LDH (U/L), all 3").click()
    history = page.locator("details.history")
    expect(history).to_contain_text("corrected: typing slip")
    expect(history.locator("tbody tr th").first).to_have_text("21 Feb 2024")
    desk.look()
