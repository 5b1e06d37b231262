"""The evidence is what stood in the record on the day of the visit; where a piece is missing the score abstains."""

import json
import math
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from patients.concluded.trust_findings import Score
from patients.concluded.trusted import PairAccepted
from patients.labs.words import Analyte, EventKind, SymptomCause
from patients.timeline import PatientTimeline
from patients.vocabulary import DrugClass
from patients.words.noise_words import SizeClass
from patients.words.reading_words import ClinicalStatus
from patients.words.trust_words import NotCounted, ScoreStatus, SourceKind
from radiomics_tasks.analysis.change.noise.published import shipped_sds
from radiomics_tasks.analysis.trust.comparability.rules import default_rules
from tests.progressions import (
    SHARP,
    UNSCALED,
    event,
    lab,
    on,
    progression,
    said,
    scanned,
    score_at,
    with_new_lesion,
)

GROWN = progression(50.0, 65.0)


def score(timeline, visit: int = 2) -> Score:
    return score_at(timeline, visit).score


def abstains(found: Score) -> tuple[str, str]:
    assert found.probability is None and found.band is None
    return found.status.value, found.reason.name


def accepted(*codes: str) -> PairAccepted:
    return PairAccepted(1, 1, 2, default_rules().digest, codes, "Anna", "because", datetime(2024, 3, 1, tzinfo=UTC))


def left_out(found: Score) -> dict[str, NotCounted]:
    return {one.item: one.reason for one in found.left_out}


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
    found = score(scanned(GROWN, {2: UNSCALED}))
    assert abstains(found) == ("INSUFFICIENT_EVIDENCE", "KINETICS_NOT_COMPARABLE")
    assert left_out(found)["volume_ratio"] is NotCounted.COMPARISON_BLOCKED


def test_only_the_pair_that_growth_is_measured_on_takes_it_away():
    """Against the smallest sum: a scan between, or one before, that is like no other is not part of it."""
    course = progression(50.0, 42.0, 44.0, 55.0)
    assert score(scanned(course, {1: UNSCALED, 3: UNSCALED}), 4).status is ScoreStatus.OK
    assert score(scanned(course, {2: UNSCALED}), 4).reason.name == "KINETICS_NOT_COMPARABLE"


def paced(*sizes: float, **more: Any) -> PatientTimeline:
    """A scan 56 days before the baseline, treatment from the second visit on."""
    found = progression(*sizes, **more)
    judged = tuple(said for said in found.judgements if said.timepoint_pk > 1)
    return replace(found, courses=(replace(found.courses[0], started_on=on(2)),), judgements=judged)


@pytest.mark.parametrize("apart", [1, 2])
def test_growth_before_treatment_needs_every_pair_it_is_measured_on(apart):
    """The smallest sum is that of the third visit: nothing but the pace needs the first two."""
    course = paced(40.0, 50.0, 40.0, 55.0)
    alike, unlike = score(scanned(course, {}), 4), score(scanned(course, {apart: UNSCALED}), 4)
    assert [one.x for one in alike.contributions if one.item == "tgr_ratio"] == [0.5]
    assert left_out(unlike)["tgr_ratio"] is NotCounted.COMPARISON_BLOCKED
    assert unlike.status is ScoreStatus.OK
    assert [one.item for one in unlike.contributions if one.domain == "kinetics"] == ["volume_ratio"]


@pytest.mark.parametrize("before", [50.0, 60.0])
def test_a_tumour_that_did_not_grow_before_treatment_has_no_ratio(before):
    found = score(paced(before, 50.0, 65.0), 3)
    assert "tgr_ratio" in found.missing and "tgr_ratio" not in {one.item for one in found.contributions}
    assert any("did not grow before treatment" in warning for warning in found.warnings)


def test_a_newer_result_that_cannot_be_used_is_said_and_no_older_one_stands_for_it():
    bare = replace(lab(on(2), 3.0), high=None)
    found = score(replace(GROWN, labs=(lab(on(2, -5), 1.0), bare)))
    assert abstains(found) == ("INSUFFICIENT_EVIDENCE", "BLOOD_OR_CTDNA")
    assert "ldh" in found.missing
    assert any("LDH 750 U/L of 26 Feb 2024 has no upper limit" in warning for warning in found.warnings)


def test_nobody_can_accept_that_sizes_are_compared_all_the_same():
    unscaled = replace(scanned(GROWN, {2: UNSCALED}), acceptances=(accepted("RESCALE"),))
    assert score(unscaled).status is ScoreStatus.INSUFFICIENT_EVIDENCE
    found = score(replace(scanned(GROWN, {2: SHARP}), acceptances=(accepted("KERNEL"),)))
    assert found.status is ScoreStatus.OK and found.warnings[0].endswith("differ: compare with care.")


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


def without_volumes(line: PatientTimeline) -> PatientTimeline:
    tracks = [
        replace(
            track,
            observations=tuple(
                replace(seen, sizes=replace(seen.sizes, volume_ml=0.0) if seen.sizes else None)
                for seen in track.observations
            ),
        )
        for track in line.tracks
    ]
    return replace(line, tracks=tuple(tracks))


def test_a_volume_told_from_sums_is_as_uncertain_as_three_diameters():
    """On CT a diameter of 50 mm and more varies by 4.8 % of its logarithm, a volume by 8.7 %: two published sources."""
    measured, told = (
        json.loads(score_at(line, 2).inputs)["items"]["volume_ratio"] for line in (GROWN, without_volumes(GROWN))
    )
    assert measured["value"] == pytest.approx(told["value"])
    assert "volumes not known" in told["sources"][0]["text"]
    bands = {one.feature: one.within_sd for one in shipped_sds() if one.size_class is SizeClass.FROM_50}
    assert measured["x_se"] == pytest.approx(math.sqrt(2) * bands["volume_ml"] / 0.6)
    assert told["x_se"] == pytest.approx(math.sqrt(2) * 3 * bands["longest_diameter_mm"] / 0.6)
    assert score_at(without_volumes(GROWN), 2).score.low < score_at(GROWN, 2).score.low


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
