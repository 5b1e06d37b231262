"""ComBat against neuroCombat's own figures, and where there is no prior to shrink by."""

import numpy as np
import pytest

from radiomics_tasks.analysis.harmonisation.applying import harmonised
from radiomics_tasks.analysis.harmonisation.combat import batch_effects
from radiomics_tasks.analysis.harmonisation.fitting import fit
from tests.harmonising import golden, golden_cohort, raw

WITHIN = 1e-8


def on_scale(values, features):
    return np.array([np.log(one) if is_log else one for one, is_log in zip(values, features.values(), strict=True)])


def ours(data):
    cohort = golden_cohort(data)
    model = fit(cohort, {})
    rows = [harmonised(model, raw(cohort, at)).values for at in range(len(cohort.rows))]
    return model, np.array([on_scale(row, data["features"]) for row in rows])


@pytest.mark.parametrize("name", ["covariates", "no_covariates"])
def test_it_equals_neurocombat(name):
    data = golden(name)
    model, found = ours(data)
    assert np.abs(found - data["expected"]["harmonised"]).max() < WITHIN
    assert np.abs(np.array([one.gamma for one in model.batches]) - data["expected"]["gamma"]).max() < WITHIN
    assert np.abs(np.array([one.delta for one in model.batches]) - data["expected"]["delta"]).max() < WITHIN
    assert [one.is_log for one in model.features] == list(data["features"].values())


def test_small_batches_equal_its_mean_only_and_the_others_its_full_form():
    full, means = golden("small_batches"), golden("mean_only")
    model, found = ours(full)
    assert full["raw"] == means["raw"]
    assert [one.is_mean_only for one in model.batches] == [True, False, True]
    small = np.array([batch != "scanner b" for batch in full["batch"]])
    assert np.abs(found[small] - np.array(means["expected"]["harmonised"])[small]).max() < WITHIN
    assert np.abs(found[~small] - np.array(full["expected"]["harmonised"])[~small]).max() < WITHIN


def test_golden_files_carry_the_command_that_made_them():
    for name in ("covariates", "no_covariates", "small_batches", "mean_only"):
        assert "neuroCombat==0.2.12" in golden(name)["command"]
        assert golden(name)["seed"] == 20261124


def test_equal_features_tell_no_prior_and_are_not_shrunk():
    column = np.random.default_rng(3).normal(0, 1, (40, 1))
    at_batch = np.repeat([0, 1], 20)
    found = batch_effects(np.hstack([column, column]), at_batch, np.array([False, False]))
    assert found.is_shrunk == (False, False)
    assert np.isfinite(found.delta).all()
    assert found.gamma[1] == pytest.approx(column[20:].mean())


def test_a_single_feature_is_harmonised_by_its_own_mean_even_mean_only():
    column = np.random.default_rng(4).normal(0, 1, (30, 1))
    found = batch_effects(column, np.repeat([0, 1], 15), np.array([True, False]))
    assert found.is_shrunk == (False, False)
    assert found.gamma[0, 0] == pytest.approx(column[:15].mean())
    assert found.delta[0, 0] == 1.0
