"""Every page as the browser shows it: nothing grave for axe in light and dark, usable by keyboard, fit for paper."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from patients.models import Patient
from patients.vocabulary import Role
from radiomics_tasks.imaging.drawing.stamp import stamp
from tests.browser import Desk, click_point
from tests.factories import (
    FEATURES,
    CandidateFactory,
    LesionFactory,
    PatientFactory,
    SegmentationFactory,
    TeamFactory,
    followed_patient,
    login,
    stored_pictures,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WITHOUT_A_RING = """(found) => found.filter((one) => {
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
  return (outlineStyle === "none" || outlineWidth === "0px") && boxShadow === "none";
}).map((one) => one.outerHTML)"""


@pytest.fixture
def patient(team, served) -> Patient:
    return followed_patient(team, lesions=3, dates=4, storage=served)


@pytest.fixture
def opened(desk: Desk, team) -> Desk:
    """A desk where somebody with every clinical role is signed in."""
    desk.sit_down(login(team, Role.COORDINATOR, Role.READER, Role.ONCOLOGIST))
    return desk


def course_address(patient: Patient) -> str:
    return reverse("patient", args=[patient.code])


def test_lists_and_forms_are_accessible(opened: Desk, team, patient: Patient, served):
    waiting = SegmentationFactory.create(scan__timepoint__patient=patient, lesion=None, slices=stored_pictures(served))
    candidate = CandidateFactory.create(upload__team=team)
    course = patient.courses.get()
    for name, code in (("upload", candidate.upload.code), ("outline", waiting.code), ("course_edit", course.code)):
        opened.page.goto(reverse(name, args=[code]))
        opened.look()
    for name in ("cohort", "inbox"):
        opened.page.goto(reverse(name))
        opened.look()


def test_the_course_is_accessible_whatever_is_open(opened: Desk, patient: Patient):
    page = opened.page
    page.goto(f"{course_address(patient)}?feature={FEATURES[0]}&feature={FEATURES[1]}")
    page.get_by_text("The chart as a table").click()
    page.get_by_text("Add a line of therapy").click()
    page.keyboard.press("/")
    expect(page.locator("#feature-options")).to_be_visible()
    opened.look()
    page.keyboard.press("Escape")
    click_point(page, "Target sum", 2)
    expect(page.locator("#drawer [data-slice-words]").first).to_contain_text("slice")
    opened.look()


def test_the_lesion_is_accessible(opened: Desk, patient: Patient):
    page = opened.page
    page.goto(reverse("lesion", args=[patient.lesions.order_by("pk")[0].code]))
    expect(page.locator("[data-slice-words]").first).to_contain_text("slice")
    expect(page.locator(".figure .main-svg").first).to_be_visible()
    page.locator("details summary").first.click()
    opened.look()


def test_what_is_not_there_and_what_is_not_allowed_say_so(opened: Desk, team, patient: Patient):
    opened.open_refused("/nothing/here", 404)
    opened.look()
    stranger = PatientFactory.create(team=TeamFactory.create())
    opened.open_refused(course_address(stranger), 404)
    expect(opened.page.locator("body")).not_to_contain_text(stranger.pseudonym)
    opened.sit_down(login(team, Role.BOARD))
    opened.open_refused(reverse("inbox"), 403)
    expect(opened.page.get_by_role("heading", name="Your role does not allow this")).to_be_visible()
    opened.look()


def test_empty_pages_are_accessible(opened: Desk, team):
    for address in (reverse("cohort"), reverse("inbox"), course_address(PatientFactory.create(team=team))):
        opened.page.goto(address)
        opened.look()
    opened.page.keyboard.press("?")
    expect(opened.page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    opened.look()
    opened.page.keyboard.press("Escape")
    expect(opened.page.get_by_role("dialog")).to_have_count(0)


def focused(page: Page) -> Locator:
    return page.locator(":focus")


def test_the_list_of_patients_is_walked_with_j_k_and_enter(opened: Desk, team):
    names = [PatientFactory.create(team=team).pseudonym for _ in range(3)]
    page = opened.page
    page.goto(reverse("cohort"))
    rows = page.locator("[data-rows] tr[data-href] a")
    shown = rows.all_inner_texts()
    assert sorted(shown) == sorted(names)
    for key, place in (("j", 0), ("j", 1), ("j", 2), ("j", 2), ("k", 1)):
        page.keyboard.press(key)
        expect(focused(page)).to_have_text(shown[place])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(shown[1])


def test_a_slash_goes_to_the_search_and_enter_into_its_answer(opened: Desk, team):
    wanted, other = (PatientFactory.create(team=team).pseudonym for _ in range(2))
    page = opened.page
    page.goto(reverse("cohort"))
    page.keyboard.press("/")
    expect(focused(page)).to_have_attribute("type", "search")
    page.keyboard.type(f"{wanted}j")
    expect(page.get_by_text("No patient matches")).to_be_visible()
    page.keyboard.press("Backspace")
    expect(page.get_by_role("link", name=wanted)).to_be_visible()
    expect(page.get_by_role("link", name=other)).to_have_count(0)
    expect(page).to_have_url(re.compile(rf"search={wanted}"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(wanted)


def test_the_first_tab_skips_to_the_content_and_every_focus_is_seen(opened: Desk, patient: Patient):
    page = opened.page
    page.goto(reverse("cohort"))
    page.keyboard.press("Tab")
    expect(focused(page)).to_have_text("Skip to the content")
    expect(focused(page)).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert focused(page).evaluate("(one) => one.closest('main') !== null")
    unseen = []
    for _ in range(8):
        page.keyboard.press("Tab")
        unseen += focused(page).evaluate_all(WITHOUT_A_RING)
    assert unseen == []


def test_the_drawer_gives_the_focus_back(opened: Desk, patient: Patient):
    page = opened.page
    page.goto(course_address(patient))
    size = page.locator("a.cell").nth(1)
    size.focus()
    page.keyboard.press("Enter")
    drawer = page.get_by_role("complementary", name="Pictures")
    expect(drawer).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(size).to_be_focused()


def test_the_list_of_features_closes_when_it_is_left(opened: Desk, patient: Patient):
    page = opened.page
    page.goto(course_address(patient))
    options = page.locator("#feature-options")
    page.keyboard.press("/")
    expect(options).to_be_visible()
    page.keyboard.press("Tab")
    expect(options.locator("a").first).to_be_focused()
    for _ in range(options.locator("a").count()):
        page.keyboard.press("Tab")
    expect(options).to_be_hidden()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("/")
    options.locator("a").first.click()
    expect(page.get_by_role("link", name=re.compile("^Remove "))).to_be_visible()


@pytest.mark.parametrize("width", ["10rem", ""])
def test_a_swap_takes_no_style_over_into_what_it_brings(opened: Desk, patient: Patient, width):
    """An emptied style stays as an attribute; written as text into the new element, either breaks the page's policy."""
    page = opened.page
    page.goto(course_address(patient))
    expect(page.locator(".figure .main-svg").first).to_be_visible()
    field = page.get_by_role("searchbox", name="Add a feature")
    field.focus()
    field.evaluate("(field, width) => { field.style.width = '10rem'; field.style.width = width; }", width)
    assert field.get_attribute("style") == (f"width: {width};" if width else "")
    page.get_by_role("link", name=re.compile("^Days of therapy")).click()
    expect(page.get_by_role("link", name=re.compile("^Days of therapy"))).to_have_attribute("aria-current", "true")
    page.evaluate("new Promise((done) => setTimeout(done, 50))")  # what is taken over is settled a moment later
    assert field.get_attribute("style") is None
    assert opened.complaints == []


