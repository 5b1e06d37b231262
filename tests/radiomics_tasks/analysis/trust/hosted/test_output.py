"""A number that can be taken apart, or the reasons why there is none."""

import math
from typing import Any

import pytest

from patients.words.hosted_words import HostedReason, HostedStatus, Tier
from radiomics_tasks.analysis.trust.hosted.model import CoefficientModel, parse_model
from radiomics_tasks.analysis.trust.hosted.output import Given, hosted_output
from tests.hosted_models import GLCM, MEAN_CHANGE, PROFILE, expit, text

LDH = "lab LDH"
GOOD = {
    GLCM: Given(4.5, "1", PROFILE, source="lesion"),
    MEAN_CHANGE: Given(10.0, "HU", PROFILE),
    LDH: Given(2.0, "xULN", age_days=3),
}


def asked(inputs: dict[str, Given], model: CoefficientModel | None = None):
    return hosted_output(model or parse_model(text()), inputs, timepoint_pk=7, lesion_pk=3)


def test_the_parts_add_up_to_the_link_and_the_link_gives_the_value():
    found = asked(GOOD)
    assert found.status is HostedStatus.OK
    assert found.link == math.fsum([found.intercept, *(one.link for one in found.contributions)])
    assert found.link == pytest.approx(0.1 + 0.9 * (-1.2 + 0.8 * 1 - 0.5 * 1 + 0.6 * 1), abs=1e-12)
    assert found.value == pytest.approx(expit(found.link), abs=1e-15)
    assert (found.tier, found.reference, found.lesion_pk, found.timepoint_pk) == (Tier.EXTERNAL, 0.25, 3, 7)
    assert found.by_weight[0].key == GLCM and found.contributions[0].source == "lesion"
    assert "does not replace molecular testing" in found.sentences[0]


