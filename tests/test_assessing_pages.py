"""The pages of assessing as the browser shows them: nothing grave for axe, what a state asks for shows with it."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from patients.models import Patient, Reading, Timepoint
from patients.vocabulary import LesionRole, Role
from patients.words.reading_words import ReadingState
from patients.writes.readings.signing import reopen_visits
from tests.assessing import address, visits
from tests.browser import Desk
from tests.factories import (
    CourseHoldFactory,
    LesionFactory,
    LesionTreatmentFactory,
    ResponseSummaryFactory,
    followed_patient,
    login,
    signed_reading,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def patient(team, served) -> Patient:
    return followed_patient(team, lesions=5, dates=4, storage=served)


@pytest.fixture
def visit(patient) -> Timepoint:
    return visits(patient)[2]


@pytest.fixture
def reader(team):
    return login(team, Role.COORDINATOR, Role.READER, Role.ONCOLOGIST, username="reader")


@pytest.fixture
def seated(desk: Desk, reader) -> Desk:
    """A desk where somebody with every clinical role is signed in."""
    desk.sit_down(reader)
    return desk


def state_of(page: Page, lesion: str):
    return page.get_by_label(f"How {lesion} was found")


def row_of(page: Page, lesion: str):
    return page.locator("tr.lesion", has=page.get_by_role("rowheader", name=lesion))


def test_what_a_state_asks_for_shows_with_it(seated: Desk, patient: Patient, visit: Timepoint, reader):
    page = seated.page
    LesionFactory.create(patient=patient, tracking_id="bone 1", organ="BONE", role=LesionRole.NEW, created_by=reader)
    page.goto(address(visit))
    row = row_of(page, "liver 1")
    expect(state_of(page, "liver 1")).to_be_focused()
    expect(row.get_by_label("Diameter (mm)")).to_be_hidden()
    row.get_by_role("checkbox").check()
    expect(row.get_by_label("Diameter (mm)")).to_be_visible()
    asked = {"liver 2": ("NE", "Why it cannot"), "liver 3": ("SPLIT", "Diameters of"), "liver 4": ("MERGED", "Merged")}
    for name, (state, label) in asked.items():
        other = row_of(page, name)
        state_of(page, name).select_option(state)
        expect(other.get_by_label(label, exact=False).last).to_be_visible()
        expect(other.get_by_role("checkbox")).to_have_count(0)
    new = row_of(page, "bone 1")
    expect(new.get_by_label("Since last time")).to_be_hidden()
    state_of(page, "bone 1").select_option("PRESENT")
    expect(new.get_by_label("Since last time")).to_be_visible()
    page.get_by_label("Equivocal, to be followed").check()
    expect(page.get_by_label("Not called tumour, because")).to_be_visible()
    page.get_by_label("Still there, not unequivocally worse").check()
    seated.look()


def test_the_form_is_accessible_empty_refused_and_signed(seated: Desk, reader, patient: Patient, visit: Timepoint):
    page = seated.page
    for earlier in visits(patient)[:2]:
        signed_reading(earlier, reader, {patient.lesions.first(): 24.5}, note="portal venous phase")
    page.goto(address(visits(patient)[3]))
    page.keyboard.press("Alt+p")
    expect(page.get_by_text("portal venous phase")).to_be_visible()
    seated.look()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert").first).to_contain_text("Not signed.")
    expect(page.get_by_label("All gone")).to_be_focused()
    seated.complaints.clear()  # the browser tells of the 422
    seated.look()
    page.goto(address(visits(patient)[0]))
    seated.look()
    page.get_by_role("button", name="Revise").click()
    expect(page.get_by_role("heading", name="Assess visit 1 (baseline)")).to_be_visible()
    seated.look()


def test_a_reopened_assessment_says_why(seated: Desk, reader, patient: Patient, visit: Timepoint):
    signed_reading(visit, reader, {patient.lesions.first(): 24.5})
    reopen_visits([visit.pk], "New outlines on the CT of 2024-04-29")
    seated.page.goto(address(visit))
    expect(seated.page.get_by_role("status")).to_contain_text("stays in force until you sign this one")
    seated.look()


def test_two_readings_and_the_due_list_are_accessible(seated: Desk, team, patient: Patient, visit: Timepoint):
    today, lesion = timezone.localdate(), patient.lesions.first()
    days = (("opened_on", 30), ("confirm_from", 2), ("confirm_until", -26))
    block = {name: (today - timedelta(days=ago)).isoformat() for name, ago in days}
    found = {**block, "drivers": ["T"], "outcome": "OPEN", "closed_on": None, "label": ""}
    ResponseSummaryFactory.create(patient=patient, course=patient.courses.get(), blocks=[found])
    anna, boris = (login(team, Role.READER, username=name) for name in ("anna", "boris"))
    signed_reading(visit, anna, {lesion: 21.5}, note="portal venous phase")
    signed_reading(visit, boris, {lesion: 31.0}, new_disease="YES")
    reopened = visits(patient)[0]
    signed_reading(reopened, anna)
    reopen_visits([reopened.pk], "New outlines on the CT of 2024-01-08")
    seated.page.goto(address(visit, "adjudication"))
    seated.look()
    seated.sit_down(login(team, Role.COORDINATOR, Role.STEWARD))
    seated.page.goto("/due/")
    expect(seated.page.get_by_role("heading", name="Progressions to confirm")).to_be_visible()
    seated.look()


def test_pauses_and_treatments_are_accessible(seated: Desk, patient: Patient):
    course, lesion = patient.courses.get(), patient.lesions.first()
    CourseHoldFactory.create(course=course)
    LesionTreatmentFactory.create(lesion=lesion)
    for place in (f"/courses/{course.code}/holds", f"/courses/{course.code}/", f"/lesions/{lesion.code}/treatments"):
        seated.page.goto(place)
        seated.look()


def test_a_double_click_signs_once(seated: Desk, patient: Patient, visit: Timepoint):
    page = seated.page
    page.goto(address(visit))
    page.get_by_label("Still there, not unequivocally worse").check()
    page.get_by_label("No new lesion").check()
    page.get_by_role("button", name="Sign", exact=True).dblclick()
    expect(page.get_by_role("status")).to_contain_text("is signed")
    assert [row.state for row in Reading.objects.all()] == [ReadingState.SIGNED]
