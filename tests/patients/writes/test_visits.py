"""Visits: the same whatever the order of filing, and never changed behind a signed reading's back."""

from datetime import date, timedelta
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patients.models import Patient, Reading, Scan
from patients.words.reading_words import ReadingState
from patients.writes.filing import Decision, file_candidate
from patients.writes.visits import Dated, grouped
from tests.factories import (
    BASELINE_ON,
    CandidateFactory,
    PatientFactory,
    ReadingFactory,
    TeamFactory,
    UploadFactory,
    UserFactory,
    signed_reading,
)

WINDOW = timedelta(14)


def on(day: int) -> date:
    return BASELINE_ON + timedelta(day)


def filed(patient: Patient, *days: int) -> list[Scan]:
    upload = UploadFactory.create(team=patient.team)
    said = Decision(user=None, window_days=14, patient=patient)
    rows = [CandidateFactory.create(upload=upload, acquired_on=on(day), outlines=[]) for day in days]
    return [file_candidate(row, said) for row in rows]


def visits(patient: Patient) -> list[list[int]]:
    found: dict[int, list[int]] = {}
    for scan in patient.scans.order_by("acquired_on"):
        found.setdefault(scan.timepoint_id, []).append((scan.acquired_on - BASELINE_ON).days)
    assert patient.timepoints.count() == len(found)
    return sorted(found.values())


@pytest.mark.django_db
@pytest.mark.parametrize("days, expected", [((0, 10, 20), [[0, 10], [20]]), ((0, 9, 17, 24), [[0, 9], [17, 24]])])
def test_any_order_of_filing_gives_the_same_visits(days, expected):
    team = TeamFactory.create()
    for order in permutations(days):
        patient = PatientFactory.create(team=team)
        filed(patient, *order)
        assert visits(patient) == expected, order


dated = st.builds(
    Dated, st.integers(0, 60).map(on), st.sampled_from("abcdef"), st.integers(1, 10**6), st.integers(0, 3)
)


@settings(deadline=None)
@given(st.lists(dated, unique=True, max_size=12), st.randoms(use_true_random=False), st.sets(st.integers(1, 3)))
def test_the_order_of_scans_never_matters_and_nothing_is_lost(scans, chance, signed):
    shuffled = scans[:]
    chance.shuffle(shuffled)
    groups = grouped(scans, WINDOW, signed)
    assert grouped(shuffled, WINDOW, signed) == groups
    assert sorted(seen for group in groups for seen in group) == sorted(scans)
    for visit_pk in signed:
        assert sum(any(seen.visit_pk == visit_pk for seen in group) for group in groups) <= 1
    for group in groups:
        if not {seen.visit_pk for seen in group} & signed:
            assert group[-1].on - group[0].on <= WINDOW


@pytest.mark.django_db
def test_a_visit_keeps_its_row_with_its_first_scan():
    patient = PatientFactory.create()
    first, second, later = filed(patient, 10, 20, 60)
    filed(patient, 0)
    assert visits(patient) == [[0, 10], [20], [60]]
    assert Scan.objects.get(pk=first.pk).timepoint_id == first.timepoint_id
    assert Scan.objects.get(pk=second.pk).timepoint_id not in (first.timepoint_id, later.timepoint_id)
    assert Scan.objects.get(pk=later.pk).timepoint_id == later.timepoint_id


@pytest.mark.django_db
def test_a_signed_visit_loses_no_scan_and_its_reading_is_reopened_with_the_reason():
    patient = PatientFactory.create()
    signed = signed_reading(filed(patient, 10, 20)[0].timepoint, UserFactory.create())
    filed(patient, 0)
    assert visits(patient) == [[0], [10, 20]]
    signed.refresh_from_db()
    draft = Reading.objects.get(state=ReadingState.DRAFT)
    assert (signed.state, draft.supersedes, draft.timepoint) == (ReadingState.REOPENED, signed, signed.timepoint)
    assert f"the scan of {on(0)}" in draft.reopened_why


@pytest.mark.django_db
def test_a_signed_visit_that_gains_a_scan_is_reopened():
    patient = PatientFactory.create()
    signed = signed_reading(filed(patient, 0)[0].timepoint, UserFactory.create())
    filed(patient, 5)
    assert visits(patient) == [[0, 5]]
    signed.refresh_from_db()
    assert signed.state == ReadingState.REOPENED
    assert Reading.objects.get(state=ReadingState.DRAFT).reopened_why == f"The visit has gained a scan, of {on(5)}"


@pytest.mark.django_db
def test_a_signed_visit_that_is_not_touched_stays_signed():
    patient = PatientFactory.create()
    signed = signed_reading(filed(patient, 0, 10)[0].timepoint, UserFactory.create())
    filed(patient, 40, 30, 20)
    assert visits(patient) == [[0, 10], [20, 30], [40]]
    signed.refresh_from_db()
    assert signed.state == ReadingState.SIGNED


@pytest.mark.django_db
@pytest.mark.parametrize("is_begun", [True, False])
def test_a_row_left_without_scans_goes_unless_somebody_began_to_read_it(is_begun):
    patient = PatientFactory.create()
    _, other = filed(patient, 0, 30)
    if is_begun:
        ReadingFactory.create(timepoint=other.timepoint)
    Scan.objects.filter(pk=other.pk).update(acquired_on=on(5))
    filed(patient, 90)
    left = list(patient.timepoints.filter(scans=None).values_list("pk", flat=True))
    assert left == ([other.timepoint_id] if is_begun else [])
