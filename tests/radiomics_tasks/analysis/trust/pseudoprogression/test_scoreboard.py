"""Statistics against plain calculations, intervals that cover as often as they say, and silence where n is small."""

import math
from datetime import date

import numpy as np
import pytest

from patients.concluded.trust_findings import EpisodeGrade
from patients.words.trust_words import Grading
from radiomics_tasks.analysis.trust.pseudoprogression import calibration
from radiomics_tasks.analysis.trust.pseudoprogression.calibration import Outcomes, resampled_weights, with_interval
from radiomics_tasks.analysis.trust.pseudoprogression.scoreboard import GradedEpisode, scoreboard

GRADINGS = {True: Grading.PSEUDOPROGRESSION, False: Grading.TRUE_PROGRESSION}


def graded(patient_pk: int, probability: float | None, event, grading: Grading | None = None, **more):
    found = grading or GRADINGS[event]
    return GradedEpisode(patient_pk, EpisodeGrade(found, date(2024, 6, 1), event, probability, "", **more))


def made_up(n: int, seed: int, shift: float = 0.0, stretch: float = 1.0) -> list[tuple[float, bool, int]]:
    """Episodes whose true log-odds are the told ones, shifted and stretched; two to a patient."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(-1.0, 1.0, n)
    truth = 1 / (1 + np.exp(-(shift + stretch * logits)))
    told = 1 / (1 + np.exp(-logits))
    return [(float(p), bool(u < t), k // 2) for k, (p, t, u) in enumerate(zip(told, truth, rng.random(n), strict=True))]


def board(rows: list[tuple[float, bool, int]]):
    return scoreboard([graded(patient, probability, event) for probability, event, patient in rows])


def test_statistics_are_those_of_a_plain_calculation():
    rows = made_up(300, seed=1)
    found = board(rows)
    events, others = [p for p, event, _ in rows if event], [p for p, event, _ in rows if not event]
    pairs = [(a > b) + 0.5 * (a == b) for a in events for b in others]
    assert found.discrimination.value == pytest.approx(sum(pairs) / len(pairs), abs=1e-12)
    plain = math.fsum((p - event) ** 2 for p, event, _ in rows) / 300
    share = len(events) / 300
    assert found.brier.value == pytest.approx(plain, abs=1e-12)
    assert found.scaled_brier.value == pytest.approx(1 - plain / (share * (1 - share)), abs=1e-12)
    assert found.observed_to_expected.value == pytest.approx(len(events) / math.fsum(p for p, _, _ in rows), abs=1e-12)
    shifted = [1 / (1 + math.exp(-(math.log(p / (1 - p)) + found.intercept.value))) for p, _, _ in rows]
    assert math.fsum(shifted) == pytest.approx(len(events), abs=1e-9)
    assert (found.n, found.events, found.patients) == (300, len(events), 150)


def test_every_figure_has_its_interval_and_n_and_comes_out_the_same_again():
    rows = made_up(300, seed=2)
    found = board(rows)
    assert found == board(rows)
    for figure in (found.brier, found.scaled_brier, found.discrimination, found.observed_to_expected, found.intercept):
        assert figure.low < figure.value < figure.high
        assert figure.n == 300
    assert sum(group.n for group in found.groups) == 300
    assert [group.expected for group in found.groups] == sorted(group.expected for group in found.groups)
    assert all(group.observed.low <= group.events / group.n <= group.observed.high for group in found.groups)


def test_a_score_that_says_too_little_and_too_extreme_is_seen():
    found = board(made_up(1500, seed=3, shift=0.5, stretch=0.5))
    assert found.slope.low < 0.5 < found.slope.high < 1
    assert found.intercept.low > 0.5
    assert found.observed_to_expected.low > 1


@pytest.mark.parametrize("statistic", [calibration.intercept, calibration.observed_to_expected])
def test_intervals_cover_about_as_often_as_they_say(statistic):
    truth = 0.0 if statistic is calibration.intercept else 1.0
    hits = 0
    for seed in range(200):
        outcomes = Outcomes.of(made_up(150, seed))
        figure = with_interval(statistic, outcomes, resampled_weights(outcomes, 300, seed))
        hits += figure.low <= truth <= figure.high
    assert 180 <= hits <= 199


def test_the_slope_s_interval_covers_about_as_often_as_it_says():
    figures = [calibration.slope(Outcomes.of(made_up(300, seed))) for seed in range(200)]
    assert 180 <= sum(figure.low <= 1 <= figure.high for figure in figures) <= 199


def test_episodes_of_one_patient_are_drawn_together():
    rows = made_up(60, seed=4)
    alone = [(p, event, number) for number, (p, event, _) in enumerate(rows)]
    doubled = [(p, event, number % 60) for number, (p, event, _) in enumerate(rows * 2)]
    once, twice = (board(cohort).brier for cohort in (alone, doubled))
    assert (twice.value, twice.low, twice.high) == pytest.approx((once.value, once.low, once.high), abs=1e-12)


def test_too_few_say_nothing():
    nine = [graded(k, 0.2, True) for k in range(9)] + [graded(50 + k, 0.1, False) for k in range(40)]
    found = scoreboard(nine)
    assert found.sentences == (
        "49 graded (9 pseudoprogression and 40 true progression): fewer than 10 of each, too few to say anything.",
    )
    assert (found.brier, found.discrimination, found.intercept, found.slope, found.groups) == (
        None,
        None,
        None,
        None,
        (),
    )


def test_between_ten_and_a_hundred_the_intervals_are_to_be_read():
    ten = [graded(k, 0.3 + k / 100, True) for k in range(10)] + [graded(50 + k, 0.1, False) for k in range(10)]
    found = scoreboard(ten)
    assert "fewer than 100 of each. Read the intervals" in found.sentences[0]
    assert (found.discrimination.value, found.slope) == (1.0, None)
    assert len(found.groups) == 2


def test_a_hundred_of_each_are_told_plainly():
    rows = [(0.5, k % 2 == 0, k) for k in range(200)]
    found = board(rows)
    assert found.sentences == ("200 graded (100 pseudoprogression and 100 true progression).",)
    assert (found.slope, found.discrimination.value, found.intercept.value) == (
        None,
        0.5,
        pytest.approx(0.0, abs=1e-12),
    )


def test_what_is_not_graded_is_counted():
    found = scoreboard(
        [
            graded(1, None, True),
            graded(2, None, False),
            graded(3, 0.2, True, is_late_pd=True),
            graded(4, 0.2, None, Grading.UNRESOLVED),
            graded(5, 0.2, None, Grading.OPEN),
            graded(6, None, None, Grading.OPEN),
        ]
    )
    assert (found.n, found.abstained, found.abstained_events, found.late_progressions) == (1, 2, 1, 1)
    assert dict(found.not_graded) == {Grading.OPEN: 2, Grading.UNRESOLVED: 1}


def test_a_certainty_that_failed_still_has_a_calibration():
    rows = [(1.0, k % 2 == 0, k) for k in range(30)] + [(0.0, k % 2 == 0, 30 + k) for k in range(30)]
    found = board(rows)
    assert found.brier.value == 0.5
    assert math.isfinite(found.intercept.value)
