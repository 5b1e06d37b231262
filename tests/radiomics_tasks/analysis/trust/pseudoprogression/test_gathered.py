"""The evidence is what stood in the record on the day of the visit; where a piece is missing the score abstains."""

from dataclasses import replace

import pytest

from patients.concluded.trust_findings import PairComparability, RuleHit, Score
from patients.concluded.trusted import LesionComparison, PairAccepted
from patients.labs.words import Analyte, EventKind, SymptomCause
from patients.vocabulary import DrugClass, Reference
from patients.words.reading_words import ClinicalStatus
from patients.words.trust_words import Comparability, NotCounted, ScoreStatus, SourceKind
from radiomics_tasks.analysis.criteria.sums import STANDARD
from radiomics_tasks.analysis.grounds import Grounds
from radiomics_tasks.analysis.response.called import called_responses
from radiomics_tasks.analysis.trust.pseudoprogression.episodes import episode_scores
from tests.progressions import event, lab, on, progression, said, score_at, with_new_lesion

GROWN = progression(50.0, 65.0)
HIT = RuleHit("PHASE", Comparability.WARN, "phase", "tag", "arterial", "portal", "equal phases", "Phases differ.")
RULES = ((HIT,), (), "rules", "1", "digest")


def score(timeline, visit: int = 2) -> Score:
    return score_at(timeline, visit).score


def abstains(found: Score) -> tuple[str, str]:
    assert found.probability is None and found.band is None
    return found.status.value, found.reason.name


def pair(level: Comparability, accepted: PairAccepted | None = None) -> LesionComparison:
    return LesionComparison(1, 2, Reference.NADIR, 1, 1, 2, 56, PairComparability(level, *RULES), accepted)


def compared(timeline, comparison: LesionComparison) -> Score:
    _, summaries = called_responses(timeline, STANDARD)
    (found,) = episode_scores(timeline, summaries, [comparison], STANDARD, Grounds())
    return found.score


def test_without_blood_imaging_alone_is_not_enough():
    assert abstains(score(replace(GROWN, labs=()))) == ("INSUFFICIENT_EVIDENCE", "BLOOD_OR_CTDNA")


@pytest.mark.parametrize(
    ("days", "status"), [(-14, "OK"), (-15, "INSUFFICIENT_EVIDENCE"), (1, "INSUFFICIENT_EVIDENCE")]
)
def test_blood_counts_when_it_is_fresh_at_the_scan(days: int, status: str):
    assert score(replace(GROWN, labs=(lab(on(2, days)),))).status.value == status


def test_without_a_clinical_status():
    unknown = (said(1), said(2, clinical_status=ClinicalStatus.UNKNOWN))
    assert abstains(score(replace(GROWN, judgements=unknown))) == ("INSUFFICIENT_EVIDENCE", "CLINICAL_STATUS")


def test_everything_that_is_missing_is_said_at_once():
    unknown = replace(GROWN, labs=(), judgements=(said(1), said(2, clinical_status=ClinicalStatus.UNKNOWN)))
    assert [reason.name for reason in score(unknown).reasons] == ["CLINICAL_STATUS", "BLOOD_OR_CTDNA"]


def test_a_blocked_comparison_takes_growth_away():
    found = compared(GROWN, pair(Comparability.BLOCK))
    assert abstains(found) == ("INSUFFICIENT_EVIDENCE", "KINETICS_NOT_COMPARABLE")
    assert {one.item: one.reason for one in found.left_out}["volume_ratio"] is NotCounted.COMPARISON_BLOCKED


def test_nobody_can_accept_that_sizes_are_compared_all_the_same():
    accepted = PairAccepted(1, 1, 2, "digest", (), "Anna", "because", None)
    assert compared(GROWN, pair(Comparability.BLOCK, accepted)).status is ScoreStatus.INSUFFICIENT_EVIDENCE
    found = compared(GROWN, pair(Comparability.BLOCK_TEXTURE, accepted))
    assert found.status is ScoreStatus.OK and "The scans: compare with care." in found.warnings


