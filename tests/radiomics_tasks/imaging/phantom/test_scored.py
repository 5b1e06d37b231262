"""What the score says of the demo's progressions, from their declared sizes, readings, blood and events alone."""

from functools import cache

import pytest

from patients.concluded.trusted import EpisodeScore
from patients.findings import PatientFindings
from patients.vocabulary import Criterion
from patients.words.trust_words import Band, NotCounted
from radiomics_tasks.analysis.conclude import conclude
from radiomics_tasks.imaging.phantom.cohort import DEMO_PATIENTS
from radiomics_tasks.imaging.phantom.cohort.signed import SIGNED
from tests.demo_timelines import demo_timeline


@cache
def concluded(pseudonym: str) -> PatientFindings:
    return conclude(demo_timeline(pseudonym))


def only_score(pseudonym: str) -> EpisodeScore:
    (found,) = concluded(pseudonym).scores
    return found


@pytest.mark.parametrize("patient", [one.pseudonym for one in DEMO_PATIENTS])
def test_declared_sizes_are_called_as_declared(patient: str):
    found = [one.category for one in concluded(patient).responses if one.criterion is Criterion.IRECIST]
    assert found == [said.immune_response for said in SIGNED[patient][1:]]


EXPECTED = {
    # The late responder: above its base rate; stable disease came first, which the strict label does not grade.
    "SYN-03": ("OK", None, 0.622, ["PSP_BROAD", "PSP_BROAD"]),
    "SYN-02": ("OK", None, 0.110, ["TRUE_PD"]),
    "SYN-06": ("OK", None, 0.118, ["TRUE_PD"]),
    "SYN-11": ("NOT_APPLICABLE", "ACQUIRED_RESISTANCE", None, ["TRUE_PD"]),
    "SYN-07": ("NOT_APPLICABLE", "ACQUIRED_RESISTANCE", None, []),
    # Nobody could confirm it: graded by the clinical course that followed.
    "SYN-04": ("OK", None, 0.088, ["TRUE_PD"]),
    "SYN-17": ("UNFAVOURABLE_CLINICAL", "CLINICAL_DETERIORATION", None, ["TRUE_PD"]),
    "SYN-14": ("INDETERMINATE", "WIDE_INTERVAL", None, []),
    # A pseudoprogression that the score calls less likely than usual: it is not a demo in which a score works.
    "SYN-18": ("OK", None, 0.089, ["PSP_STRICT"]),
}


@pytest.mark.parametrize("patient", EXPECTED)
def test_state_reason_probability_and_grades(patient: str):
    status, reason, probability, gradings = EXPECTED[patient]
    found = only_score(patient)
    assert (found.score.status.value, found.score.reason and found.score.reason.name) == (status, reason)
    assert found.score.probability == (probability and pytest.approx(probability, abs=0.001))
    assert [grade.grading.value for grade in found.grades] == gradings


def test_nobody_else_is_scored():
    assert {one.pseudonym for one in DEMO_PATIENTS if concluded(one.pseudonym).scores} == set(EXPECTED)


def test_the_late_responder_is_above_its_base_rate_by_its_ctdna():
    score = only_score("SYN-03").score
    assert (score.band, score.prior, score.by_weight[0].item) == (Band.ABOVE, 0.2, "ctdna")
    assert [one.item for one in score.left_out if one.reason is NotCounted.SWITCHED_OFF] == ["anti_ctla4"]


def test_a_new_lesion_alone_takes_growth_of_the_shrinking_targets_out():
    left_out = {one.item: one.reason for one in only_score("SYN-06").score.left_out}
    assert left_out["volume_ratio"] is NotCounted.TARGETS_NOT_DRIVER


def test_open_progressions_have_no_grade_yet_and_may_count():
    assert not only_score("SYN-14").is_after_outcome and not only_score("SYN-07").is_after_outcome
    assert only_score("SYN-04").is_after_outcome
