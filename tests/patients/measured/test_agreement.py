"""Rows that contradict each other are told by row and column; what is filed already is not new."""

import pytest

from patients.measured.agreement import plan, rows_of
from patients.measured.rows import KnownPatient
from tests.measured_tables import NEW, SMALL_COURSE, lesion, planned, read, told, visit

BASE = lesion()
LATER = {"date": "2024-03-01"}
FOUND = {**NEW, "new_disease": "YES"}


def targets(*organs: str) -> list[dict[str, str]]:
    return [lesion(lesion=f"{organ} {n}", organ=organ) for n, organ in enumerate(organs)]


def known(*rows: dict[str, str]) -> dict[str, KnownPatient]:
    one = planned(*rows).patients[0]
    return {one.pseudonym: KnownPatient(one, tuple((visit.on, visit.on) for visit in one.visits))}


def test_a_small_course_agrees():
    agreed = planned(*SMALL_COURSE)
    assert agreed.problems == ()
    assert [len(one.visits) for one in agreed.patients] == [2]
    assert [one.name for one in agreed.patients[0].lesions] == ["liver 1", "node 1", "lung 1"]


@pytest.mark.parametrize(
    "rows, where, words",
    [
        ([BASE, BASE], (3, "lesion"), "stands in row 2 already"),
        ([visit(), visit()], (3, "date"), "The visit of 2024-01-01 stands in row 2"),
        ([lesion(**LATER), BASE], (3, "date"), "lies before 2024-03-01 in row 2"),
        ([BASE, lesion(lesion="liver 2", non_target="NCNP")], (3, "non_target"), "Row 2, of the same visit"),
        ([BASE, lesion(lesion="liver 2", course_start="2024-01-09")], (3, "course_start"), "Row 2"),
        ([BASE, lesion(**LATER, role="NON_TARGET")], (3, "role"), "liver 1 has two roles: NON_TARGET here, TARGET in"),
        ([BASE, lesion(**LATER, organ="LUNG")], (3, "organ"), "two organs"),
        ([BASE, lesion(**LATER, nodal="yes")], (3, "nodal"), "two answers to nodal: yes here, no in row 2"),
        ([lesion(**LATER)], (2, "course_start"), "The baseline comes after treatment start"),
        ([BASE, lesion(**LATER, course_name="Second")], (3, "course_name"), "is First line, OTHER, elsewhere"),
        ([BASE, lesion(**LATER, course_start="")], (3, "course_start"), "It is empty here"),
        ([lesion(course_stop="2024-01-02")], (2, "course_stop"), "stops before its start"),
        ([BASE, lesion(**LATER, lesion="liver 2")], (3, "lesion"), "target lesion without a row at baseline"),
        ([BASE, lesion(**FOUND | {"date": "2024-01-01", "new_disease": "NO"})], (3, "date"), "cannot be there on"),
        ([BASE, lesion(**FOUND | {"diameter_mm": "", "state": "ABSENT"})], (3, "state"), "before it was ever seen"),
        ([BASE, lesion(**NEW)], (3, "new_disease"), "NO is said, and lung 1 is first found here"),
        ([lesion(diameter_mm="", state="ABSENT")], (2, "state"), "before it was ever seen"),
        ([lesion(new_disease="EQ")], (2, "new_disease"), "Nothing is new at baseline"),
        ([BASE, lesion(lesion="bone", role="NON_TARGET", organ="BONE")], (2, "non_target"), "NA says"),
        ([BASE, lesion(patient="p1")], (3, "patient"), "differ in capitals only"),
        ([lesion(state="MERGED", merged_into="liver 1", diameter_mm="")], (2, "merged_into"), "no other lesion"),
        ([BASE, visit(**LATER)], (3, "lesion"), "says nothing of liver 1"),
        (targets("LIVER", "LIVER", "LIVER"), (4, "role"), "at most 2 targets in one organ"),
        (targets("LIVER", "LUNG", "BONE", "SKIN", "BRAIN", "OTHER"), (7, "role"), "at most 5 target lesions"),
    ],
)
def test_rows_that_contradict_each_other(rows, where, words):
    agreed = planned(*rows)
    assert agreed.patients == () or where[1] == "patient"
    assert where in told(agreed.problems)
    assert any(words in str(problem) for problem in agreed.problems)


def test_nodes_are_one_organ_wherever_they_lie():
    rows = [lesion(lesion=f"node {n}", organ=organ, nodal="yes") for n, organ in enumerate(("LYMPH_NODE", "PELVIS"))]
    assert planned(*rows, lesion()).problems == ()


def test_a_patient_with_a_bad_cell_is_not_judged_further():
    assert told(planned(lesion(diameter_mm="x"), lesion(**LATER)).problems) == [(2, "diameter_mm")]


def test_two_lines_of_therapy_each_with_its_baseline():
    second = {"course_start": "2024-06-01", "course_name": "Second"}
    rows = [BASE, lesion(date="2024-05-20"), lesion(date="2024-08-01", **second)]
    assert [course.name for course in planned(*rows).patients[0].courses] == ["First line", "Second"]
    wrong = [BASE, lesion(date="2024-05-20", **second), lesion(date="2024-08-01", **second)]
    assert told(planned(*wrong).problems) == [(3, "course_start")]


def test_the_same_table_again_is_nothing_new():
    again = plan(read(*SMALL_COURSE), known(*SMALL_COURSE))
    assert (again.patients, again.problems, again.known_visits) == ((), (), 2)


def test_a_later_visit_is_added_to_what_is_filed():
    agreed = plan(read(lesion(date="2024-03-01")), known(BASE))
    assert [[str(visit.on) for visit in one.visits] for one in agreed.patients] == [["2024-03-01"]]
    assert (agreed.patients[0].lesions, agreed.patients[0].courses) == ((), ())


def test_a_signed_visit_is_never_changed():
    agreed = plan(read(lesion(diameter_mm="41")), known(BASE))
    assert [str(problem) for problem in agreed.problems] == [
        "row 2, date: The visit of 2024-01-01 is filed already and says something else. A signed reading is kept."
    ]


def test_what_was_entered_since_need_not_be_repeated():
    filed = known(lesion(local_therapy="SURGERY", local_therapy_date="2024-02-01", course_stop="2024-05-01"))
    assert plan(read(BASE), filed).problems == ()
    other = plan(read(lesion(local_therapy="RADIATION", local_therapy_date="2024-02-01")), filed)
    assert told(other.problems) == [(2, "local_therapy")]


def test_rows_come_out_as_they_went_in():
    table = read(*SMALL_COURSE)
    assert tuple(rows_of(plan(table, {}).patients[0])) == table.rows
