"""In a browser: the audit trail, who saw a patient, and the banner over damaged data read well and have no fault."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from patients.models import IntegrityFault
from patients.vocabulary import Role
from patients.words.integrity_words import Damage
from tests.factories import login
from tests.patients.rows import followed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTHS = {"wide": 1600, "laptop": 1280, "narrow": 420}


def pictures(desk, name: str) -> None:
    """Screenshots for whoever wants to look, where PICTURES names a folder."""
    if folder := os.environ.get("PICTURES"):
        for size, width in WIDTHS.items():
            desk.page.set_viewport_size({"width": width, "height": 900})
            desk.page.screenshot(path=Path(folder) / f"{name}-{size}.png")
        desk.page.set_viewport_size({"width": 1280, "height": 900})
        desk.page.emulate_media(color_scheme="dark")
        desk.page.screenshot(path=Path(folder) / f"{name}-dark.png")
        desk.page.emulate_media(media="print", color_scheme="light")
        desk.page.screenshot(path=Path(folder) / f"{name}-print.png")
        desk.page.emulate_media(media="screen")


def test_trail_and_banner_read_well(desk, team):
    patient = followed([30.0, 31.0, 26.0], [20.0, 14.0, 12.0], team=team)
    sentence = "The scan 0ae91bc22b3c holds other bytes than were stored."
    IntegrityFault.objects.create(kind=Damage.FILE_CHANGED, subject="file x", patient=patient, sentence=sentence)
    desk.sit_down(login(team, Role.ONCOLOGIST, username="oncologist"))
    desk.page.goto(f"/patients/{patient.code}/")
    expect(desk.page.get_by_role("alert").first).to_contain_text("Stored data of this patient are damaged.")
    desk.look()
    pictures(desk, "patient")
    desk.page.get_by_role("link", name="Seen and changed by").click()
    expect(desk.page.locator("main")).to_contain_text("oncologist")
    desk.look()
    pictures(desk, "trail")
    desk.sit_down(login(team, Role.AUDITOR, username="auditor"))
    desk.page.goto("/")
    desk.page.get_by_label("Login").fill("oncologist")
    desk.page.get_by_role("button", name="Search").click()
    expect(desk.page.locator("main")).to_contain_text(str(patient.code))
    desk.look()
    pictures(desk, "audit")
    assert desk.complaints == []
