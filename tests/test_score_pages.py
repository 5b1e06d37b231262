"""In a browser: the drawer of an unconfirmed progression opens and closes by keyboard, the scoreboard draws itself."""

from dataclasses import asdict, replace
from datetime import date

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from patients.concluded.trust_findings import EpisodeGrade
from patients.concluded.trusted import Episode
from patients.reads.timelines import patient_timeline
from patients.vocabulary import DrugClass, Role, Tumour
from patients.words.reading_words import ClinicalStatus
from patients.words.trust_words import Grading
from patients.writes.findings import replace_findings
from patients.writes.trusting.scoreboards import replace_scoreboards
from radiomics_tasks.analysis.conclude import conclude
from radiomics_tasks.analysis.trust.pseudoprogression.scoreboard import GradedEpisode, scoreboard
from radiomics_tasks.hosting import ensure_default_model
from tests.factories import login, signed_reading
from tests.patients.rows import followed
from tests.progressions import lab

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def patient(team):
    """Growth at the second visit with blood of four days before."""
    ensure_default_model()
    found = followed([50.0, 65.0], team=team, tumour=Tumour.MELANOMA)
    found.courses.update(drug_class=DrugClass.COMBINED_CHECKPOINT)
    reader = login(team, Role.READER, username="anna")
    for visit in found.timepoints.order_by("scans__acquired_on"):
        signed_reading(visit, reader, clinical_status=ClinicalStatus.STABLE)
    replace_findings(conclude(patient_timeline(found.pk)))
    timeline = patient_timeline(found.pk)
    fresh = replace(lab(timeline.timepoints[1].last_on, 1.4), code="")
    replace_findings(conclude(replace(timeline, labs=(fresh,))))
    return found


def test_the_drawer_opens_and_closes_by_keyboard(desk, team, patient):
    desk.sit_down(login(team, Role.ONCOLOGIST))
    page = desk.page
    page.goto(reverse("patient", args=[patient.code]))
    strip = page.locator(".verdict")
    expect(strip).to_contain_text("iUPD")
    opener = page.locator("#unconfirmed").get_by_role("button", name="Open")
    opener.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#unconfirmed .psp-state")).to_contain_text("progression not yet confirmed; confirm between")
    number = page.locator("#unconfirmed .psp-number")
    expect(number).to_be_visible()
    assert "%" in number.inner_text() and number.inner_text() not in strip.inner_text()
    desk.look()
    page.locator("#unconfirmed").get_by_role("button", name="Close").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#unconfirmed .psp-state")).to_have_count(0)
    assert desk.complaints == []


def test_the_scoreboard_draws_its_calibration_with_a_table_twin(desk, team):
    model = ensure_default_model()
    episodes = [Episode(n, model.model_id, model.version, model.digest, _grade(n), False, True) for n in range(60)]
    graded = [GradedEpisode(one.patient_pk, one.grade) for one in episodes]
    replace_scoreboards(team.pk, [(episodes, asdict(scoreboard(graded)))])
    desk.sit_down(login(team, Role.BOARD))
    desk.page.goto("/pseudoprogression/")
    expect(desk.page.locator(".calibration .main-svg").first).to_be_visible()
    expect(desk.page.locator("main")).to_contain_text("Read the intervals, not the points")
    desk.page.get_by_text("The same as a table").click()
    expect(desk.page.locator(".calibration + details tbody tr")).to_have_count(5)
    desk.look()
    assert desk.complaints == []


def _grade(number: int) -> EpisodeGrade:
    is_event = number % 5 == 0
    grading = Grading.PSEUDOPROGRESSION if is_event else Grading.TRUE_PROGRESSION
    return EpisodeGrade(grading, date(2024, 5, 1), is_event, 0.05 + 0.006 * number, "")
