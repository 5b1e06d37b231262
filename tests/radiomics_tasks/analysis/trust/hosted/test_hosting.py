"""Models over a whole patient: values come from the lesion, visit, change and result that the terms name."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from patients.concluded.trust_findings import PairComparability
from patients.concluded.trusted import LesionComparison
from patients.labs.seen import Lab
from patients.labs.words import Analyte, Bound
from patients.timeline import LesionTrack, PatientTimeline, ScanSeen, Timepoint
from patients.vocabulary import LesionRole, Modality, Organ, Reference
from patients.words.hosted_words import HostedReason, HostedStatus
from patients.words.trust_words import Comparability
from radiomics_tasks.analysis.conclude import conclude
from radiomics_tasks.analysis.trust.hosted.hosting import hosted_outputs
from radiomics_tasks.analysis.trust.hosted.model import parse_model
from tests.hosted_models import GLCM, MEAN_CHANGE, PROFILE, expit, model, text
from tests.timelines import FIRST_ON, features, observation

NAMES = (GLCM, "original_firstorder_Mean")
LATER = FIRST_ON + timedelta(days=60)


def lesion(pk: int, *visits: tuple[float, float, float], profile: str = PROFILE) -> LesionTrack:
    """Size, entropy and mean at each visit."""
    days = (FIRST_ON, LATER)
    seen = tuple(
        observation(place + 1, days[place], size, features(10 * pk + place, values, names=NAMES, profile=profile))
        for place, (size, *values) in enumerate(visits)
    )
    return LesionTrack(pk, f"code-{pk}", f"liver {pk}", Organ.LIVER, False, LesionRole.TARGET, seen)


def ldh(**changed: Any) -> Lab:
    known: dict[str, Any] = {
        "pk": 1,
        "code": "",
        "analyte": Analyte.LDH,
        "name": "LDH",
        "taken_on": LATER - timedelta(days=2),
    }
    return Lab(**known | {"value": 500.0, "unit": "U/L", "high": 250.0} | changed)


def seen(*tracks: LesionTrack, labs: tuple[Lab, ...] = (ldh(),)) -> PatientTimeline:
    visits = tuple(
        Timepoint(pk, (ScanSeen(pk, f"scan-{pk}", Modality.CT, on, "HU"),)) for pk, on in ((1, FIRST_ON), (2, LATER))
    )
    return PatientTimeline(1, "P-1", (), visits, tracks, labs=labs)


def said(timeline: PatientTimeline, change: Any = lambda _: None, **more: Any):
    found = hosted_outputs(timeline, conclude(timeline).deltas, [parse_model(text(change))], **more)
    return {(one.timepoint_pk, one.lesion_pk): one for one in found}


ONE = lesion(1, (20.0, 4.0, 50.0), (22.0, 4.5, 60.0))
TWO = lesion(2, (10.0, 4.0, 50.0), (10.0, 5.5, 30.0))


def test_each_lesion_and_visit_has_its_own_answer():
    found = said(seen(ONE, TWO))
    assert found[2, 1].value == pytest.approx(expit(0.1 + 0.9 * (-1.2 + 0.8 - 0.5 + 0.6)))
    assert found[2, 2].value == pytest.approx(expit(0.1 + 0.9 * (-1.2 + 2.4 + 1.0 + 0.6)))
    assert {key: one.status for key, one in found.items() if key[0] == 1} == {
        (1, 1): HostedStatus.REFUSED,
        (1, 2): HostedStatus.REFUSED,
    }
    reasons = found[1, 1].reasons
    assert [why.key for why in reasons] == [MEAN_CHANGE, "lab LDH"]
    assert "no earlier observation" in reasons[0].sentence


def test_no_models_no_answers():
    assert hosted_outputs(seen(ONE), (), []) == ()


def test_features_of_another_profile_are_refused():
    found = said(seen(lesion(1, (20.0, 4.0, 50.0), (22.0, 4.5, 60.0), profile="d" * 64)))[2, 1]
    assert {why.reason for why in found.reasons} == {HostedReason.PROFILE_DIFFERS}


@pytest.mark.parametrize("reason_of", ["bound", "no limit", "after"])
def test_a_result_that_cannot_be_used_is_missing(reason_of: str):
    changed: dict[str, Any] = {
        "bound": {"bound": Bound.ABOVE},
        "no limit": {"high": None},
        "after": {"taken_on": LATER + timedelta(1)},
    }
    found = said(seen(ONE, labs=(ldh(**changed[reason_of]),)))[2, 1]
    assert [(why.reason, why.key) for why in found.reasons] == [(HostedReason.MISSING_INPUT, "lab LDH")]


def test_a_blocked_comparison_is_not_used():
    pair = PairComparability(Comparability.BLOCK_TEXTURE, (), (), "rules", "1", "0" * 64)
    blocked = LesionComparison(1, 2, Reference.BASELINE, 1, 1, 2, 60, pair)
    found = said(seen(ONE), comparisons=(blocked,))[2, 1]
    assert [why.reason for why in found.reasons] == [HostedReason.NOT_COMPARABLE]
    assert said(seen(ONE), comparisons=(replace(blocked, lesion_pk=9),))[2, 1].status is HostedStatus.OK


def sizes(data: dict[str, Any]) -> None:
    """Only sizes and the organ: no profile is needed."""
    kept = {"unit": "1", "range": [-5, 5], "training": [-3, 3], "center": 0, "scale": 1, "beta": 1.0}
    term = model()["terms"][0] | kept
    change = {"source": "size_delta", "feature": "volume_ml", "form": "log_ratio", "reference": "BASELINE"}
    organ = {"source": "organ", "feature": "LIVER", "range": [0, 1], "training": [0, 1]}
    size = {"source": "size", "feature": "longest_diameter_mm", "unit": "mm", "range": [0, 500], "training": [5, 200]}
    data.update(profile_digest=None, kind="linear", link="identity", unit="points", prevalence=None, intercept=0)
    data.update(terms=[term | change, term | organ, term | size], calibration=None)


def test_sizes_their_changes_and_the_organ():
    found = said(seen(ONE), sizes)[2, 1]
    change, organ, size = found.contributions
    assert change.value == pytest.approx(3 * 0.0953101798)
    assert (organ.value, size.value, size.unit) == (1.0, 22.0, "mm")
    assert found.value == pytest.approx(change.value + 1.0 + 22.0)


def of_patient(data: dict[str, Any]) -> None:
    data.update(level="patient", aggregate="volume_weighted_mean")


def test_a_patients_answer_weighs_lesions_by_their_volume_at_baseline():
    found = said(seen(ONE, TWO), of_patient)[2, None]
    entropy, change, _ = found.contributions
    weight = 20.0**3 / (20.0**3 + 10.0**3)
    assert entropy.value == pytest.approx(weight * 4.5 + (1 - weight) * 5.5)
    assert change.value == pytest.approx(weight * 10.0 - (1 - weight) * 20.0)
    assert (found.status, entropy.source) == (HostedStatus.OK, "2 of 2 lesions")


def test_lesions_of_two_profiles_are_not_mixed():
    other = lesion(2, (10.0, 4.0, 50.0), (10.0, 5.5, 30.0), profile="d" * 64)
    found = said(seen(ONE, other), of_patient)[2, None]
    assert {why.reason for why in found.reasons} == {HostedReason.PROFILE_DIFFERS}
