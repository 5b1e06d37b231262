"""A scan with another kernel, from its DICOM files to a named person's word: chart and export show word and change.

In a real browser on a real web process with a real worker. The scans are those of a demo patient of whom nothing
changes but the kernel and the scanner.
"""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from patients.models import Lesion, PairAcceptance, Patient, Team
from patients.vocabulary import Role
from radiomics_tasks.arrivals import hand_in
from radiomics_tasks.imaging.phantom.cohort import DEMO_PATIENTS
from radiomics_tasks.imaging.phantom.patient_out import write_scan
from tests.browser import PASSWORD, Desk
from tests.factories import login
from tests.live_worker import running_worker

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OTHER_KERNEL = next(patient for patient in DEMO_PATIENTS if patient.pseudonym == "SYN-09")
BASELINE, SHARP = 0, 2
REASON = "Both were looked at side by side: the edges are steeper, the lesion is the same."
TEXTURE = "original_firstorder_Entropy"
WITHHELD = "the two scans are not comparable in texture, and nobody has accepted that"
SECONDS = 1000


def filed(team: Team, folder: Path) -> Patient:
    """Both visits through the intake, read, measured and concluded by the worker."""
    scans = [write_scan(OTHER_KERNEL, visit, 0, folder) for visit in (BASELINE, SHARP)]
    files = [path for scan in scans for path in (*scan.images, scan.outlines)]
    upload = hand_in.wait_until_read(hand_in.hand_in(files, team))
    outcomes = hand_in.confirm(upload, hand_in.Answers(pseudonym="SYN-09"))
    assert [outcome.code for outcome in outcomes] == ["", ""]
    (patient,) = hand_in.patients_of(outcomes)
    hand_in.wait_until_concluded([patient])
    return patient


def staff(team: Team) -> None:
    for name, role in {"anna": Role.READER, "board": Role.BOARD}.items():
        user = login(team, role, username=name)
        user.set_password(PASSWORD)
        user.save()


def see_it_withheld(desk: Desk, lesion: Lesion) -> None:
    """Who may only look is told what was found and who may accept it."""
    page = desk.page
    desk.sign_in("board")
    page.goto(f"/lesions/{lesion.code}/?feature={TEXTURE}")
    expect(page.get_by_role("table", name="Value and change at each visit")).to_contain_text(WITHHELD)
    pair = page.locator("#pairs article")
    expect(pair).to_contain_text("Texture not comparable")
    expect(pair).to_contain_text("Reconstruction kernels of different classes")
    expect(page.get_by_role("button", name="Accept in my name")).to_have_count(0)
    pair.locator("summary").click()
    expect(pair.get_by_role("row", name=re.compile("KERNEL")).first).to_contain_text("(0018,1210)")
    desk.look()
    page.goto(f"/lesions/{lesion.code}/#pairs")
    page.get_by_role("link", name="the acquisition rules").click()
    expect(page.get_by_role("heading", name="Acquisition rules")).to_be_visible()
    desk.look()
    desk.sign_out()


def accept(desk: Desk, lesion: Lesion) -> None:
    """A reader accepts the pair; the change comes into the page by itself."""
    page = desk.page
    desk.sign_in("anna")
    page.goto(f"/lesions/{lesion.code}/?feature={TEXTURE}")
    page.get_by_label("Why texture may be compared all the same").fill(REASON)
    page.get_by_role("button", name="Accept in my name").dblclick()
    expect(page.get_by_role("status")).to_contain_text("Accepted in your name")
    pair = page.locator("#pairs article")
    expect(pair).to_contain_text("Accepted by anna", timeout=60 * SECONDS)
    expect(pair).to_contain_text(REASON)
    page.goto(f"/lesions/{lesion.code}/?feature={TEXTURE}")
    table = page.get_by_role("table", name="Value and change at each visit")
    expect(table).not_to_contain_text(WITHHELD)
    expect(table).to_contain_text("accepted by anna")
    expect(page.locator(".figure .main-svg").first).to_be_visible()
    names = [trace["name"] for trace in figure_of(page)["figure"]["data"]]
    assert {"no change", "against baseline"} <= set(names)
    desk.look()


def figure_of(page: Page) -> dict[str, Any]:
    """What the first chart of the page was drawn from."""
    content: dict[str, Any] = json.loads(page.locator("script.figure-data").first.text_content() or "{}")
    return content


def check_chart(desk: Desk, patient: Patient) -> None:
    """The scan is hollow, the change of kernel a dashed line, the word a mark with its name."""
    page = desk.page
    page.goto(f"/patients/{patient.code}/?feature={TEXTURE}")
    expect(page.locator(".figure .main-svg").first).to_be_visible()
    told = json.dumps(figure_of(page), ensure_ascii=False)
    assert "square-open" in told and '"dash": "dash"' in told
    assert "Texture accepted by anna" in told
    expect(page.locator(".figure")).to_contain_text("Accepted")
    expect(page.locator(".lesions .light-BLOCK_TEXTURE").first).to_be_visible()
    desk.look()


def check_export(desk: Desk, patient: Patient) -> None:
    """The export holds the change and whose word it stands on."""
    answer = desk.context.request.get(f"{desk.address}/patients/{patient.code}/export.csv")
    rows = [row for row in csv.DictReader(io.StringIO(answer.text())) if row["feature"] == TEXTURE]
    last = [row for row in rows if row["accepted_by"]]
    assert len(last) == len({row["lesion"] for row in rows}) > 0
    for row in last:
        assert float(row["from_baseline"]) != 0 and row["from_baseline_reason"] == ""
        assert (row["comparability"], row["accepted_by"], row["accepted_reason"]) == ("BLOCK_TEXTURE", "anna", REASON)
        assert row["accepted_at"] and "kernel" in row["comparability_says"].lower()


def test_another_kernel_is_withheld_until_somebody_accepts_it(desk: Desk, team: Team, tmp_path: Path) -> None:
    staff(team)
    with running_worker(tmp_path / "worker.log"):
        patient = filed(team, tmp_path / "scans")
        lesion = patient.lesions.order_by("pk")[0]
        see_it_withheld(desk, lesion)
        accept(desk, lesion)
        assert PairAcceptance.objects.get().accepted_by.username == "anna"
        check_chart(desk, patient)
        check_export(desk, patient)
