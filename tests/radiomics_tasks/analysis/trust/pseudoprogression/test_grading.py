"""An episode is graded by what came first, as far as it was known, and only under the strict label."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from patients.concluded.trust_findings import Score
from patients.findings import UnconfirmedProgression
from patients.words.trust_words import Grading, ScoreStatus
from radiomics_tasks.analysis.trust.pseudoprogression.grading import Followed, episode_grade, grading_dates

OPENED = date(2024, 1, 1)
CLOSED = date(2024, 2, 12)
LATER = date(2025, 1, 1)
SCORE = Score(ScoreStatus.OK, (), "psp-default", "0.2.0", "", (), prior=0.2, probability=0.318)
SILENT = Score(ScoreStatus.INDETERMINATE, (), "psp-default", "0.2.0", "", (), prior=0.2)


def episode(label: str, closed_on: date | None = CLOSED) -> UnconfirmedProgression:
    outcome = {"TRUE_PD": "CONFIRMED", "OPEN": "OPEN"}.get(label, "RESET")
    window = OPENED + timedelta(days=28), OPENED + timedelta(days=56)
    return UnconfirmedProgression(OPENED, ("T",), outcome, *window, closed_on, label)


@pytest.mark.parametrize(
    ("label", "event"),
    [("PSP_STRICT", True), ("TRUE_PD", False), ("PSP_BROAD", None), ("UNRESOLVED", None)],
)
def test_only_the_strict_label_grades(label: str, event):
    found = episode_grade(SCORE, episode(label), Followed(), LATER)
    assert (found.grading, found.is_pseudoprogression, found.probability) == (Grading(label), event, 0.318)


def test_nothing_later_than_the_day_of_grading_is_looked_at():
    before = episode_grade(SCORE, episode("PSP_STRICT"), Followed(), CLOSED - timedelta(days=1))
    assert (before.grading, before.is_pseudoprogression) == (Grading.OPEN, None)
    assert episode_grade(SCORE, episode("PSP_STRICT"), Followed(), CLOSED).is_pseudoprogression is True
    again = Followed(next_opened_on=CLOSED + timedelta(days=84))
    assert not episode_grade(SCORE, episode("PSP_STRICT"), again, CLOSED + timedelta(days=83)).is_late_pd


@pytest.mark.parametrize(("days", "is_late"), [(84, True), (85, False)])
def test_a_progression_soon_after_the_reset_is_flagged_and_the_label_stands(days: int, is_late):
    again = Followed(next_opened_on=CLOSED + timedelta(days=days))
    found = episode_grade(SCORE, episode("PSP_STRICT"), again, LATER)
    assert (found.grading, found.is_late_pd) == (Grading.PSEUDOPROGRESSION, is_late)
    assert not episode_grade(SCORE, episode("TRUE_PD"), again, LATER).is_late_pd


@pytest.mark.parametrize(("days", "grading"), [(84, Grading.TRUE_PROGRESSION), (85, Grading.INDETERMINATE)])
def test_a_death_from_the_disease_within_twelve_weeks_is_true_progression(days: int, grading: Grading):
    died = Followed(worsened_on=OPENED + timedelta(days=days))
    assert episode_grade(SCORE, episode("OPEN", None), died, LATER).grading is grading


@pytest.mark.parametrize(
    ("assessed_on", "days", "grading"),
    [(None, 83, "OPEN"), (None, 84, "INDETERMINATE"), (83, 84, "OPEN"), (90, 84, "INDETERMINATE"), (90, 90, "OPEN")],
)
def test_twelve_weeks_without_an_assessment_are_indeterminate(assessed_on: int | None, days: int, grading: str):
    seen = Followed(assessed_on=OPENED + timedelta(days=assessed_on) if assessed_on else None)
    found = episode_grade(SCORE, episode("OPEN", None), seen, OPENED + timedelta(days=days))
    assert (found.grading.value, found.is_pseudoprogression) == (grading, None)


def test_what_came_first_decides():
    changed = Followed(left_on=CLOSED - timedelta(days=1))
    assert episode_grade(SCORE, episode("PSP_STRICT"), changed, LATER).grading is Grading.INDETERMINATE
    assert episode_grade(SCORE, episode("PSP_STRICT"), Followed(left_on=CLOSED), LATER).is_pseudoprogression is True
    both = Followed(worsened_on=CLOSED, left_on=CLOSED)
    assert episode_grade(SCORE, episode("OPEN", None), both, LATER).grading is Grading.TRUE_PROGRESSION


def test_the_sentence_says_what_the_score_had_said():
    strict = episode("PSP_STRICT")
    assert episode_grade(SCORE, strict, Followed(), LATER).sentence == (
        "Pseudoprogression: reset to a response. The score had said 32 %, against a base rate of 20 %."
    )
    assert episode_grade(SILENT, strict, Followed(), LATER).sentence.endswith("The score had given no number.")
    unlabelled = replace(episode("OPEN", None), label="")
    seen = Followed(assessed_on=CLOSED)
    assert episode_grade(SCORE, unlabelled, seen, LATER).sentence == "Neither confirmed nor reset yet."


def test_dates_of_grading():
    assert grading_dates(episode("OPEN", None), None) == (date(2024, 3, 25),)
