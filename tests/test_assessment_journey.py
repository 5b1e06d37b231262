"""One progression through the hands of its people: read by keyboard, booked, re-opened, read again, decided.

In a real browser on a real web process with a real worker. Prints the key presses and the time of the first reading.
"""

import time
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from patients.models import Adjudication, Lesion, Measurement, Patient, Reading, Scan, Segmentation, Team, Timepoint
from patients.vocabulary import LesionRole, Role, RunState, Step
from patients.words.reading_words import NewDisease, NonTarget, ReadingState
from patients.writes.readings.content import ReadingContent
from patients.writes.readings.drafts import save_reading, start_reading
from patients.writes.readings.signing import sign_reading
from radiomics_tasks import runs
from radiomics_tasks.models import ProcessingRun
from tests.assessing import address, visits
from tests.browser import PASSWORD, Desk
from tests.factories import MeasurementFactory, SegmentationFactory, followed_patient, login, stored_pictures
from tests.live_worker import running_worker

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LESIONS = ("liver 1", "liver 2", "liver 3", "liver 4", "liver 5")
MOST_KEYS = 60
MOST_SECONDS = 60


def grown(team: Team, storage) -> Patient:
    """Five lesions in two visits; the targets have grown from 61 to 82 mm five weeks ago."""
    patient = followed_patient(team, lesions=5, dates=2, storage=storage)
    days_ago = (98, 35)
    for scan, ago in zip(Scan.objects.filter(patient=patient).order_by("acquired_on"), days_ago, strict=True):
        Scan.objects.filter(pk=scan.pk).update(acquired_on=timezone.localdate() - timedelta(days=ago))
    patient.courses.update(started_on=timezone.localdate() - timedelta(days=95))
    last = Segmentation.objects.filter(scan__timepoint=visits(patient)[1], lesion__role=LesionRole.TARGET)
    for outline, size in zip(last.order_by("pk"), (40.0, 42.0), strict=True):
        Measurement.objects.filter(segmentation=outline).update(longest_diameter_mm=size)
    patient.responses.all().delete()
    return patient


def staff(team: Team) -> None:
    people = {"anna": Role.READER, "boris": Role.READER, "coordinator": Role.COORDINATOR, "steward": Role.STEWARD}
    for name, role in people.items():
        user = login(team, role, username=name)
        user.set_password(PASSWORD)
        user.save()


def sign_baseline(patient: Patient, *names: str) -> None:
    """What both readers said of the first visit, in which they agree."""
    baseline = visits(patient)[0]
    for reader in (membership.user for membership in patient.team.memberships.filter(user__username__in=names)):
        draft = start_reading(baseline, reader)
        save_reading(draft, ReadingContent(non_target=NonTarget.NCNP, new_disease=NewDisease.NO), reader)
        sign_reading(draft, reader)
    runs.arm(Step.REASSESS, patient.pk)


def wait_until_concluded(patient: Patient) -> None:
    """Until the worker has concluded everything that was asked for."""
    deadline = time.monotonic() + 60
    while ProcessingRun.objects.filter(step=Step.REASSESS, subject_pk=patient.pk).exclude(state=RunState.DONE).exists():
        assert time.monotonic() < deadline
        time.sleep(0.2)


class Keys:
    """The keyboard alone, counted; a chord is one press."""

    def __init__(self, page: Page) -> None:
        self.page, self.count, self.began_at = page, 0, time.monotonic()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.count += 1

    def focus_is(self, label: str) -> None:
        expect(self.page.locator(":focus")).to_have_accessible_name(label)

    def until(self, label: str) -> None:
        """Tab on to the field of this name."""
        for _ in range(8):
            if self.page.locator(":focus").evaluate("(one) => one.labels?.[0]?.textContent ?? ''").strip() == label:
                return
            self.press("Tab")
        self.focus_is(label)


def read_by_keyboard(desk: Desk, visit: Timepoint) -> Keys:
    """Every lesion looked at, one said to be only present, every judgement made, signed."""
    desk.page.goto(address(visit))
    keys = Keys(desk.page)
    for name in LESIONS:
        keys.until(f"How {name} was found")
    keys.press("p")
    expect(desk.page.locator(":focus")).to_have_value("PRESENT")
    keys.press("Alt+j")
    keys.focus_is("All gone")
    keys.press("ArrowDown", "Tab")
    keys.focus_is("Larger than last time")
    keys.press("Space", "Tab")
    keys.focus_is("No new lesion")
    keys.press("Space", "Tab")
    keys.focus_is("Stable")
    keys.press("Space", "Tab", "0", "Control+Enter")
    expect(desk.page.get_by_role("status")).to_contain_text("Visit 2 is signed")
    return keys


def check_read(keys: Keys, visit: Timepoint) -> None:
    taken = time.monotonic() - keys.began_at
    print(f"five lesions signed with {keys.count} key presses in {taken:.1f} s")  # noqa: T201  # asked for
    assert keys.count <= MOST_KEYS and taken < MOST_SECONDS
    (row,) = Reading.objects.filter(timepoint=visit)
    assert (row.state, row.reader.username, row.non_target, row.new_disease) == ("SIGNED", "anna", "NCNP", "NO")
    assert (row.clinical_status, row.steroid_mg, row.lesions.count()) == ("STABLE", 0, 5)


