"""Markup in names, notes and reasons is text on every page, in hover text and in every export."""

import json
import re

import pytest

from patients.models import Lesion
from patients.reads.timelines import patient_timeline
from patients.vocabulary import Role
from patients.writes.findings import replace_findings
from patients.writes.readings.signing import adjudicate, reopen_visits
from radiomics_tasks.analysis.conclude import conclude
from tests.assessing import address, visits
from tests.factories import LesionTreatmentFactory, followed_patient, login, signed_reading

pytestmark = pytest.mark.django_db
EVIL = "<b class=evil onclick=alert(1)>x</b>"
FIGURE = re.compile(r'<script type="application/json" class="figure-data">(.*?)</script>', re.S)


@pytest.fixture
def patient(team, storage):
    """A patient whose every word is markup, read by two who differ."""
    patient = followed_patient(team, lesions=2, dates=3, storage=storage)
    for place, lesion in enumerate(patient.lesions.order_by("pk")):
        Lesion.objects.filter(pk=lesion.pk).update(tracking_id=f"{EVIL}{place}")
    patient.courses.update(name=EVIL)
    LesionTreatmentFactory.create(
        lesion=patient.lesions.order_by("pk")[1], treated_on=visits(patient)[2].judged_on or "2024-04-01"
    )
    readers = [login(team, Role.READER, username=name) for name in ("anna", "boris")]
    lesion = patient.lesions.order_by("pk")[0]
    for visit in visits(patient)[:2]:
        words = {"note": EVIL, "new_disease_why": EVIL, "reappearance": "EQ", "reappearance_why": EVIL}
        rows = [signed_reading(visit, reader, {lesion: 40.0}, new_disease="EQ", **words) for reader in readers]
    adjudicate(visits(patient)[1], rows[0], login(team, Role.STEWARD), EVIL)
    reopen_visits([visits(patient)[0].pk], EVIL)
    replace_findings(conclude(patient_timeline(patient.pk)))
    return patient


def pages(patient) -> list[str]:
    first, second, third = visits(patient)
    lesion = patient.lesions.order_by("pk")[0]
    each = [address(visit) for visit in (first, second, third)]
    outlines = [f"/lesions/{lesion.code}/", f"/lesions/{lesion.code}/drawer"]
    drawers = [f"/patients/{patient.code}/visits/{second.pk}", address(second, "adjudication")]
    return ["/patients/", "/due/", f"/patients/{patient.code}/", *each, *outlines, *drawers]


@pytest.mark.parametrize("role", [Role.STEWARD, Role.READER, Role.BOARD])
def test_no_page_and_no_hover_text_takes_it_for_markup(as_user, team, patient, role):
    client, met = as_user(login(team, role)), 0
    for page in pages(patient):
        shown = client.get(page).content.decode()
        assert "<b class=evil" not in shown, page
        met += "&lt;b class=evil" in shown
        for figure in FIGURE.findall(shown):
            # Chart text is markup of its own: there it is escaped once more. The label is read aloud, as text.
            drawn = {name: part for name, part in json.loads(figure).items() if name != "label"}
            assert "<b class=evil" not in json.dumps(drawn, ensure_ascii=False), (page, sorted(drawn))
    assert met >= 3


def test_an_export_says_it_as_it_was_written(as_user, team, patient):
    client = as_user(login(team, Role.BOARD))
    for name in ("measurements", "responses"):
        answer = client.get(f"/patients/{patient.code}/{name}.csv")
        assert answer["Content-Type"].startswith("text/csv") and "attachment" in answer["Content-Disposition"]
        assert EVIL in b"".join(answer.streaming_content).decode()
