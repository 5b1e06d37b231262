"""The patient list: one row each, in a fixed number of queries, and never another team's."""

from datetime import timedelta
from decimal import Decimal

import pytest

from patients.reads.cohorts import cohort
from patients.vocabulary import Criterion, ResponseCategory
from tests.factories import (
    BASELINE_ON,
    PatientFactory,
    ResponseAssessmentFactory,
    ResponseSummaryFactory,
    ScanFactory,
    SegmentationFactory,
    TeamFactory,
    TimepointFactory,
    TreatmentCourseFactory,
    UserFactory,
    followed_patient,
)
from tests.patients.rows import scan_on

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("patients, lesions, dates, features", [(1, 1, 2, 107), (6, 5, 8, 107), (2, 5, 8, 1316)])
def test_the_number_of_queries_does_not_grow(team, django_assert_num_queries, patients, lesions, dates, features):
    for _ in range(patients):
        followed_patient(team, lesions, dates, features)
    with django_assert_num_queries(8):
        rows = cohort([team.pk])
    assert [(row.visits, len(row.sums)) for row in rows] == [(dates, dates)] * patients


def test_a_row_says_how_the_patient_stands(team):
    patient = followed_patient(team, lesions=2, dates=3)
    ResponseAssessmentFactory.create(
        timepoint=TimepointFactory.create(patient=patient),
        assessed_on=BASELINE_ON + timedelta(400),
        category=ResponseCategory.NE,
        sum_mm="",
    )
    TreatmentCourseFactory.create(patient=patient, name="Docetaxel", started_on=BASELINE_ON + timedelta(200))
    (row,) = cohort([team.pk])
    assert (row.code, row.pseudonym, row.pk) == (str(patient.code), patient.pseudonym, patient.pk)
    assert (row.courses, row.category) == ("Docetaxel", ResponseCategory.NE)
    assert row.last_on == BASELINE_ON + timedelta(112)
    assert row.sums[0] == (BASELINE_ON, Decimal("61.0"))
    assert row.sums[-1] == (BASELINE_ON + timedelta(400), None)


def test_another_teams_patients_are_not_in_the_list(team):
    PatientFactory.create(team=team, pseudonym="ours")
    theirs = PatientFactory.create(pseudonym="theirs")
    SegmentationFactory.create(scan=scan_on(theirs, BASELINE_ON), lesion=None)
    assert [row.pseudonym for row in cohort([team.pk])] == ["ours"]
    assert cohort([]) == []
    assert cohort([team.pk], "theirs") == []
    assert {row.pseudonym for row in cohort([team.pk, theirs.team_id])} == {"ours", "theirs"}


def test_what_waits_comes_first_then_the_latest_scan(team):
    names = {"old": 0, "new": 100, "waits": 50}
    for name, days in names.items():
        scan = scan_on(PatientFactory.create(team=team, pseudonym=name), BASELINE_ON + timedelta(days))
        if name == "waits":
            SegmentationFactory.create_batch(2, scan=scan, lesion=None)
    PatientFactory.create(team=team, pseudonym="empty")
    rows = cohort([team.pk])
    assert [row.pseudonym for row in rows] == ["waits", "new", "old", "empty"]
    assert [row.waiting_outlines for row in rows] == [2, 0, 0, 0]


@pytest.mark.parametrize(
    "search, found",
    [("p-1", ["P-1", "P-10"]), (" P-10 ", ["P-10"]), ("NIVO", ["P-2"]), ("%", []), ("\0", ["P-1", "P-10", "P-2"])],
)
def test_a_search_looks_in_pseudonyms_and_courses(team, search, found):
    for name in ("P-1", "P-10", "P-2"):
        PatientFactory.create(team=team, pseudonym=name)
    treated = PatientFactory._meta.model.objects.get(pseudonym="P-2")
    for _ in range(2):
        TreatmentCourseFactory.create(patient=treated, name="Nivolumab")
    assert [row.pseudonym for row in cohort([team.pk], search)] == found


def test_scans_of_one_visit_are_one_visit():
    team = TeamFactory.create()
    scan = scan_on(PatientFactory.create(team=team), BASELINE_ON)
    ScanFactory.create(timepoint=scan.timepoint, acquired_on=BASELINE_ON + timedelta(3))
    assert [row.visits for row in cohort([team.pk])] == [1]


def test_visits_measured_elsewhere_count_and_other_criteria_do_not_mix_in(team):
    patient = followed_patient(team, lesions=1, dates=2)
    elsewhere = TimepointFactory.create(patient=patient, judged_on=BASELINE_ON + timedelta(100))
    for more in ({"criterion": Criterion.IRECIST}, {"reader": UserFactory.create()}):
        ResponseAssessmentFactory.create(
            timepoint=elsewhere, assessed_on=BASELINE_ON + timedelta(100), category=ResponseCategory.PD, **more
        )
    (row,) = cohort([team.pk])
    assert (row.visits, row.last_on, row.category) == (3, BASELINE_ON + timedelta(100), ResponseCategory.SD)
    assert len(row.sums) == 2


@pytest.mark.parametrize("days, category, is_after", [(50, "PR", True), (200, "PR", False), (50, "PD", False)])
def test_a_response_after_progression_is_told_apart(team, days, category, is_after):
    course = TreatmentCourseFactory.create(patient=PatientFactory.create(team=team))
    on = BASELINE_ON + timedelta(days)
    ResponseAssessmentFactory.create(
        timepoint=TimepointFactory.create(patient=course.patient),
        course=course,
        criterion=Criterion.RECIST_1_1,
        category=category,
        assessed_on=BASELINE_ON + timedelta(100),
    )
    ResponseSummaryFactory.create(patient=course.patient, course=course, progressed_on=on)
    (row,) = cohort([team.pk])
    assert (row.overall, row.progressed_on) == (ResponseCategory(category), on if is_after else None)
