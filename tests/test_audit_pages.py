"""In a browser: the audit trail, who saw a patient, status and the banner over damaged data read well."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import expect

from patients.models import IntegrityFault
from patients.vocabulary import Role, RunState, Step
from patients.words.audit_words import Deed, Origin
from patients.words.integrity_words import Damage
from patients.writes.trail.acting import Hand, acting
from patients.writes.trail.chain import link_events
from patients.writes.trail.record import Said, write_event
from radiomics_tasks.models import Heartbeat
from radiomics_tasks.relay import heartbeats
from tests.factories import ProcessingRunFactory, login
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


LONGEST = "a.very.long.name.of.somebody.who.signs.in.with.the.address.of.the.hospital@radiology.hospital.example"


def long_trail(patient, events: int) -> None:
    """Rows of every width: long logins, addresses of IPv6, digests, work of the site itself."""
    hand = Hand(Origin.WEB, login=LONGEST, user_pk=1, address="2001:db8:85a3:8d3:1319:8a2e:370:7348", door="patient")
    worker = Hand(
        Origin.WORKER, door="extract_features", detail={"run": 1234567, "asked_by": LONGEST.partition("@")[0]}
    )
    told = {"content": "ab" * 32, "digest": "cd" * 32, "scan": str(patient.code)}
    with transaction.atomic():
        for number in range(events):
            with acting(worker if number % 3 == 0 else hand):
                deed = (Deed.EXTRACTED, Deed.SAW, Deed.REFUSED)[number % 3]
                status = {Deed.EXTRACTED: None, Deed.SAW: 200}.get(deed, 404)
                detail: dict[str, Said] = dict(told) if deed is Deed.EXTRACTED else {}
                code = str(patient.code)
                write_event(
                    deed, patient_code=patient.code, subject=("segmentation", code), status=status, detail=detail
                )
    link_events(waits=True)


def test_a_long_trail_is_searched_and_paged_by_keyboard_and_nothing_sticks_out(desk, team):
    patient = followed([30.0, 31.0, 26.0], [20.0, 14.0, 12.0], team=team)
    long_trail(patient, 130)
    desk.sit_down(login(team, Role.AUDITOR, username="auditor"))
    desk.page.goto("/audit/")
    desk.page.get_by_label("What was done").select_option("EXTRACTED")
    desk.page.get_by_label("Login").focus()
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator("tbody tr")).to_have_count(44)
    rows = desk.page.locator("tbody")
    expect(rows).to_contain_text("abababababab…")
    expect(rows).not_to_contain_text("ab" * 32)
    desk.look()
    pictures(desk, "audit-long")
    for width in WIDTHS.values():
        desk.page.set_viewport_size({"width": width, "height": 900})
        # The table may be wider than a narrow window; the page is not: the table is moved by itself.
        assert desk.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), width
    desk.page.goto("/audit/")
    expect(desk.page.locator("tbody tr")).to_have_count(100)
    desk.page.get_by_role("link", name="Older").press("Enter")
    expect(desk.page.get_by_role("navigation", name="Pages of events")).to_contain_text("These are the oldest.")
    desk.page.get_by_role("link", name="Newest").press("Enter")
    expect(desk.page.locator("tbody tr")).to_have_count(100)
    desk.page.goto("/audit/?login=nobody")
    expect(desk.page.locator("main")).to_contain_text("Leave a field empty, or take more days.")
    desk.look()
    pictures(desk, "audit-empty")


def test_status_reads_well_when_all_is_quiet_and_when_much_is_wrong(desk, team):
    desk.sit_down(login(team, Role.ADMIN, username="admin"))
    desk.page.goto("/status/")
    expect(desk.page.locator("main")).to_contain_text("Work by step")
    desk.look()
    pictures(desk, "status-quiet")
    reason = "The work stopped three times and was closed: whoever did it went away without a word each time."
    for step in (Step.INGEST, Step.EXTRACT):
        for _ in range(3):
            ProcessingRunFactory.create(
                step=step, state=RunState.FAILED, attempt=3, reason_code="E_WORKER_LOST", reason=reason
            )
    heartbeats.beat(heartbeats.INTEGRITY, broken=2, files=120_000, oldest_check="2026-11-30T04:12+00:00")
    heartbeats.beat(heartbeats.BACKUP, files=120_345, damaged=0)
    Heartbeat.objects.filter(name=heartbeats.BACKUP).update(beat_at=timezone.now() - timedelta(days=5))
    desk.page.reload()
    expect(desk.page.locator("main")).to_contain_text("Somebody should look")
    expect(desk.page.locator("main")).to_contain_text("5 d ago")
    desk.look()
    pictures(desk, "status-wrong")
    desk.page.get_by_role("button", name="Try again").first.press("Enter")
    expect(desk.page.get_by_role("button", name="Try again")).to_have_count(5)
