"""What a later line of therapy brings, a new baseline and other roles, changes no score of the line before it."""

from dataclasses import replace

import pytest

from patients.judged import LesionJudged
from patients.timeline import PatientTimeline
from patients.vocabulary import LesionRole
from patients.words.reading_words import NewDisease, SizeState
from tests.progressions import on, progression, said, score_at, with_new_lesion
from tests.timelines import course

LATER = course(on(4, 10), "carboplatin", pk=2)


def scaled(timeline: PatientTimeline, *unscaled: int) -> PatientTimeline:
    """The same with DICOM facts; scans of the `unscaled` visits are not in HU, and nothing compares with them."""

    def facts(visit: int) -> dict[str, object]:
        kind = "US" if visit in unscaled else "HU"
        return {"kind": "dicom", "acquisition": {"RescaleSlope": 1.0, "RescaleIntercept": 0.0, "RescaleType": kind}}

    visits = [
        replace(one, scans=tuple(replace(scan, pk=one.pk, facts=facts(one.pk)) for scan in one.scans))
        for one in timeline.timepoints
    ]
    return replace(timeline, timepoints=tuple(visits))


def test_growth_is_held_against_the_nadir_of_its_own_line():
    alone = scaled(progression(50.0, 40.0, 45.0, 60.0, 44.0), 2)
    followed = replace(alone, courses=(*alone.courses, LATER))
    found = score_at(followed, 4)
    assert found.score.reason.name == "KINETICS_NOT_COMPARABLE"
    assert (found.score, found.inputs) == (score_at(alone, 4).score, score_at(alone, 4).inputs)


def test_other_targets_of_a_later_line_change_nothing():
    alone = progression(50.0, 65.0, 66.0)
    told = (LesionJudged(1, SizeState.MEASURED, role=LesionRole.TARGET),)
    alone = replace(alone, judgements=(said(1, lesions=told), *alone.judgements[1:]))
    # The roles of lesions are those that were chosen last.
    tracks = (replace(alone.tracks[0], role=LesionRole.NON_TARGET),)
    followed = replace(alone, courses=(*alone.courses, course(on(3), pk=2)), tracks=tracks)
    assert score_at(followed, 2).score == score_at(alone, 2).score


@pytest.mark.parametrize(("count", "x"), [(1, 1), (3, 2)])
def test_what_was_new_before_is_not_new_again(count, x):
    """A lesion that came under the first line stands at the baseline of the second, whatever its role says."""
    both = with_new_lesion(progression(50.0, 51.0, 50.0, 65.0), 2)
    old = [replace(both.tracks[1], lesion_pk=20 + place, code=f"old-{place}") for place in range(2)]
    fresh = [
        replace(both.tracks[1], lesion_pk=30 + place, observations=both.tracks[1].observations[-1:])
        for place in range(count)
    ]
    words = (said(1), said(2, new=NewDisease.YES), said(3), said(4, new=NewDisease.YES))
    both = replace(both, tracks=(both.tracks[0], *old, *fresh), judgements=words)
    found = score_at(replace(both, courses=(*both.courses, course(on(3), pk=2))), 4).score
    (new,) = [one for one in found.contributions if one.item == "new_lesions"]
    assert new.x == x


@pytest.mark.parametrize("days", [0, 10, 55])
def test_another_therapy_before_the_next_assessment_ends_the_episode_without_an_outcome(days):
    """The next assessment belongs to the new line: nothing under the old one would ever be known."""
    alone = progression(50.0, 65.0, 30.0)
    later = course(on(2, days), "carboplatin", pk=2)
    found = score_at(replace(alone, courses=(*alone.courses, later)), 2)
    assert [(grade.grading.value, grade.as_of) for grade in found.grades] == [("INDETERMINATE", on(2, days))]
    assert score_at(alone, 2).grades[0].grading.value == "PSP_STRICT"


def test_a_therapy_that_is_only_planned_ends_nothing():
    alone = progression(50.0, 65.0)
    planned = course(on(2, 20), "carboplatin", pk=2)
    assert score_at(replace(alone, courses=(*alone.courses, planned)), 2).grades == ()