REFUSED = {
    HostedReason.MISSING_INPUT: (GLCM, Given(None, why="too few voxels for texture")),
    HostedReason.PROFILE_DIFFERS: (GLCM, Given(4.5, "1", "d" * 64)),
    HostedReason.UNIT_DIFFERS: (LDH, Given(2.0, "U/L")),
    HostedReason.OUT_OF_RANGE: (GLCM, Given(20.1, "1", PROFILE)),
    HostedReason.TOO_OLD: (LDH, Given(2.0, "xULN", age_days=15)),
    HostedReason.NOT_COMPARABLE: (MEAN_CHANGE, Given(10.0, "HU", PROFILE, is_blocked=True)),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_an_input_that_does_not_fit_is_refused_with_its_reason(reason: HostedReason):
    key, given = REFUSED[reason]
    found = asked(GOOD | {key: given})
    assert (found.status, found.value, found.link, found.contributions) == (HostedStatus.REFUSED, None, None, ())
    assert [(why.reason, why.key) for why in found.reasons] == [(reason, key)]
    assert found.reasons[0].sentence.startswith(f"{key}: ")


def test_every_reason_is_told():
    found = asked({LDH: Given(2.0, "U/L")})
    assert [why.key for why in found.reasons] == [GLCM, MEAN_CHANGE, LDH]


def test_a_result_taken_after_the_scan_is_not_used_and_the_limit_is():
    assert asked(GOOD | {LDH: Given(2.0, "xULN", age_days=-1)}).status is HostedStatus.REFUSED
    assert asked(GOOD | {LDH: Given(2.0, "xULN", age_days=14)}).status is HostedStatus.OK


def test_outside_the_training_percentiles_there_is_no_number():
    assert asked(GOOD | {GLCM: Given(7.0, "1", PROFILE)}).status is HostedStatus.OK
    found = asked(GOOD | {GLCM: Given(7.001, "1", PROFILE)})
    assert (found.status, found.value, found.contributions) == (HostedStatus.NOT_RELIABLE, None, ())
    assert [why.reason for why in found.reasons] == [HostedReason.OUTSIDE_TRAINING]


@pytest.mark.parametrize(("outside", "status"), [(1, HostedStatus.OK), (2, HostedStatus.NOT_RELIABLE)])
def test_five_per_cent_of_the_terms_may_lie_outside(outside: int, status: HostedStatus):
    names = [f"wavelet-{a}{b}{c}_{name}" for a in "LH" for b in "LH" for c in "LH" for name in NAMES][:20]

    def change(data: dict[str, Any]) -> None:
        data["terms"] = [data["terms"][0] | {"feature": name} for name in names]

    given = {name: Given(8.0 if place < outside else 4.5, "1", PROFILE) for place, name in enumerate(names)}
    assert asked(given, parse_model(text(change))).status is status


NAMES = ("glcm_JointEntropy", "glcm_Idm", "glcm_Contrast")


def spread(data: dict[str, Any]) -> None:
    data["spread"] = {"mean": [1, 1, 1], "covariance": [[1, 0.9, 0], [0.9, 1, 0], [0, 0, 1]]}


def test_all_together_far_from_the_training_data_there_is_no_number():
    model = parse_model(text(spread))
    at_the_middle = asked(GOOD, model)
    assert (at_the_middle.status, at_the_middle.distance_p) == (HostedStatus.OK, 1.0)
    # Each within its own percentiles, but the first two do not part like this.
    apart = asked(GOOD | {GLCM: Given(5.5, "1", PROFILE), MEAN_CHANGE: Given(-10.0, "HU", PROFILE)}, model)
    assert [why.reason for why in apart.reasons] == [HostedReason.FAR_FROM_TRAINING]
    # x = (3, -1): away by (2, -2) against the correlation, squared distance 8 / 0.1 = 80 on three terms.
    assert apart.distance_p == pytest.approx(3.06e-17, rel=0.01)
    assert apart.value is None


def imputing(data: dict[str, Any]) -> None:
    data["missing"] = {"rule": "impute", "values": {GLCM: 4.0, MEAN_CHANGE: 0.0, LDH: 1.0}}


def test_what_is_missing_is_imputed_where_the_card_says_so():
    model = parse_model(text(imputing))
    for given in (Given(None), Given(2.0, "xULN", age_days=90)):
        found = asked(GOOD | {LDH: given}, model)
        assert [one.is_imputed for one in found.contributions] == [False, False, True]
        assert found.contributions[2].value == 1.0
    nothing = asked({}, model)
    assert [why.reason for why in nothing.reasons] == [HostedReason.NOTHING_MEASURED]


def test_imputation_does_not_heal_a_wrong_unit_or_scans_that_do_not_compare():
    model = parse_model(text(imputing))
    assert asked(GOOD | {LDH: Given(2.0, "U/L")}, model).status is HostedStatus.REFUSED
    blocked = Given(10.0, "HU", PROFILE, is_blocked=True)
    assert asked(GOOD | {MEAN_CHANGE: blocked}, model).status is HostedStatus.REFUSED


def test_linear_and_cox():
    linear = {"kind": "linear", "link": "identity", "unit": "cells/mm2", "prevalence": None}
    found = asked(GOOD, parse_model(text(lambda data: data.update(linear))))
    assert (found.value, found.unit) == (found.link, "cells/mm2")
    cox = {"kind": "cox", "link": "log", "intercept": 0, "calibration": {"intercept": 0, "slope": 1}}
    found = asked(GOOD, parse_model(text(lambda data: data.update(**cox, prevalence=None))))
    assert (found.value, found.unit) == (pytest.approx(math.exp(0.9)), "hazard ratio")


def test_a_number_too_large_to_state_is_none():
    huge = {"kind": "cox", "link": "log", "intercept": 0, "calibration": None, "prevalence": None}

    def change(data: dict[str, Any]) -> None:
        data.update(huge)
        data["terms"][0]["beta"] = 1e6

    found = asked(GOOD, parse_model(text(change)))
    assert (found.status, found.value, found.reasons[0].reason) == (HostedStatus.REFUSED, None, HostedReason.OVERFLOW)
