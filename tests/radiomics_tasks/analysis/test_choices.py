"""What is said where one lesion has several outlines at one visit."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from patients.timeline import Observation
from patients.vocabulary import LesionRole, Modality
from radiomics_tasks.analysis.response.targets import target_responses
from tests.timelines import FIRST_ON, course, observation, timeline, track, visit

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
