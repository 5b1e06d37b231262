"""In a browser: from a cell of the lesion page to the card of its number by keyboard, computed again, and an alarm."""

import math
import os
from pathlib import Path

import pytest
from django.db import connection
from django.urls import reverse
from playwright.sync_api import expect

from patients.models import FeatureSnapshot, Recomputation, Segmentation
from patients.vocabulary import Role, Step
from patients.words.recompute_words import Recomputed
from radiomics_tasks.models import ProcessingRun
from radiomics_tasks.steps.recompute import recompute_number
from tests.extracted import extracted_patient
from tests.factories import login, stored_pictures

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NAME = "original_glcm_Contrast"


@pytest.fixture
def lesion(team, served, monkeypatch):
    monkeypatch.setattr("radiomics_tasks.hints.current_app.send_task", lambda *_, **__: None)
    patient = extracted_patient(team, served, ((9.0,), (8.0,)))
    Segmentation.objects.update(slices=stored_pictures(served))
    return patient.lesions.get()


def worked() -> Recomputation:
    """What a worker does with the newest request."""
    asked = Recomputation.objects.order_by("pk").last()
    recompute_number(ProcessingRun.objects.get(step=Step.RECOMPUTE, subject_pk=asked.pk).pk)
    asked.refresh_from_db()
    return asked


def seen(page, name: str) -> None:
    """A picture for people, where a folder is named for it."""
    if folder := os.environ.get("DELTARAD_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_from_a_change_to_its_card_by_keyboard_and_computed_again(desk, team, lesion):
    desk.sit_down(login(team, Role.READER))
    desk.page.goto(reverse("lesion", args=[lesion.code]) + f"?feature={NAME}")
    seen(desk.page, "lesion")
    cell = desk.page.locator("#features tbody tr").nth(1).get_by_role("link").nth(1)
    cell.focus()
    desk.page.keyboard.press("Enter")
    expect(desk.page.get_by_role("heading", name="Where this number comes from")).to_be_visible()
    expect(desk.page.get_by_role("heading", name="Against baseline")).to_be_visible()
    desk.page.get_by_role("button", name="Compute again").press("Enter")
    expect(desk.page.locator("#again")).to_contain_text("Being computed again")
    seen(desk.page, "moving")
    assert worked().outcome == Recomputed.SAME
    expect(desk.page.locator("#again")).to_contain_text("The same digits in all 107 values and the sizes.")
    desk.look()
    seen(desk.page, "change")


def test_a_number_that_came_out_otherwise_is_an_alarm_on_card_and_lesion(desk, team, lesion):
    snapshot = FeatureSnapshot.objects.last()
    place = snapshot.feature_set.names.index(NAME)
    other = math.nextafter(snapshot.values[place], math.inf)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            f"UPDATE patients_featuresnapshot SET values[{place + 1}] = %s WHERE id = %s", [other, snapshot.pk]
        )
        cursor.execute("SET session_replication_role = origin")
    desk.sit_down(login(team, Role.READER))
    desk.page.goto(reverse("number", args=[snapshot.segmentation.code]) + f"?feature={NAME}")
    desk.page.get_by_role("button", name="Compute again").click()
    expect(desk.page.locator("#again")).to_contain_text("Being computed again")
    assert worked().outcome == Recomputed.DIGITS_DIFFER
    alarm = desk.page.get_by_role("alert").filter(has_text="1 unit in the last place")
    expect(alarm).to_contain_text(f"stored {other!r}")
    desk.look()
    seen(desk.page, "alarm")
    desk.page.locator(".crumbs").get_by_role("link", name=lesion.tracking_id).click()
    expect(alarm).to_be_visible()
    desk.look()
    for name, media in (("dark", {"color_scheme": "dark"}), ("print", {"media": "print"})):
        desk.page.goto(reverse("number", args=[snapshot.segmentation.code]) + f"?feature={NAME}&reference=BASELINE")
        desk.page.emulate_media(**media)
        seen(desk.page, name)
    assert desk.complaints == []
