"""A real course read by a reader: what a worker concludes stands in rows, page, table, export and conformance alike."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse

from patients.models import Patient, ResponseAssessment, ResponseSummary
from patients.vocabulary import Criterion, Role, Step
from patients.words.reading_words import NewDisease, NonTarget
from patients.writes.readings.content import ReadingContent
from patients.writes.readings.drafts import save_reading, start_reading
from patients.writes.readings.signing import sign_reading
from radiomics_tasks import runs
from radiomics_tasks.arrivals import hand_in
from tests.factories import login
from tests.live_worker import running_worker
from tests.test_road import demo_liver, import_scan

pytestmark = pytest.mark.django_db(transaction=True)

IMMUNE = ["iUPD", "iSD", "iPR"]
OVERALL = ["PD", "SD", "PR"]
WINDOW = ("2021-05-10", "2021-06-07")
NOTHING_ELSE = ReadingContent(non_target=NonTarget.NA, new_disease=NewDisease.NO)


@pytest.fixture
def patient(transactional_db, tmp_path, data_dir: Path) -> Any:
    """The four dates filed, measured, read and concluded by a real worker."""
    course = tmp_path / "course.json"
    course.write_text(json.dumps([{"name": "Nivolumab", "drug_class": "ANTI_PD_L1", "started_on": "2021-03-02"}]))
    folder = data_dir / "demo_longitudinal_simulated" / "DEMO-LIVER-01"
    with running_worker(tmp_path / "worker.log"):
        status, printed = import_scan(*demo_liver(folder, "SEG"), "--patient", "LIVER", "--course", course)
        assert status == 0, printed
        found = Patient.objects.get(pseudonym="LIVER")
        reader = login(found.team, Role.READER, username="reader")
        for visit in found.timepoints.order_by("scans__acquired_on"):
            draft = save_reading(start_reading(visit, reader), NOTHING_ELSE, reader)
            sign_reading(draft, reader)
        with transaction.atomic():
            runs.arm(Step.REASSESS, found.pk)
        hand_in.wait_until_concluded([found])
        yield found


def page_of(patient: Patient, role: Role) -> tuple[Client, str]:
    browser = Client()
    browser.force_login(login(patient.team, role))
    return browser, browser.get(reverse("patient", args=[patient.code])).content.decode()


def figure(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" class="figure-data">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found.group(1))["figure"]


def table(browser: Client, name: str, patient: Patient) -> list[dict[str, str]]:
    answer = browser.get(reverse(name, args=[patient.code]))
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]  # a streamed answer
    return list(csv.DictReader(io.StringIO(text)))


def check_rows(patient: Patient) -> list[ResponseAssessment]:
    rows = ResponseAssessment.objects.filter(patient=patient, reader=None).order_by("timepoint__scans__acquired_on")
    found = {c: [row.category for row in rows if row.criterion == c] for c in Criterion}
    assert found[Criterion.RECIST_1_1_TARGET] == ["BASELINE", "PD", "SD", "PR"]
    assert found[Criterion.RECIST_1_1] == OVERALL
    assert found[Criterion.IRECIST] == IMMUNE
    assert all(row.rule and row.source and row.reasons and row.protocol for row in rows if row.category in IMMUNE)
    (block,) = ResponseSummary.objects.get(patient=patient, reader=None).blocks
    assert block["outcome"] == "RESET"
    return [row for row in rows if row.criterion == Criterion.RECIST_1_1_TARGET]


def check_page(page: str, opened_on: str) -> None:
    for category in (*OVERALL, *IMMUNE):
        assert f"call-{category}" in page
    assert "data-handling recommendation, not validated for patient management" in page
    drawn = figure(page)
    letters = {trace["name"]: trace["text"] for trace in drawn["data"] if trace.get("mode") == "text"}
    assert letters == {"RECIST 1.1": OVERALL, "iRECIST": IMMUNE}
    bands = [shape for shape in drawn["layout"]["shapes"] if shape.get("opacity")]
    assert [shape["x0"] > opened_on for shape in bands] == [True]
    assert '10 May 2021</span> – <span class="nowrap">7 Jun 2021</span>: reset' in page


def check_export(rows: list[dict[str, str]]) -> None:
    called = [row for row in rows if row["criterion"] == "IRECIST"]
    assert [row["category"] for row in called] == IMMUNE
    assert all(row["rule"] and row["reasons"] and row["source"] and "version" in row["protocol"] for row in called)
    assert any("mm: " in row["flips"] for row in rows)
    assert [(row["confirm_from"], row["confirm_until"]) for row in called] == [WINDOW, ("", ""), ("", "")]


def check_conformance(path: Path, sums: list[ResponseAssessment]) -> None:
    """The same sums as a case of the published format."""
    days = [row.assessed_on.isoformat() for row in sums]
    visits = [
        {"date": day, "t_sum": float(row.sum_mm), "nt": "NA"} for day, row in zip(days[1:], sums[1:], strict=True)
    ]
    baseline = {"date": days[0], "t_sum": float(sums[0].sum_mm)}
    case = {"id": "LIVER", "title": "LIVER", "baseline": baseline, "visits": visits, "expect": {"tp": IMMUNE}}
    path.write_text(json.dumps([case]))
    out = io.StringIO()
    call_command("assess_response", str(path), stdout=out, stderr=io.StringIO())
    assert out.getvalue().splitlines()[-1] == "1 of 1 cases agree"


def test_unconfirmed_progression_then_stable_then_response(patient: Patient, tmp_path: Path):
    sums = check_rows(patient)
    browser, page = page_of(patient, Role.ONCOLOGIST)
    check_page(page, sums[1].assessed_on.isoformat())
    assert "If " in page and "Repeated readings of one lesion differ" in page
    check_export(table(browser, "responses_csv", patient))
    assert len(table(browser, "measurements_csv", patient)) == 8
    check_conformance(tmp_path / "cases.json", sums)
    # Another reader has signed nothing: no call of the first one, no flip and no size as signed may be seen.
    blinded, hidden = page_of(patient, Role.READER)
    assert "first: what other readers called is hidden until you sign your own" in hidden
    assert not any(f"call-{category}" in hidden for category in (*OVERALL, *IMMUNE))
    assert "Not assessed by you yet" in hidden
    assert "Repeated readings" not in hidden
    assert [trace for trace in figure(hidden)["data"] if trace.get("mode") == "text"] == []
    assert table(blinded, "responses_csv", patient) == []
    assert table(blinded, "measurements_csv", patient) == []
    assert "assess first" in blinded.get(reverse("cohort")).content.decode()
