"""One follow-up from the drop to the pixels, in a real browser on a real web process with a real worker."""

import base64
import io
import json
import re
from pathlib import Path

import numpy as np
import pytest
from django.utils.formats import date_format
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from patients.models import Patient, Team
from patients.vocabulary import Role
from radiomics_tasks.arrivals import hand_in
from radiomics_tasks.imaging.drawing.stamp import stamp
from radiomics_tasks.imaging.phantom.cohort import DEMO_PATIENTS
from radiomics_tasks.imaging.phantom.patient_out import write_scan
from tests.browser import PASSWORD, Desk, click_point
from tests.conftest import data_root
from tests.cut import Follow, decoded, filled, with_an_unknown_outline
from tests.factories import login
from tests.live_worker import running_worker

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

REAL = "demo_longitudinal_simulated/DEMO-LIVER-01"
MADE_UP = next(patient for patient in DEMO_PATIENTS if patient.pseudonym == "SYN-02")
SECONDS = 1000
DROP = """(input, zone) => {
  const transfer = new DataTransfer();
  for (const file of input.files) transfer.items.add(file);
  const drop = new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: transfer });
  document.querySelector(zone).dispatchEvent(drop);
  input.remove();
}"""
WATCH_STATES = """(row) => {
  window.states = [row.cells[3].textContent.trim()];
  new MutationObserver(() => {
    const now = document.getElementById(row.id)?.cells[3].textContent.trim();
    if (now && now !== window.states.at(-1)) window.states.push(now);
  }).observe(document.body, { childList: true, subtree: true, characterData: true });
}"""


def visits(folder: Path) -> tuple[Follow, Follow]:
    """Baseline and first follow-up with growth: real scans where they lie, else made-up ones."""
    real = data_root() / REAL
    if real.is_dir():
        dates = sorted(path for path in real.iterdir() if path.is_dir())
        first, second = (Follow(tuple(sorted((path / "CT").iterdir())), path / "SEG.dcm") for path in dates[:2])
    else:
        made = [write_scan(MADE_UP, visit, 0, folder) for visit in (0, 1)]
        first, second = (Follow(scan.images, scan.outlines) for scan in made)
    return first, with_an_unknown_outline(second, folder)


def staff(team: Team) -> None:
    for role in (Role.COORDINATOR, Role.ONCOLOGIST):
        user = login(team, role, username=role.value)
        user.set_password(PASSWORD)
        user.save()


def filed_baseline(visit: Follow, team: Team) -> Patient:
    upload = hand_in.wait_until_read(hand_in.hand_in(visit.files, team))
    outcomes = hand_in.confirm(upload, hand_in.Answers(pseudonym="GROWTH-1"))
    assert [outcome.code for outcome in outcomes] == [""]
    (patient,) = hand_in.patients_of(outcomes)
    hand_in.wait_until_concluded([patient])
    return patient


def drop(page: Page, visit: Follow) -> None:
    """What a person does with the mouse: the files of one visit, let go over the zone."""
    page.evaluate("document.body.append(Object.assign(document.createElement('input'), {type: 'file', id: 'hand'}))")
    hand = page.locator("#hand")
    hand.evaluate("(input) => (input.multiple = true)")
    hand.set_input_files(visit.files)
    hand.evaluate(DROP, "[data-drop]")


def confirm(desk: Desk, visit: Follow) -> None:
    """From the inbox to the filed series: what was found, what is proposed and why."""
    page = desk.page
    drop(page, visit)
    expect(page).to_have_url(re.compile(r"/uploads/[0-9a-f-]{36}/$"), timeout=60 * SECONDS)
    series = page.get_by_role("article", name=f"CT of {date_format(visit.on, 'j M Y')}")
    expect(series).to_be_visible(timeout=60 * SECONDS)
    expect(series.get_by_text("GROWTH-1")).to_be_visible()
    known, unknown = visit.names()
    expect(series.get_by_role("row", name=known)).to_contain_text("Same tracking UID")
    expect(series.get_by_role("row", name=unknown)).to_contain_text("which lesion is it?")
    desk.look()
    series.get_by_role("button", name="File").click()


def watch_to_done(desk: Desk, visit: Follow) -> None:
    """The rows of the upload change by themselves, in the same document."""
    known, unknown = visit.names()
    rows = desk.page.locator("#progress tbody")
    row = rows.get_by_role("row", name=known)
    row.evaluate(WATCH_STATES)
    expect(row).to_contain_text("Done", timeout=120 * SECONDS)
    expect(rows.get_by_role("row", name=unknown)).to_contain_text("Which lesion?", timeout=60 * SECONDS)
    seen = desk.page.evaluate("window.states")
    assert len(seen) > 1 and seen[-1] == "Done", seen
    desk.look()


def link(desk: Desk, lesion: str) -> None:
    """The outline that waits is the lesion that is known under another name."""
    page = desk.page
    page.get_by_role("link", name="Inbox").first.click()
    expect(page.get_by_role("heading", name="Which lesion is this?")).to_be_visible()
    desk.look()
    page.get_by_role("link", name=re.compile("^Link ROI 7")).first.click()
    expect(page.locator("[data-slice-words]").first).to_contain_text("slice")
    desk.look()
    page.get_by_role("radio", name=lesion).check()
    page.get_by_role("button", name="It is this lesion").click()
    expect(page.get_by_role("status")).to_contain_text(f"belongs to {lesion}")