def test_synthetic_is_written_over_small_pictures_only(opened: Desk, team, served):
    """Larger ones carry the whole word in their own pixels, once."""
    patient = PatientFactory.create(team=team)
    lesion = LesionFactory.create(patient=patient)
    whole = len(stamp((512, 512))[0])
    for width in (12, whole - 1, whole, 60):
        SegmentationFactory.create(
            scan__timepoint__patient=patient,
            scan__is_synthetic=True,
            lesion=lesion,
            slices=stored_pictures(served, width=width),
        )
    opened.page.goto(reverse("lesion", args=[lesion.code]))
    expect(opened.page.locator("[data-slices]")).to_have_attribute("data-ready", "true")
    marks = opened.page.locator(".slice [data-synthetic]")
    assert [mark.is_visible() for mark in marks.all()] == [True, True, False, False]


def test_paper_shows_the_course_alone(opened: Desk, patient: Patient):
    page = opened.page
    page.goto(course_address(patient))
    title = page.locator(".figure .xtitle")
    expect(title).to_be_visible()
    page.emulate_media(media="print", color_scheme="dark")
    for gone in ("header.top", ".skip", ".figure-tools", ".actions", "form"):
        expect(page.locator(gone).first).to_be_hidden()
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    expect(title).to_have_css("fill", "rgb(51, 51, 51)")
    expect(page.locator("body")).to_have_css("background-color", "rgb(255, 255, 255)")
    expect(page.get_by_role("region", name="Verdict")).to_contain_text("Target lesions only")
    expect(page.locator("footer")).to_contain_text("not a medical device")
