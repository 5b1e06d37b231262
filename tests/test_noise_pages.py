"""In a browser: what can be measured, and changes beside it on lesion and course pages, read well and have no fault."""

import pytest
from playwright.sync_api import expect

from patients.models import Segmentation
from patients.vocabulary import Role
from patients.writes.trusting.noise import replace_tables
from tests.factories import login, stored_pictures
from tests.monitoring.views.test_noise import MEAN, table
from tests.noisy import concluded_beside
from tests.patients.rows import followed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_changes_beside_their_noise_read_well(desk, team, served):
    replace_tables([table()])
    patient = concluded_beside(followed([30.0, 31.0, 26.0], [20.0, 14.0, 12.0], team=team), 0.05)
    Segmentation.objects.update(slices=stored_pictures(served))
    desk.sit_down(login(team, Role.READER))
    desk.page.goto("/noise/")
    expect(desk.page.locator("main")).to_contain_text("−15 % / +18 %")
    desk.look()
    desk.page.goto(f"/lesions/{patient.lesions.first().code}/?feature={MEAN}")
    expect(desk.page.locator("#features table")).to_contain_text("outside noise (MDC")
    desk.look()
    desk.page.goto(f"/patients/{patient.code}/")
    expect(desk.page.locator("main")).to_contain_text("expected by chance")
    desk.look()
    desk.page.goto("/discordance/")
    expect(desk.page.locator("main")).to_contain_text("left its noise band")
    desk.look()
    assert desk.complaints == []