def open_course(desk: Desk) -> None:
    page = desk.page
    desk.look()
    page.get_by_role("link", name="GROWTH-1").click()
    verdict = page.get_by_role("region", name="Verdict")
    expect(verdict).to_contain_text("PD")
    expect(verdict).to_contain_text("Target lesions only; no overall response")
    expect(page.locator(".figure .main-svg").first).to_be_visible()
    desk.look()


def current(page: Page) -> Locator:
    return page.locator("#drawer figure[aria-current=true]")


def shown(figure: Locator) -> np.ndarray:
    """What is painted on the canvas (row, column, red green blue)."""
    address = figure.locator("canvas").evaluate("(canvas) => canvas.toDataURL()")
    picture = Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2])))
    return np.asarray(picture.convert("RGB")).astype(int)


def count_of_contour(picture: np.ndarray) -> int:
    """Pixels in the orange of the outline, or nearly."""
    red, green, blue = (picture[..., channel] for channel in range(3))
    return int(((red - blue > 120) & (red - green > 25)).sum())


def check_picture(desk: Desk) -> None:
    """A picture with its outline; `c` takes the outline away and brings it back."""
    figure = current(desk.page)
    with_outline = shown(figure)
    assert len(np.unique(with_outline[..., 2])) > 60
    assert count_of_contour(with_outline) > 80
    button = figure.page.locator("#drawer").get_by_role("button", name="Outline")
    desk.page.keyboard.press("c")
    expect(button).to_have_attribute("aria-pressed", "false")
    assert count_of_contour(shown(figure)) == 0
    desk.page.keyboard.press("c")
    expect(button).to_have_attribute("aria-pressed", "true")
    assert np.array_equal(shown(figure), with_outline)


def check_numbers(desk: Desk, visit: Follow) -> None:
    """The picture that the page fetched holds the numbers and the outline of the DICOM files."""
    figure = current(desk.page)
    expect(figure.locator("[data-slice-words]")).to_contain_text("slice")
    address = figure.get_attribute("data-manifest") or ""
    manifest = json.loads(desk.answers[address].body())
    place = next(row for row in manifest["slices"] if row["k"] == manifest["largest"])
    picture = (figure.get_attribute("data-picture") or "").replace("0" * 64, place["png"])
    served, cut = decoded(desk.answers[picture].body(), manifest), visit.values(manifest, place)
    if visit.is_synthetic:
        rows, columns = stamp(manifest["size_px"]).shape
        assert rows and not np.array_equal(served[:rows, :columns], cut[:rows, :columns])
        cut[:rows, :columns] = served[:rows, :columns]
    assert np.array_equal(served, cut)
    mask = visit.mask(1, manifest, place)
    assert mask.sum() > 50
    assert np.array_equal(filled(place["contours"], manifest), mask)


def add_lane(page: Page, words: str) -> None:
    """A feature's lane, found by typing; its points are the lesions'."""
    page.keyboard.press("/")
    page.keyboard.type(words)
    page.locator("#feature-options a").first.click()
    expect(page.get_by_role("link", name=re.compile("^Remove "))).to_be_visible()


def check_arrows(desk: Desk, first: Follow, second: Follow) -> None:
    """Left and right change the date, up and down the slice of all dates."""
    page = desk.page
    days = [date_format(visit.on, "j M Y") for visit in (first, second)]
    expect(current(page)).to_contain_text(days[1])
    page.keyboard.press("ArrowLeft")
    expect(current(page)).to_contain_text(days[0])
    words = current(page).locator("[data-slice-words]")
    number = int(re.findall(r"slice\s(\d+)", words.inner_text())[0])
    before = shown(current(page))
    page.keyboard.press("ArrowUp")
    expect(words).to_contain_text(re.compile(rf"slice\s{number + 1}\s"))
    assert not np.array_equal(shown(current(page)), before)
    page.keyboard.press("ArrowDown")
    expect(words).to_contain_text(re.compile(rf"slice\s{number}\s"))


def test_a_follow_up_goes_from_the_drop_to_the_pixels(desk: Desk, team: Team, tmp_path: Path) -> None:
    first, second = visits(tmp_path)
    staff(team)
    with running_worker(tmp_path / "worker.log"):
        patient = filed_baseline(first, team)
        desk.page.goto("/")
        desk.look()
        desk.sign_in("coordinator")
        desk.look()
        confirm(desk, second)
        watch_to_done(desk, second)
        link(desk, first.names()[1])
        hand_in.wait_until_concluded([patient])
    desk.sign_out()
    desk.sign_in("oncologist")
    open_course(desk)
    click_point(desk.page, "Target sum", 1)
    check_numbers(desk, second)
    check_picture(desk)
    desk.page.keyboard.press("Escape")
    add_lane(desk.page, "mesh volume")
    click_point(desk.page, first.names()[0], 1)
    check_numbers(desk, second)
    check_arrows(desk, first, second)
    desk.look()
