"""Every unconfirmed progression is scored on what was known then, and graded by what came after, never the reverse."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patients.labs.words import Analyte, DeathCause, EventKind, SymptomCause
from patients.vocabulary import DrugClass
from patients.words.reading_words import ClinicalStatus
from patients.words.trust_words import Grading, ScoreStatus
from radiomics_tasks.analysis.trust.pseudoprogression.episodes import within_range
from radiomics_tasks.analysis.trust.pseudoprogression.evidence import Evidence, ItemEvidence
from radiomics_tasks.analysis.trust.pseudoprogression.model import default_model
from tests.progressions import event, lab, on, progression, said, score_at, scores
from tests.timelines import course

GROWN = progression(50.0, 65.0)


def gradings(timeline) -> list[str]:
    return [grade.grading.value for grade in score_at(timeline, 2).grades]


def test_an_open_progression_is_scored_and_waits():
    (found,) = scores(GROWN)
    assert (found.score.status, found.timepoint_pk, found.opened_on) == (ScoreStatus.OK, 2, on(2))
    assert (found.is_after_outcome, found.grades) == (False, ())
    assert found.score.low < found.score.probability < found.score.high


def test_a_baseline_that_nobody_read_hides_no_progression():
    assert len(scores(replace(GROWN, judgements=(said(2),)))) == 1


def test_a_reset_to_a_response_is_pseudoprogression():
    assert gradings(progression(50.0, 65.0, 30.0)) == [Grading.PSEUDOPROGRESSION]
    assert score_at(progression(50.0, 65.0, 30.0), 2).is_after_outcome


def test_a_confirmed_progression_is_true_progression():
    timeline = progression(50.0, 65.0, 85.0)
    (grade,) = score_at(timeline, 2).grades
    assert (grade.grading, grade.is_pseudoprogression, grade.as_of) == (Grading.TRUE_PROGRESSION, False, on(3))


def test_a_reset_later_than_twelve_weeks_is_graded_when_it_comes():
    """The assessment between, 56 days on, finds the progression as it was."""
    timeline = progression(50.0, 65.0, 65.0, 30.0)
    assert gradings(timeline) == ["OPEN", "OPEN", "PSP_STRICT"]
    # The same progression looked at again is one more score, of the same block.
    assert [one.opened_on for one in scores(timeline)] == [on(2), on(2)]


@pytest.mark.parametrize(
    ("kind", "detail", "days", "grading"),
    [
        (EventKind.DEATH, DeathCause.DISEASE, 83, "TRUE_PD"),
        (EventKind.DEATH, DeathCause.DISEASE, 84, "TRUE_PD"),
        (EventKind.DEATH, DeathCause.DISEASE, 85, "INDETERMINATE"),
        (EventKind.DEATH, DeathCause.OTHER, 40, "INDETERMINATE"),
        (EventKind.CLINICAL_PROGRESSION, None, 20, "TRUE_PD"),
        (EventKind.LOST, None, 30, "INDETERMINATE"),
    ],
)
def test_what_happens_without_another_assessment_grades(kind, detail, days, grading):
    timeline = replace(GROWN, events=(event(kind, on(2, days), detail=detail),))
    assert gradings(timeline) == [grading]


@pytest.mark.parametrize(("days", "expected"), [(83, []), (84, [Grading.INDETERMINATE])])
def test_a_progression_never_followed_up_is_indeterminate_after_twelve_weeks(days: int, expected):
    """Methods 5.6: no evaluable visit. Until something is known of the day nothing is graded at all."""
    assert gradings(replace(GROWN, events=(event(EventKind.OTHER, on(2, days)),))) == expected


def test_a_visit_after_twelve_weeks_says_more_than_none_within_them():
    late = progression(50.0, 65.0, None, 30.0)
    assert gradings(late) == [Grading.OPEN, Grading.INDETERMINATE, Grading.PSEUDOPROGRESSION]


def test_a_score_given_after_a_death_is_after_the_outcome():
    died = replace(GROWN, events=(event(EventKind.DEATH, on(2, 20), detail=DeathCause.DISEASE),))
    decided = replace(GROWN, events=(event(EventKind.ADJUDICATED_OUTCOME, on(2)),))
    assert score_at(died, 2).is_after_outcome and score_at(decided, 2).is_after_outcome
    assert not score_at(replace(GROWN, events=(event(EventKind.IRAE, on(2, 20)),)), 2).is_after_outcome


def test_another_therapy_first_grades_nothing():
    after = (event(EventKind.OTHER, on(4)),)
    another = course(on(2, 14), "ipilimumab", pk=2)
    assert gradings(replace(GROWN, courses=(*GROWN.courses, another), events=after))[0] == "INDETERMINATE"


def test_a_drug_that_is_merely_stopped_ends_no_episode():
    """For toxicity, or because it was given to its end: what the next assessment shows still grades."""
    courses = (replace(GROWN.courses[0], stopped_on=on(2, 10)),)
    assert gradings(progression(50.0, 65.0, 30.0, courses=courses)) == [Grading.PSEUDOPROGRESSION]
    assert gradings(progression(50.0, 65.0, 85.0, courses=courses)) == [Grading.TRUE_PROGRESSION]
    assert gradings(progression(50.0, 65.0, 65.0, courses=courses)) == [Grading.OPEN]


@pytest.mark.parametrize("drug_class", [DrugClass.CHEMOTHERAPY, DrugClass.TARGETED])
def test_no_immunotherapy_no_number(drug_class):
    courses = (replace(GROWN.courses[0], drug_class=drug_class),)
    found = score_at(replace(GROWN, courses=courses), 2).score
    assert (found.status.value, found.reason.value, found.prior) == (
        "NOT_APPLICABLE", found.reason.NOT_ON_ICI.value, None
    )  # fmt: skip


def test_therapy_stopped_before_the_scan_is_no_therapy():
    stopped = replace(GROWN.courses[0], stopped_on=on(2, -1))
    assert score_at(replace(GROWN, courses=(stopped,)), 2).score.reason.name == "NOT_ON_ICI"


def test_after_a_response_no_number():
    found = score_at(progression(50.0, 30.0, 45.0), 3).score
    assert (found.status.value, found.reason.name, found.probability) == ("NOT_APPLICABLE", "ACQUIRED_RESISTANCE", None)


def test_a_value_that_cannot_be_is_told_and_not_used():
    evidence = Evidence(
        None, True, items={"ldh": ItemEvidence(1e6), "nlr": ItemEvidence(2.0), "other": ItemEvidence(1)}
    )
    found = within_range(evidence, default_model())
    assert list(found.items) == ["nlr"]
    assert "ldh must lie between" in found.warnings[0] and "It is 1e+06." in found.warnings[0]


LATER = st.integers(1, 200).map(lambda days: on(2, days))
LATER_LABS = st.lists(st.builds(lab, LATER, st.floats(0.1, 9), st.sampled_from(list(Analyte)[:4])), max_size=4)
LATER_EVENTS = st.lists(
    st.one_of(
        st.builds(event, st.just(EventKind.ECOG), LATER, grade=st.integers(0, 4)),
        st.builds(event, st.just(EventKind.SYMPTOM), LATER, detail=st.sampled_from(SymptomCause)),
        st.builds(event, st.just(EventKind.DEATH), LATER, detail=st.just(DeathCause.DISEASE)),
    ),
    max_size=3,
)


@given(
    sizes=st.lists(st.one_of(st.floats(5, 120), st.none()), max_size=2),
    labs=LATER_LABS,
    events=LATER_EVENTS,
    clinical=st.sampled_from(ClinicalStatus),
    stopped=st.one_of(st.none(), st.integers(1, 120)),
)
@settings(max_examples=40, deadline=None)
def test_nothing_that_comes_later_changes_what_was_said(sizes, labs, events, clinical, stopped):
    before = replace(progression(50.0, 65.0), labs=(lab(on(2, -3), 1.4), lab(on(2, -3), 2.1, Analyte.NLR)))
    after = progression(50.0, 65.0, *sizes)
    later = tuple(replace(one, clinical_status=clinical) for one in after.judgements[2:])
    courses = (replace(after.courses[0], stopped_on=on(2, stopped) if stopped else None),)
    grown = replace(after, judgements=(*after.judgements[:2], *later), courses=courses)
    grown = replace(grown, labs=(*before.labs, *labs), events=tuple(events))
    then, now = score_at(before, 2), score_at(grown, 2)
    assert (then.score, then.inputs) == (now.score, now.inputs)
