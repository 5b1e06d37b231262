"""Models in the browser: a file sent, refused or registered, approved by another; its number shown with its tier."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from patients.models import HostedModel, Patient
from patients.vocabulary import Role, Step
from patients.words.hosted_words import ModelStatus
from radiomics_tasks import runs
from radiomics_tasks.hosting import ensure_default_model
from radiomics_tasks.models import ProcessingRun
from radiomics_tasks.steps.reassess import reassess_patient
from radiomics_tasks.steps.register import register_model
from tests.browser import Desk
from tests.factories import FEATURES, digest_of, followed_patient, login
from tests.hosted_models import expit, term, text

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def patient(team, served) -> Patient:
    return followed_patient(team, lesions=2, dates=3, storage=served)


@pytest.fixture
def steward(team):
    return login(team, Role.STEWARD, username="steward-one")


def site_model(title: str = "A made-up signature", **changed: Any) -> str:
    """A model of the features that the made-up patient has: contrast 3.0 at every visit."""

    def change(data: dict[str, Any]) -> None:
        kept: dict[str, Any] = {"center": 2.0, "scale": 1.0, "range": [0, 50], "training": [1, 10], "beta": 0.5}
        data.update(profile_digest=digest_of("ct"), title=title, terms=[term(FEATURES[2], **kept)])
        data["reference_pairs"] = [
            {"inputs": {FEATURES[2]: 3}, "expect": {"value": expit(0.1 + 0.9 * (-1.2 + 0.5))}},
        ]
        data.update(changed)

    return text(change)


def choose(desk: Desk, path: Path, content: bytes | str) -> None:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    desk.page.goto(reverse("models"))
    with desk.page.expect_file_chooser() as chooser:
        desk.page.get_by_role("button", name="Choose a JSON file").click()
    chooser.value.set_files(path)


def work() -> None:
    for run in ProcessingRun.objects.filter(step=Step.REGISTER, state="QUEUED").order_by("pk"):
        register_model(run.pk)


def photograph(desk: Desk, name: str) -> None:
    """Wide, laptop and paper, for whoever asks for pictures by naming a folder."""
    if folder := os.environ.get("TEST_PICTURES"):
        for kind, width in (("wide", 1920), ("laptop", 1280)):
            desk.page.set_viewport_size({"width": width, "height": 900})
            desk.page.screenshot(path=f"{folder}/{name}-{kind}.png", full_page=True)
        desk.page.emulate_media(media="print")
        desk.page.screenshot(path=f"{folder}/{name}-print.png", full_page=True)
        desk.page.emulate_media(media="screen", color_scheme="dark")
        desk.page.screenshot(path=f"{folder}/{name}-dark.png", full_page=True)
        desk.page.emulate_media(color_scheme="light")


def wide_page(desk: Desk) -> int:
    """How far the page reaches beyond the window, in pixels."""
    return int(desk.page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


REFUSED: dict[str, tuple[Callable[[], bytes | str], str]] = {
    "pickle": (lambda: b"\x80\x04K\x01.", "This file is a pickle"),
    "large": (lambda: b"{" + b" " * 50_000_000, "A model has at most 1000 kB."),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_model_is_refused_where_it_was_chosen(case: str, desk: Desk, steward, tmp_path):
    desk.sit_down(steward)
    content, words = REFUSED[case]
    choose(desk, tmp_path / "model.json", content())
    expect(desk.page.get_by_role("alert").filter(has_text=words)).to_be_visible()
    # The browser tells of every 422; this one was asked for.
    assert all(line.startswith("422 ") for line in desk.complaints)
    desk.complaints.clear()


def test_a_file_goes_from_being_read_to_registered_or_refused(desk: Desk, steward, tmp_path):
    desk.sit_down(steward)
    ensure_default_model()
    choose(desk, tmp_path / "good.json", site_model())
    expect(desk.page.get_by_text("Being read")).to_be_visible()
    work()
    expect(desk.page.get_by_role("link", name="made-up-signature 1.0.0").first).to_be_visible()
    incomplete = json.loads(site_model(version="1.1.0"))
    del incomplete["card"]["limitations"]
    choose(desk, tmp_path / "incomplete.json", json.dumps(incomplete))
    expect(desk.page.get_by_text("Being read")).to_be_visible()
    work()
    expect(desk.page.get_by_text("The model card lacks limitations. Fill it in.")).to_be_visible()
    desk.look()
    photograph(desk, "models")
    assert wide_page(desk) <= 0


def test_both_kinds_of_card_read_well(desk: Desk, steward, tmp_path, team):
    desk.sit_down(steward)
    choose(desk, tmp_path / "good.json", site_model())
    expect(desk.page.get_by_text("Being read")).to_be_visible()
    work()
    desk.sit_down(login(team, Role.STEWARD, username="steward-two"))
    for digest in (HostedModel.objects.get(kind="COEFFICIENTS").digest, ensure_default_model().digest):
        desk.page.goto(reverse("model", args=[digest]))
        expect(desk.page.get_by_role("heading", name="Model card")).to_be_visible()
        desk.look()
        photograph(desk, f"card-{digest[:4]}")
        assert wide_page(desk) <= 0
    desk.page.go_back()
    desk.page.get_by_role("button", name="Approve: show its numbers").click()
    expect(desk.page.get_by_text("made-up-signature 1.0.0 is active.")).to_be_visible()


def test_the_number_stands_beside_its_validation_on_lesion_and_course(desk: Desk, steward, team, patient, tmp_path):
    desk.sit_down(steward)
    choose(desk, tmp_path / "good.json", site_model())
    expect(desk.page.get_by_text("Being read")).to_be_visible()
    work()
    HostedModel.objects.filter(kind="COEFFICIENTS").update(status=ModelStatus.ACTIVE)
    reassess_patient(runs.arm(Step.REASSESS, patient.pk).pk)
    for address in (reverse("lesion", args=[patient.lesions.all()[0].code]), reverse("patient", args=[patient.code])):
        desk.page.goto(address)
        section = desk.page.get_by_role("region", name="Hosted models")
        expect(section).to_contain_text("does not replace molecular testing")
        row = section.get_by_role("row").nth(1)
        expect(row).to_contain_text("37 %")
        expect(row).to_contain_text("external validation")
        row.get_by_text("1 term").click()
        expect(row).to_contain_text("+0.45")
        desk.look()
        photograph(desk, f"hosted-{address.split('/')[1]}")