WORSE = [
    ({"judgements": (said(1), said(2, clinical_status=ClinicalStatus.WORSE))}, True),
    ({"events": (event(EventKind.ECOG, on(1), grade=0), event(EventKind.ECOG, on(2), grade=1))}, True),
    ({"events": (event(EventKind.ECOG, on(1), grade=1), event(EventKind.ECOG, on(2), grade=1))}, False),
    ({"events": (event(EventKind.ECOG, on(1), grade=0), event(EventKind.ECOG, on(2, 1), grade=3))}, False),
    ({"events": (event(EventKind.ECOG, on(2), grade=3),)}, False),
    ({"events": (event(EventKind.SYMPTOM, on(2, -3), detail=SymptomCause.TUMOUR),)}, True),
    ({"events": (event(EventKind.SYMPTOM, on(2, -3), detail=SymptomCause.TREATMENT),)}, False),
    ({"events": (event(EventKind.SYMPTOM, on(2, -9), ended_on=on(2, -1), detail=SymptomCause.TUMOUR),)}, False),
    ({"events": (event(EventKind.SYMPTOM, on(1, -3), detail=SymptomCause.TUMOUR),)}, False),
]


@pytest.mark.parametrize(("changes", "is_worse"), WORSE)
def test_clinical_deterioration_is_a_gate_whoever_tells_it(changes, is_worse):
    found = score(replace(GROWN, **changes))
    assert (found.status is ScoreStatus.UNFAVOURABLE_CLINICAL) == is_worse
    if is_worse:
        assert (found.reason.name, found.prior, found.contributions) == ("CLINICAL_DETERIORATION", None, ())


def test_a_progression_by_a_new_lesion_only_says_nothing_of_targets():
    found = score(with_new_lesion(progression(50.0, 44.0), 2))
    reasons = {one.item: one.reason for one in found.left_out}
    assert reasons["volume_ratio"] is NotCounted.TARGETS_NOT_DRIVER
    (new,) = [one for one in found.contributions if one.item == "new_lesions"]
    assert (new.x, new.sources[0].kind, new.sources[0].key) == (1, SourceKind.LESION, "lesion-9")
    assert found.status is ScoreStatus.OK and found.probability < found.prior


def test_growth_is_measured_against_the_smallest_sum_not_the_baseline():
    (growth,) = [one for one in score(progression(50.0, 42.0, 55.0), 3).contributions if one.item == "volume_ratio"]
    assert growth.value == pytest.approx((55.0 / 42.0) ** 3)
    assert "of 26 Feb 2024" not in growth.sources[0].text and "26 Feb 2024 (smallest sum)" in growth.sources[0].text


def test_where_it_came_from_leads_there():
    found = {one.item: one.sources for one in score(GROWN).contributions}
    assert [source.kind.value for source in found["volume_ratio"]] == ["VISIT", "LESION"]
    assert (found["volume_ratio"][0].key, found["volume_ratio"][1].key) == ("2", "lesion-1")
    assert (found["ldh"][0].kind, found["ldh"][0].key) == (SourceKind.LAB, Analyte.LDH.value)


def test_the_first_assessment_within_sixteen_weeks_is_told_apart():
    values = {one.item: one.value for one in score(GROWN).contributions}
    assert values["first_assessment"] == 1
    later = {one.item: one.value for one in score(progression(50.0, 50.0, 65.0), 3).contributions}
    assert later["first_assessment"] == -1


def test_anti_ctla4_is_told_and_not_counted():
    courses = (replace(GROWN.courses[0], drug_class=DrugClass.COMBINED_CHECKPOINT),)
    found = score(replace(GROWN, courses=courses))
    (told,) = [one for one in found.left_out if one.item == "anti_ctla4"]
    assert (told.value, told.reason) == (1, NotCounted.SWITCHED_OFF)
    assert found.probability == score(GROWN).probability
