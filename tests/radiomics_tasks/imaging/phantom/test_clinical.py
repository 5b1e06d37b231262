"""Blood and events of the demo cohort: declared for everybody, taken by the same checks, as the stories say."""

from datetime import date

import pytest

from patients.lab_tables.happenings import checked_event
from patients.lab_tables.results import ResultSaid, checked_result
from patients.labs.words import Analyte, Bound
from patients.vocabulary import Tumour
from radiomics_tasks.imaging.phantom.cohort import DEMO_PATIENTS
from radiomics_tasks.imaging.phantom.cohort.clinical import CLINICAL
from radiomics_tasks.imaging.phantom.cohort.labs import event_texts, result_texts

TODAY = date(2026, 1, 1)
PLANS = {plan.pseudonym: plan for plan in DEMO_PATIENTS}


def results(pseudonym: str, analyte: Analyte) -> list[tuple[int, ResultSaid]]:
    plan = PLANS[pseudonym]
    said = [checked_result(texts, TODAY)[0] for texts in result_texts(plan, CLINICAL[pseudonym])]
    started_on = plan.courses[0].started_on
    return [((one.taken_on - started_on).days, one) for one in said if one is not None and one.analyte is analyte]


@pytest.mark.parametrize("plan", DEMO_PATIENTS, ids=lambda plan: plan.pseudonym)
def test_everything_declared_passes_the_checks_of_anybody(plan):
    declared = CLINICAL[plan.pseudonym]
    problems = [problem for texts in result_texts(plan, declared) for problem in checked_result(texts, TODAY)[1]]
    problems += [problem for texts in event_texts(plan, declared) for problem in checked_event(texts, TODAY)[1]]
    assert problems == []
    assert declared.tumour is not Tumour.UNKNOWN


def test_blood_is_fresh_at_every_scan():
    for plan in DEMO_PATIENTS:
        days = [day for day, _ in results(plan.pseudonym, Analyte.LDH)]
        for visit in plan.visits:
            on = (visit.scans[0].acquired_on - plan.courses[0].started_on).days
            assert any(0 <= on - day <= 14 for day in days) or on < 0


def test_the_true_progressor_and_the_pseudoprogressor_as_specified():
    ldh = {
        day: one.canonical_value / one.canonical_high
        for day, one in results("SYN-02", Analyte.LDH)
        if one.canonical_high
    }
    assert (round(ldh[-7], 2), round(ldh[98], 2)) == (1.1, 1.9)
    assert {one.unit for _, one in results("SYN-02", Analyte.LDH)} == {"µkat/L"}
    levels = {day: one for day, one in results("SYN-03", Analyte.CTDNA)}
    assert levels[-7].canonical_value > 10 * levels[56].canonical_value
    assert levels[77].bound is Bound.BELOW


def test_who_dies_has_no_blood_taken_afterwards():
    for name in ("SYN-04", "SYN-17"):
        plan = PLANS[name]
        events = [texts for texts in event_texts(plan, CLINICAL[name]) if texts["kind"] == "DEATH"]
        assert [texts["date"] for texts in events] == [str(plan.died_on)]
        assert all(one.taken_on < plan.died_on for _, one in results(name, Analyte.LDH) if plan.died_on)
