"""What is said where one lesion has several outlines at one visit."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from patients.findings import Response
from patients.timeline import Observation
from patients.vocabulary import LesionRole, Modality, ResponseCategory
from radiomics_tasks.analysis.conclude import conclude
from radiomics_tasks.analysis.response.targets import target_responses
from tests.timelines import FIRST_ON, course, features, observation, timeline, track, visit

SECOND_ON = FIRST_ON + timedelta(56)


def outlined(on: date, size: float, slice_mm: float | None = None, modality: Modality = Modality.CT) -> Observation:
    return replace(observation(2, on, size, modality=modality), slice_mm=slice_mm)


def said(*second: Observation, role: LesionRole = LesionRole.TARGET) -> list[str]:
    tracks = [track(1, [observation(1, FIRST_ON, 20.0), *second], role=role)]
    visits = [visit(1, FIRST_ON), visit(2, *(seen.observed_on for seen in second))]
    *_, response = target_responses(timeline(visits, tracks, [course(FIRST_ON)]))
    return [sentence for sentence in response.reasons if "outlines" in sentence]


@pytest.mark.parametrize(
    "second, counts",
    [
        ([outlined(SECOND_ON, 9.0), outlined(SECOND_ON + timedelta(3), 8.0)], "CT of 29 Feb 2024 counts, the last one"),
        (
            [outlined(SECOND_ON, 9.0, 5.0), outlined(SECOND_ON, 8.0, 1.25)],
            "CT of 26 Feb 2024 counts, of that day the one with the thinnest slices (1.25 mm)",
        ),
        (
            [outlined(SECOND_ON, 9.0, 5.0), outlined(SECOND_ON, 8.0, 5.0)],
            "CT of 26 Feb 2024 counts, chosen by its images' digest, since neither day nor slices decide",
        ),
        (
            [outlined(SECOND_ON, 9.0), outlined(SECOND_ON, 8.0, modality=Modality.MR)],
            "CT of 26 Feb 2024 counts, the kind of scan that it is followed on",
        ),
    ],
)
def test_which_outline_counts_and_why(second, counts):
    assert said(*second) == [f"liver 1 has 2 outlines on this visit: that on the {counts}"]


def test_one_outline_and_other_lesions_need_no_word():
    assert said(outlined(SECOND_ON, 9.0)) == []
    assert said(outlined(SECOND_ON, 9.0), outlined(SECOND_ON, 8.0), role=LesionRole.NON_TARGET) == []


def at_baseline(*days: int, starts: int = 5) -> tuple[Response, list[str]]:
    dates = [FIRST_ON + timedelta(days_) for days_ in days]
    seen = [observation(1, on, 30.0 + days_, scan_pk=days_) for on, days_ in zip(dates, days, strict=True)]
    later = observation(2, SECOND_ON, 20.0)
    visits = [visit(1, FIRST_ON, *dates), visit(2, SECOND_ON)]
    start = FIRST_ON + timedelta(starts)
    first, *_ = target_responses(timeline(visits, [track(1, [*seen, later])], [course(start)]))
    return first, list(first.reasons[1:])


def test_the_baseline_is_measured_before_treatment_began():
    first, said = at_baseline(0, 9)
    assert first.sum_mm == 30
    assert first.assessed_on == FIRST_ON
    shown = "that on the CT of 1 Jan 2024 counts, as treatment began on 6 Jan 2024"
    assert said == [f"liver 1 has 2 outlines on this visit: {shown}"]


def test_of_several_before_treatment_the_last_counts():
    first, said = at_baseline(0, 3, 9)
    assert first.sum_mm == 33
    assert said == ["liver 1 has 3 outlines on this visit: that on the CT of 4 Jan 2024 counts, the last one"]


def test_a_baseline_measured_only_after_treatment_began_is_a_warning():
    first, said = at_baseline(9)
    assert first.sum_mm == 39
    warning = "Warning: liver 1 was measured at baseline only on 10 Jan 2024, after treatment began on 6 Jan 2024"
    assert warning in said


def test_deltas_compare_with_the_outline_before_treatment():
    seen = [observation(1, FIRST_ON + timedelta(n), 10.0, features(n, (1.0, 2.0, 3.0)), scan_pk=n) for n in (1, 9)]
    later = observation(2, SECOND_ON, 20.0, features(20, (2.0, 3.0, 4.0)))
    visits = [visit(1, FIRST_ON, FIRST_ON + timedelta(9)), visit(2, SECOND_ON)]
    found = conclude(timeline(visits, [track(1, [*seen, later])], [course(FIRST_ON + timedelta(5))]))
    assert {delta.reference_snapshot_pk for delta in found.deltas} == {1}


def test_a_planned_course_is_said_at_the_last_visit_and_leaves_the_calls_alone():
    visits = [visit(1, FIRST_ON), visit(2, SECOND_ON)]
    tracks = [track(1, [observation(1, FIRST_ON, 20.0), observation(2, SECOND_ON, 30.0)])]
    known = [course(FIRST_ON)]
    before = target_responses(timeline(visits, tracks, known))
    planned = course(SECOND_ON + timedelta(5), "ipilimumab", pk=2)
    first, last = target_responses(timeline(visits, tracks, [*known, planned]))
    assert (first.category, last.category) == (before[0].category, before[1].category)
    assert last.category is ResponseCategory.PD
    said = "ipilimumab starts after this visit (2 Mar 2024): nothing was seen under it yet"
    assert last.reasons == (*before[1].reasons, said)
    assert first.reasons == before[0].reasons
