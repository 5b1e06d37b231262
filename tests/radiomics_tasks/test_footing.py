"""On which score patients stand: the one in use, whole, or none."""

import pytest

from radiomics_tasks import footing
from radiomics_tasks.analysis.trust.pseudoprogression.model import default_model, default_text
from radiomics_tasks.errors import Refusal


@pytest.mark.parametrize("text", ["{", "{}", default_text()])
def test_no_other_score_speaks_in_the_place_of_a_damaged_one(monkeypatch, text):
    monkeypatch.setattr(footing, "active_score_text", lambda: ("0" * 64, text))
    with pytest.raises(Refusal, match="is damaged") as refused:
        footing.site_model()
    assert refused.value.code == "E_MODEL"


def test_the_shipped_score_is_the_code_s_own_whatever_is_stored(monkeypatch):
    for known in (None, (default_model().digest, "{")):
        monkeypatch.setattr(footing, "active_score_text", lambda known=known: known)
        assert footing.site_model() == default_model()
