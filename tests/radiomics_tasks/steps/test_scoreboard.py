"""Grades of a team become its scoreboard: one a block, what was scored too late and who is made up apart."""

from dataclasses import replace
from datetime import date

import pytest

from patients.concluded.trust_findings import EpisodeGrade
from patients.concluded.trusted import EpisodeScore
from patients.models import Patient, ScoreboardKept, Team
from patients.reads.trusting.scoreboards import scoreboards_of
from patients.vocabulary import Step
from patients.words.trust_words import Grading
from patients.writes.trusting.scores import replace_scores
from radiomics_tasks import runs
from radiomics_tasks.models import ProcessingRun
from radiomics_tasks.steps.reassess import reassess_patient
from radiomics_tasks.steps.scoreboard import count_scores
from tests.factories import UserFactory, signed_reading
from tests.patients.rows import followed
from tests.progressions import GROWN, on, score_at

pytestmark = pytest.mark.django_db


def grade(is_event) -> EpisodeGrade:
    grading = Grading.PSEUDOPROGRESSION if is_event else Grading.TRUE_PROGRESSION
    return EpisodeGrade(grading, date(2024, 5, 1), bool(is_event), None, "")


def given(team: Team, *grades: EpisodeGrade, late=False, synthetic=False, visits: int = 1) -> Patient:
    """A patient of the team with a score at so many visits of one block, graded so when time has passed."""
    patient = followed([50.0, 65.0, 66.0], team=team, is_synthetic=synthetic)
    times = list(patient.timepoints.order_by("scans__acquired_on"))[1 : 1 + visits]
    score = replace(score_at(GROWN, 2), course_pk=patient.courses.get().pk, opened_on=on(2))
    said: list[EpisodeScore] = [replace(score, timepoint_pk=visit.pk) for visit in times]
    if not late:
        replace_scores(patient.pk, said)
    if grades or late:
        replace_scores(patient.pk, [replace(one, grades=grades, is_after_outcome=True) for one in said])
    return patient


def counted(team: Team):
    count_scores(runs.arm(Step.SCOREBOARD, team.pk).pk)
    return scoreboards_of([team.pk])


def test_episodes_are_counted_once_and_late_ones_apart(team):
    given(team, grade(True))
    given(team, grade(False), visits=2)
    given(team, grade(False), late=True)
    given(team)
    (kept,) = counted(team)
    assert (kept.board.n, kept.board.events, kept.board.patients) == (2, 1, 2)
    assert (kept.after_outcome, kept.waiting, kept.is_synthetic, kept.model_id) == (1, 1, False, "psp-default")
    assert kept.board.brier is None and "too few to say anything" in kept.board.sentences[0]


def test_made_up_patients_are_counted_on_a_board_of_their_own(team):
    given(team, grade(True), synthetic=True)
    given(team, grade(False), synthetic=True)
    given(team, grade(False))
    real, made_up = counted(team)
    assert (real.is_synthetic, real.board.n, real.board.events) == (False, 1, 0)
    assert (made_up.is_synthetic, made_up.board.n, made_up.board.events) == (True, 2, 1)


def test_enough_of_both_kinds_have_figures_that_come_back(team):
    for number in range(20):
        given(team, grade(number % 2))
    (kept,) = counted(team)
    assert (kept.board.n, kept.board.events) == (20, 10)
    figure = kept.board.brier
    assert figure.low <= figure.value <= figure.high and figure.n == 20
    assert sum(group.n for group in kept.board.groups) == 20 and kept.board.groups[0].observed.n == 10


def test_counting_again_replaces_and_no_episode_no_board(team):
    assert counted(team) == ()
    given(team)
    counted(team)
    assert len(counted(team)) == ScoreboardKept.objects.count() == 1


def test_a_conclusion_that_changes_a_score_has_it_counted(team):
    patient = followed([50.0, 65.0], team=team)
    reader = UserFactory.create()
    for visit in patient.timepoints.order_by("scans__acquired_on"):
        signed_reading(visit, reader)
    reassess_patient(runs.arm(Step.REASSESS, patient.pk).pk)
    assert patient.scores.count() == 1
    asked = ProcessingRun.objects.filter(step=Step.SCOREBOARD, subject_pk=team.pk)
    assert asked.count() == 1
    asked.delete()
    reassess_patient(runs.arm(Step.REASSESS, patient.pk).pk)
    assert not asked.exists()