def book(desk: Desk, patient: Patient) -> None:
    """The coordinator sees the window, four to eight weeks after, and books the scan."""
    page, today = desk.page, timezone.localdate()
    desk.sign_in("coordinator")
    page.get_by_role("link", name="Due").click()
    row = page.get_by_role("row", name=patient.pseudonym).first
    expect(row).to_contain_text("Not booked")
    for ago in (35, 7, -21):
        on = today - timedelta(days=ago)
        expect(row).to_contain_text(f"{on.day} {on:%b %Y}")
    row.get_by_label(f"Scan of {patient.pseudonym} booked for").fill((today + timedelta(days=5)).isoformat())
    row.get_by_role("button", name="Book").click()
    expect(page.get_by_role("row", name=patient.pseudonym).first).to_contain_text("Booked")
    desk.look()


def change_outline(desk: Desk, visit: Timepoint, storage) -> None:
    """Another outline of liver 1 is filed and linked: it supersedes the one that was signed on."""
    outline = SegmentationFactory.create(
        scan=visit.scans.get(), lesion=None, roi_name="liver 1 again", slices=stored_pictures(storage)
    )
    MeasurementFactory.create(segmentation=outline, longest_diameter_mm=43.5)
    page = desk.page
    page.goto(f"/outlines/{outline.code}/")
    page.get_by_role("radio", name="liver 1").check()
    page.get_by_role("button", name="It is this lesion").click()
    expect(page.get_by_role("status")).to_contain_text("belongs to liver 1")


def sign_again(desk: Desk, patient: Patient, visit: Timepoint) -> None:
    """The reader finds it re-opened, with the reason and both sizes, and signs the next version."""
    page = desk.page
    desk.sign_in("anna")
    page.get_by_role("link", name="Due").click()
    page.get_by_role("link", name="Assess again").click()
    expect(page.locator(".reopened")).to_contain_text("Re-opened.")
    expect(page.locator(".reopened")).to_contain_text("liver 1: 40.0")
    expect(page.locator(".reopened strong").last).to_contain_text("43.5")
    desk.look()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status")).to_contain_text("Visit 2 is signed")
    versions = Reading.objects.filter(timepoint=visit).order_by("version").values_list("state", flat=True)
    assert list(versions) == [ReadingState.REPLACED, ReadingState.SIGNED]


def disagree(desk: Desk, visit: Timepoint) -> None:
    """The second reader is shown nothing of the first, and sees a new lesion."""
    page = desk.page
    desk.sign_in("boris")
    page.goto(address(visit))
    expect(page.get_by_text("1 signed by another reader, hidden until then")).to_be_visible()
    page.get_by_label("Still there, not unequivocally worse").check()
    page.get_by_label("Unequivocal new lesion").check()
    page.get_by_label("In words").fill("Segment VIII, seen in two phases")
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Visit 2 is signed")
    expect(page.get_by_role("region", name="Assessment by anna")).to_be_visible()


def decide(desk: Desk, patient: Patient, visit: Timepoint) -> None:
    """Somebody else looks at both, side by side, and says which counts and why."""
    page = desk.page
    desk.sign_in("steward")
    page.get_by_role("link", name="Due").click()
    page.get_by_role("link", name=f"Decide for {patient.pseudonym}").click()
    expect(page.get_by_role("row", name="New lesion")).to_have_class("differs")
    expect(page.get_by_role("row", name="New lesion")).to_contain_text("Segment VIII, seen in two phases")
    desk.look()
    page.get_by_role("radio", name="boris").check()
    page.get_by_label("Reason").fill("The lesion is there in both phases.")
    page.get_by_role("button", name="This one counts").click()
    expect(page.get_by_role("status")).to_contain_text("Decided.")
    row = Adjudication.objects.get()
    assert (row.reading.reader.username, row.timepoint) == ("boris", visit)


def test_a_progression_is_read_booked_reopened_and_decided(desk: Desk, team: Team, served, tmp_path) -> None:
    staff(team)
    patient = grown(team, served)
    visit = visits(patient)[1]
    assert Lesion.objects.filter(patient=patient).count() == len(LESIONS)
    with running_worker(tmp_path / "worker.log", DELTARAD_VERIFY_HOURS="0"):
        sign_baseline(patient, "anna", "boris")
        wait_until_concluded(patient)
        desk.sign_in("anna")
        check_read(read_by_keyboard(desk, visit), visit)
        wait_until_concluded(patient)
        desk.sign_out()
        book(desk, patient)
        change_outline(desk, visit, served)
        desk.sign_out()
        sign_again(desk, patient, visit)
        desk.sign_out()
        disagree(desk, visit)
        wait_until_concluded(patient)
        desk.sign_out()
        decide(desk, patient, visit)
        wait_until_concluded(patient)
    counting = patient.responses.filter(timepoint=visit, reader=None, criterion="IRECIST").get()
    assert (counting.category, counting.new_lesions) == ("iUPD", "YES")
