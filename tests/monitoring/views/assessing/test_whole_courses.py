"""Courses entered through the form and concluded: complete response and return, a merge, late and revised visits."""

import pytest

from patients.models import Reading
from patients.reads.findings import responses_of
from patients.reads.timelines import patient_timeline
from patients.vocabulary import Criterion, LesionRole, Role
from patients.words.reading_words import ReadingState
from patients.writes.findings import replace_findings
from radiomics_tasks.analysis.conclude import conclude
from tests.assessing import address, entered, visits, words
from tests.factories import followed_patient, login

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient(team):
    """Two targets of 30 and 31 mm that lose 3 mm a visit, four visits."""
    return followed_patient(team, lesions=2, dates=4)


@pytest.fixture
def client(as_user, team):
    return as_user(login(team, Role.READER, username="reader"))


def sign(client, visit, said=None, **judged):
    """Sign one visit through the form; `said`: the state of each lesion by its place, or more of it."""
    lesions = list(visit.patient.lesions.order_by("pk"))
    named = {
        f"lesion-{lesions[place].pk}-{name}": value
        for place, fields in (said or {}).items()
        for name, value in fields.items()
    }
    answer = client.post(address(visit), entered(visit, **{"non_target": "NA", **named, **judged}))
    assert answer.status_code == 302, words(answer)
    replace_findings(conclude(patient_timeline(visit.patient_id)))


def called(patient, criterion=Criterion.RECIST_1_1) -> list[str]:
    """What counts, visit by visit after the baseline."""
    found = {r.timepoint_pk: r for r in responses_of(patient.pk) if r.criterion is criterion and r.reader_pk is None}
    return [found[visit.pk].category.value for visit in visits(patient) if visit.pk in found]


GONE = {0: {"state": "ABSENT"}, 1: {"state": "ABSENT"}}


def test_a_complete_response_and_its_return(client, patient):
    first, second, third, fourth = visits(patient)
    sign(client, first)
    sign(client, second, GONE)
    sign(client, third, GONE)
    assert called(patient) == ["CR", "CR"]
    assert "Disease after a complete response" in words(client.get(address(fourth)))
    sign(client, fourth, {1: {"state": "ABSENT"}})
    assert called(patient) == ["CR", "CR", "PD"] and called(patient, Criterion.IRECIST)[-1] == "iUPD"
    shown = words(client.get(f"/patients/{patient.code}/"))
    assert "back after" in shown.lower() and "4 Mar 2024" in shown


def test_merged_lesions_are_summed_as_one(client, patient):
    first, second = visits(patient)[:2]
    sign(client, first)
    one = patient.lesions.order_by("pk")[0]
    whole = {"is_own": "on", "diameter_mm": "52.5", "diameter_why": "both in one", "diameter_from": "TYPED"}
    sign(client, second, {0: whole, 1: {"state": "MERGED", "merged_into": str(one.pk)}})
    (found,) = [r for r in responses_of(patient.pk) if r.criterion is Criterion.RECIST_1_1]
    assert (float(found.sum_mm), found.category.value) == (52.5, "SD")
    assert f"merged into {one.tracking_id}" in words(client.get(f"/patients/{patient.code}/"))


def test_a_baseline_that_is_read_last_chooses_the_targets_of_all(client, patient):
    first, second, third, _ = visits(patient)
    for visit in (second, third):
        sign(client, visit)
    before = called(patient)
    lesion = patient.lesions.order_by("pk")[1]
    sign(client, first, {1: {"role": "NON_TARGET"}}, non_target="NCNP")
    lesion.refresh_from_db()
    assert lesion.role == LesionRole.NON_TARGET
    assert len(called(patient)) == len(before) == 2
    sums = [float(r.sum_mm) for r in responses_of(patient.pk) if r.criterion is Criterion.RECIST_1_1]
    assert sums == [27.0, 24.0]
    assert Reading.objects.filter(state=ReadingState.SIGNED).count() == 3


def test_an_earlier_visit_revised_after_a_later_one_calls_both_again(client, patient):
    first, second, third, _ = visits(patient)
    for visit in (first, second, third):
        sign(client, visit)
    assert called(patient) == ["SD", "SD"]
    client.post(f"{address(second)}/revise")
    sign(client, second, new_disease="YES", version="2")
    assert called(patient)[0] == "PD" and called(patient, Criterion.IRECIST)[0] == "iUPD"
    states = Reading.objects.filter(timepoint=second).order_by("version").values_list("state", flat=True)
    assert list(states) == [ReadingState.REPLACED, ReadingState.SIGNED]
    assert Reading.objects.get(timepoint=third).state == ReadingState.SIGNED
    assert "Version 1, signed" in words(client.get(address(second)))
    assert "(version 2)" in words(client.get(f"/patients/{patient.code}/"))
