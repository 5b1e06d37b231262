"""Frozen parameters: the same digits later, and a typed reason for what the model has not seen."""

import json
from dataclasses import replace

import numpy as np
import pytest

from patients.words.harmonisation_words import Covariate, HarmonisedNote, NotHarmonised
from radiomics_tasks.analysis.harmonisation.applying import harmonised, subject_harmonised
from radiomics_tasks.analysis.harmonisation.fitting import fit
from radiomics_tasks.analysis.harmonisation.frozen import FrozenModel
from tests.harmonising import NAMES, golden, golden_cohort, made_up, raw


def bits(found):
    return [None if value is None else float(value).hex() for value in found.values]


def test_json_and_back_gives_the_same_digits_and_the_same_digest():
    cohort = golden_cohort(golden("covariates"))
    model = fit(cohort, {"profile": "ct"})
    again = FrozenModel.parse(json.loads(model.as_json()))
    assert again == model
    assert again.digest == model.digest
    for at in range(len(cohort.rows)):
        assert bits(harmonised(again, raw(cohort, at))) == bits(harmonised(model, raw(cohort, at)))


def test_a_fit_is_the_same_twice_and_in_any_order_of_features_applied():
    cohort = made_up()
    model = fit(cohort, {})
    assert model == fit(cohort, {})
    row = raw(cohort, 7)
    turned = replace(row, names=row.names[::-1], values=row.values[::-1])
    assert bits(harmonised(model, turned)) == bits(harmonised(model, row))[::-1]


def test_an_unseen_scanner_is_not_in_the_model_and_nothing_is_refitted():
    model = fit(made_up(), {})
    found = harmonised(model, raw(made_up(), 0, batch="Z"))
    assert found.values == (None, None, None)
    assert {reason.label for reason in found.reasons} == {"scanner not in the model"}
    assert model == fit(made_up(), {})


def test_a_batch_that_was_refused_is_not_in_the_model():
    cohort = made_up((22, 25, 9))
    assert harmonised(fit(cohort, {}), raw(cohort, 50)).reasons[0] is NotHarmonised.BATCH_NOT_IN_MODEL


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"batch": ""}, NotHarmonised.BATCH_UNKNOWN),
        ({"covariates": {Covariate.ORGAN: "BONE", Covariate.VOLUME: 2.0}}, NotHarmonised.COVARIATE_NOT_IN_MODEL),
        ({"covariates": {Covariate.ORGAN: "", Covariate.VOLUME: 2.0}}, NotHarmonised.COVARIATE_UNKNOWN),
        ({"covariates": {Covariate.ORGAN: "LIVER"}}, NotHarmonised.COVARIATE_UNKNOWN),
        ({"covariates": {Covariate.ORGAN: "LIVER", Covariate.VOLUME: 0.0}}, NotHarmonised.COVARIATE_UNKNOWN),
    ],
)
def test_a_row_the_model_cannot_place_has_a_reason(changes, reason):
    cohort = made_up()
    assert harmonised(fit(cohort, {}), raw(cohort, 0, **changes)).reasons == (reason,) * 3


def test_gaps_of_a_row_stay_its_own():
    cohort = made_up()
    found = harmonised(fit(cohort, {}), raw(cohort, 0, values=(None, -1.0, 10.0)))
    assert found.reasons == (NotHarmonised.NO_RAW_VALUE, NotHarmonised.NOT_POSITIVE, None)
    assert np.isfinite(found.values[2])


def test_a_feature_the_model_has_not_seen_has_a_reason():
    cohort = made_up()
    model = fit(cohort.without_features(NAMES[:1]), {})
    found = harmonised(model, raw(cohort, 0))
    assert found.reasons == (NotHarmonised.FEATURE_NOT_IN_MODEL, None, None)


def test_what_overflows_is_said():
    cohort = made_up()
    model = fit(cohort, {})
    batch = replace(model.batches[0], gamma=(-1e9, -1e9, -1e9))
    found = harmonised(replace(model, batches=(batch, model.batches[1])), raw(cohort, 0))
    assert found.reasons == (None, NotHarmonised.NONFINITE, NotHarmonised.NONFINITE)


def test_mean_only_and_volumes_beyond_the_cohort_are_noted():
    cohort = made_up((22, 15))
    model = fit(cohort, {})
    huge = {Covariate.ORGAN: "LIVER", Covariate.VOLUME: 1e6}
    assert harmonised(model, raw(cohort, 0)).notes == ()
    assert harmonised(model, raw(cohort, 30)).notes == (HarmonisedNote.MEAN_ONLY,)
    assert harmonised(model, raw(cohort, 0, covariates=huge)).notes == (HarmonisedNote.OUTSIDE_RANGE,)


def test_rows_of_a_plain_model_stand_alone():
    cohort = made_up()
    model = fit(cohort, {})
    together = subject_harmonised(model, [raw(cohort, 0), raw(cohort, 30)])
    assert together == [harmonised(model, raw(cohort, 0)), harmonised(model, raw(cohort, 30))]
