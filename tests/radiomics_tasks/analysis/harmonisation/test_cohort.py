"""A covariate comes from a closed list: an outcome is refused by name."""

import pytest

from patients.words.harmonisation_words import Covariate
from radiomics_tasks.analysis.harmonisation.cohort import allowed_covariates
from radiomics_tasks.analysis.harmonisation.fitting import fit
from radiomics_tasks.errors import Refusal
from tests.harmonising import made_up


@pytest.mark.parametrize("name", ["response", "progression", "survival_days", "best", "pseudoprogression", "drug", ""])
def test_an_outcome_is_no_covariate(name):
    with pytest.raises(Refusal, match=f"E_COVARIATE: {name} may not"):
        allowed_covariates(["organ", name])


def test_a_fit_refuses_it_too():
    with pytest.raises(Refusal, match="E_COVARIATE: response"):
        fit(made_up(covariates=(Covariate.ORGAN, "response")), {})


def test_the_closed_list_is_biology():
    assert allowed_covariates(["volume", "tumour", "organ"]) == tuple(Covariate)
    assert [one.value for one in Covariate] == ["tumour", "organ", "volume"]
