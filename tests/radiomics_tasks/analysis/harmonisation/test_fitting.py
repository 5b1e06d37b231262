"""A fit removes the planted scanner effect, keeps biology, and says its doubts."""

from dataclasses import replace

import numpy as np
import pytest

from patients.words.harmonisation_words import Covariate
from radiomics_tasks.analysis.harmonisation.applying import harmonised
from radiomics_tasks.analysis.harmonisation.fitting import fit
from radiomics_tasks.errors import Refusal
from tests.harmonising import NAMES, made_up, raw


def offsets(cohort, table):
    batches = np.array([row.batch for row in cohort.rows])
    return table[batches == "B"].mean(axis=0) - table[batches == "A"].mean(axis=0)


def test_the_planted_scanner_effect_goes():
    cohort = made_up((60, 60))
    model = fit(cohort, {})
    found = np.array([harmonised(model, raw(cohort, at)).values for at in range(120)])
    assert (offsets(cohort, cohort.values) > 0.7).all()
    assert (np.abs(offsets(cohort, found)) < 0.2).all()


def test_biology_that_differs_between_scanners_stays():
    cohort = made_up((60, 60))
    lungs = {"A": 15, "B": 45}
    rows = []
    for at, row in enumerate(cohort.rows):
        in_lung = at % 60 < lungs[row.batch]
        known = {**row.covariates, Covariate.ORGAN: "LUNG" if in_lung else "LIVER"}
        rows.append(replace(row, covariates=known, values=tuple(value + 4 * in_lung for value in row.values)))
    cohort = replace(cohort, rows=tuple(rows))
    found = np.array([harmonised(fit(cohort, {}), raw(cohort, at)).values for at in range(120)])
    is_lung = np.array([row.covariates[Covariate.ORGAN] == "LUNG" for row in cohort.rows])
    gaps = found[is_lung].mean(axis=0) - found[~is_lung].mean(axis=0)
    assert gaps == pytest.approx([4, 4, 4], abs=0.7)


def test_a_single_feature_is_safe_and_said():
    cohort = made_up(names=NAMES[:1])
    model = fit(cohort, {})
    assert np.isfinite(harmonised(model, raw(cohort, 0)).values[0])
    assert next(sentence for sentence in model.warnings if "tell no prior" in sentence).startswith("A: its own means")


def test_small_batches_and_several_lesions_of_a_patient_are_said():
    cohort = made_up((22, 15))
    rows = tuple(replace(row, subject=f"patient {at // 2}") for at, row in enumerate(cohort.rows))
    assert fit(replace(cohort, rows=rows), {}).warnings == (
        "B: 15 lesions, fewer than 20: mean-only, its spread is left as it is.",
        "37 lesions of 19 patients: lesions of one patient count as independent.",
    )


def test_a_positive_feature_with_a_zero_enters_as_it_is():
    cohort = made_up()
    rows = (replace(cohort.rows[0], values=(10.0, 0.0, 10.0)), *cohort.rows[1:])
    assert [one.is_log for one in fit(cohort, {}).features] == [False, True, True]
    assert [one.is_log for one in fit(replace(cohort, rows=rows), {}).features] == [False, False, True]


def test_as_many_columns_as_lesions_are_refused():
    cohort = made_up((10, 10), covariates=tuple(Covariate))
    rows = tuple(
        replace(row, covariates={**row.covariates, Covariate.ORGAN: f"o{at % 10}", Covariate.TUMOUR: f"t{at % 9}"})
        for at, row in enumerate(cohort.rows)
    )
    with pytest.raises(Refusal, match="E_FEW_ROWS"):
        fit(replace(cohort, rows=rows), {})


def test_a_longitudinal_fit_without_repeats_is_refused():
    with pytest.raises(Refusal, match="E_NOT_REPEATED"):
        fit(made_up(), {}, is_longitudinal=True)
