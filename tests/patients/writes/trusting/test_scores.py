"""A score stays as it was given: nothing that becomes known later changes it, and the database forbids it."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import IntegrityError, transaction

from patients.concluded.trust_findings import EpisodeGrade
from patients.concluded.trusted import EpisodeScore
from patients.models import PseudoprogressionScore
from patients.reads.trusting.scores import scores_in_force, scores_of
from patients.words.trust_words import Grading
from patients.writes.trusting.scores import replace_scores
from tests.factories import TreatmentCourseFactory
from tests.patients.rows import followed
from tests.progressions import GROWN, lab, on, score_at

pytestmark = pytest.mark.django_db

GRADE = EpisodeGrade(Grading.PSEUDOPROGRESSION, date(2024, 5, 1), True, 0.9, "said by another score")


@pytest.fixture
def patient():
    return followed([50.0, 65.0])


def said(patient, ratio: float = 1.0, **more) -> EpisodeScore:
    """The score of the second visit under such an LDH, in rows of a patient."""
    found = score_at(replace(GROWN, labs=(lab(on(2), ratio),)), 2)
    visit = patient.timepoints.order_by("scans__acquired_on").last()
    return replace(found, timepoint_pk=visit.pk, course_pk=patient.courses.get().pk, **more)


def kept(patient) -> list[tuple[float, bool, bool]]:
    rows = PseudoprogressionScore.objects.filter(patient=patient)
    return [(row.probability, row.is_after_outcome, row.superseded_at is not None) for row in rows]


def test_a_score_comes_back_as_it_was_given(patient):
    one = said(patient)
    assert replace_scores(patient.pk, [one]) is True
    (found,) = scores_of(patient.pk)
    assert (found.score, found.evidence_only, found.grades) == (one.score, one.evidence_only, ())
    assert not found.is_after_outcome and found.outcome_known_at is None
    assert found.inputs["items"]["ldh"]["value"] == 1.0


def test_the_same_again_changes_nothing(patient):
    replace_scores(patient.pk, [said(patient)])
    assert replace_scores(patient.pk, [said(patient)]) is False
    assert len(kept(patient)) == 1


def test_a_correction_before_the_outcome_supersedes_and_the_old_one_stays(patient):
    first, second = said(patient), said(patient, 2.0)
    replace_scores(patient.pk, [first])
    replace_scores(patient.pk, [second])
    assert kept(patient) == [(first.score.probability, False, True), (second.score.probability, False, False)]
    assert [one.score.probability for one in scores_in_force([patient.pk])] == [second.score.probability]


def test_after_the_outcome_only_grades_are_renewed_and_against_what_was_said(patient):
    first = said(patient)
    replace_scores(patient.pk, [first])
    late = said(patient, 2.0, is_after_outcome=True, grades=(GRADE,))
    assert replace_scores(patient.pk, [late]) is True
    (found,) = scores_of(patient.pk)
    assert found.score == first.score and not found.is_after_outcome and found.outcome_known_at is not None
    (grade,) = found.grades
    percent = round(100 * first.score.probability)
    assert grade.probability == first.score.probability
    assert f"The score had said {percent} %" in grade.sentence


def test_an_outcome_that_was_known_is_never_unknown_again(patient):
    """The later reading is taken back, a result corrected meanwhile: that is no prediction."""
    replace_scores(patient.pk, [said(patient)])
    replace_scores(patient.pk, [said(patient, is_after_outcome=True, grades=(GRADE,))])
    replace_scores(patient.pk, [said(patient, 2.0)])
    assert kept(patient) == [(said(patient).score.probability, False, False)]


def test_what_is_first_given_after_the_outcome_says_so_and_may_be_corrected(patient):
    replace_scores(patient.pk, [said(patient, is_after_outcome=True)])
    replace_scores(patient.pk, [said(patient, 2.0)])
    assert [(after, superseded) for _, after, superseded in kept(patient)] == [(True, True), (True, False)]


def test_a_progression_that_is_none_any_more_is_superseded_and_comes_back_as_late_as_it_was(patient):
    replace_scores(patient.pk, [said(patient, is_after_outcome=True)])
    assert replace_scores(patient.pk, []) is True
    replace_scores(patient.pk, [said(patient)])
    assert [(after, superseded) for _, after, superseded in kept(patient)] == [(True, True), (True, False)]


def test_one_given_in_time_comes_back_as_given_whatever_newer_code_makes_of_it(patient):
    """Its progression was gone for a moment after the outcome: no late score takes its place on the scoreboard."""
    first = said(patient)
    replace_scores(patient.pk, [first])
    replace_scores(patient.pk, [said(patient, is_after_outcome=True, grades=(GRADE,))])
    given_at = PseudoprogressionScore.objects.get().given_at
    replace_scores(patient.pk, [])
    assert replace_scores(patient.pk, [said(patient, 2.0, is_after_outcome=True, grades=(GRADE,))]) is True
    assert kept(patient) == [(first.score.probability, False, True), (first.score.probability, False, False)]
    (found,) = scores_in_force([patient.pk])
    assert (found.score, found.given_at, found.is_after_outcome) == (first.score, given_at, False)
    assert found.outcome_known_at is not None and found.grades[0].probability == first.score.probability
    assert replace_scores(patient.pk, [said(patient, 3.0, is_after_outcome=True, grades=(GRADE,))]) is False


def test_one_given_in_time_takes_its_place_back_from_a_late_one(patient):
    first = said(patient)
    replace_scores(patient.pk, [first])
    replace_scores(patient.pk, [said(patient, is_after_outcome=True, grades=(GRADE,))])
    replace_scores(patient.pk, [])
    late = PseudoprogressionScore.objects.get()
    late.pk, late.is_after_outcome, late.superseded_at, late.inputs_digest = None, True, None, "0" * 64
    late.save()
    replace_scores(patient.pk, [said(patient, 2.0, is_after_outcome=True, grades=(GRADE,))])
    assert [(after, superseded) for _, after, superseded in kept(patient)] == [
        (False, True),
        (True, True),
        (False, False),
    ]


def test_one_given_in_time_moves_to_another_line_of_therapy(patient):
    first = said(patient)
    replace_scores(patient.pk, [first])
    late = said(patient, 2.0, is_after_outcome=True, grades=(GRADE,))
    replace_scores(patient.pk, [late])
    other = TreatmentCourseFactory.create(patient=patient)
    replace_scores(patient.pk, [replace(late, course_pk=other.pk)])
    (found,) = scores_in_force([patient.pk])
    assert (found.course_pk, found.score, found.is_after_outcome) == (other.pk, first.score, False)


def test_one_that_was_withdrawn_before_the_outcome_and_differs_today_is_given_late(patient):
    replace_scores(patient.pk, [said(patient)])
    replace_scores(patient.pk, [])
    replace_scores(patient.pk, [said(patient, 2.0, is_after_outcome=True)])
    assert [(after, superseded) for _, after, superseded in kept(patient)] == [(False, True), (True, False)]


@pytest.mark.parametrize(
    "change",
    [
        {"probability": 0.5},
        {"score": {}},
        {"evidence_only": None},
        {"inputs": {}},
        {"inputs_digest": "0" * 64},
        {"is_after_outcome": True},
        {"status": "INDETERMINATE"},
        {"model_digest": "0" * 64},
        {"given_at": "2020-01-01T00:00:00Z"},
    ],
)
def test_the_database_forbids_changing_what_was_said(patient, change):
    replace_scores(patient.pk, [said(patient)])
    with pytest.raises(IntegrityError, match="a score is never changed"), transaction.atomic():
        PseudoprogressionScore.objects.update(**change)


def test_the_database_forbids_unlearning_an_outcome_and_reviving_a_score(patient):
    replace_scores(patient.pk, [said(patient, is_after_outcome=True)])
    replace_scores(patient.pk, [])
    for change in ({"superseded_at": None}, {"outcome_known_at": None}):
        with pytest.raises(IntegrityError, match="is never changed"), transaction.atomic():
            PseudoprogressionScore.objects.update(**change)


def test_a_score_outlives_its_line_of_therapy_and_gets_no_other(patient):
    replace_scores(patient.pk, [said(patient)])
    other = TreatmentCourseFactory.create(patient=patient)
    with pytest.raises(IntegrityError, match="a score is never changed"), transaction.atomic():
        PseudoprogressionScore.objects.update(course=other)
    patient.courses.exclude(pk=other.pk).delete()
    (found,) = scores_of(patient.pk)
    assert (found.course_pk, found.score) == (None, score_at(GROWN, 2).score)
