"""In a browser: the versions of a harmonisation, a steward's button, and harmonised beside raw on a lesion."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from patients.models import Segmentation
from patients.vocabulary import Role, Step
from radiomics_tasks import runs
from radiomics_tasks.harmonising import rederive_patient
from radiomics_tasks.models import ProcessingRun
from radiomics_tasks.steps.harmonise import fit_harmonisation
from tests.factories import login, stored_pictures
from tests.scanner_cohort import MEAN, scanned_patient, scanner_cohort

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def followed_lesion(team, served):
    """A lesion seen by a small scanner, by one that is not in the model and by a large one."""
    snapshots = scanner_cohort(team, (24, 12))
    scanned_patient(team, 50, "Drive", 1.0)
    fit_harmonisation(runs.arm(Step.HARMONISE, team.pk, "ct").pk)
    lesion = snapshots[-1].segmentation.lesion
    for days, model in ((60, "Drive"), (120, "Force")):
        scanned_patient(team, days, model, 2.0, patient=lesion.patient, lesion=lesion, days=days)
    Segmentation.objects.filter(lesion=lesion).update(slices=stored_pictures(served))
    rederive_patient(lesion.patient_id)
    return lesion


def test_a_lesion_shows_raw_first_and_what_is_not_in_the_model(desk, team, followed_lesion):
    desk.sit_down(login(team, Role.READER))
    desk.page.goto(reverse("lesion", args=[followed_lesion.code]) + f"?feature={MEAN}")
    table = desk.page.locator("#features table")
    expect(table.get_by_role("columnheader").nth(1)).to_have_text("Value")
    expect(table.get_by_role("columnheader").nth(2)).to_contain_text("Harmonised version 1")
    rows = table.locator("tbody tr")
    expect(rows.nth(0)).to_contain_text("mean-only")
    expect(rows.nth(1)).to_contain_text("scanner not in the model")
    sizes = [rows.nth(2).locator("td").nth(at).evaluate("cell => getComputedStyle(cell).fontSize") for at in (0, 1)]
    assert sizes[0] == sizes[1]
    desk.look()


def test_a_steward_reads_the_versions_and_fits_the_next(desk, team, followed_lesion):
    desk.sit_down(login(team, Role.STEWARD))
    desk.page.goto("/harmonisation/")
    expect(desk.page.get_by_role("heading", name="CT version 1")).to_be_visible()
    expect(desk.page.locator("main")).to_contain_text("not in the model: a batch of one")
    desk.look()
    desk.page.get_by_role("button", name="Fit").click()
    expect(desk.page.locator("main")).to_contain_text("are being harmonised")
    assert ProcessingRun.objects.filter(step=Step.HARMONISE, input_key__startswith="ct:").count() == 1
    assert desk.complaints == []
