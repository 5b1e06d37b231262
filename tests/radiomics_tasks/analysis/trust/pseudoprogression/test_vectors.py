"""Every published vector of the score with every key it expects, and the model file against the published one."""

import json
from pathlib import Path
from typing import Any

import pytest

from patients.concluded.trust_findings import Score
from radiomics_tasks.analysis.trust.pseudoprogression import model as room
from radiomics_tasks.analysis.trust.pseudoprogression.model import default_model
from radiomics_tasks.analysis.trust.pseudoprogression.replay import evidence_of
from radiomics_tasks.analysis.trust.pseudoprogression.score import pseudoprogression_score

GOLDEN = Path(__file__).parents[4] / "golden"
VECTORS = json.loads((GOLDEN / "psp_score_vectors.json").read_text(encoding="utf-8"))
PUBLISHED = json.loads((GOLDEN / "psp_score_v0.2.json").read_text(encoding="utf-8"))
TOLERANCE = 0.002
CONTRIBUTION_TOLERANCE = 0.0006  # printed to three places
ALL_KEYS = {"status", "reason", "p", "lo", "hi", "band", "prior", "domains", "contrib", "not_counted"}


def told(score: Score) -> dict[str, Any]:
    return {
        "status": score.status,
        "reason": score.reason,
        "p": score.probability,
        "lo": score.low,
        "hi": score.high,
        "band": score.band,
        "prior": score.prior,
        "domains": {one.domain: one.log_odds for one in score.domains},
        "contrib": [[one.item, one.log_odds] for one in score.contributions],
        "not_counted": {one.item: one.reason.value for one in score.left_out},
    }


def near(value: Any) -> Any:
    """The expected value with its tolerance; an absent one must be absent."""
    return pytest.approx(value, abs=TOLERANCE) if isinstance(value, float) else value


def test_there_are_thirty_five_and_every_key_is_known():
    assert len({vector["id"] for vector in VECTORS}) == 35
    assert set().union(*(vector["expect"] for vector in VECTORS)) == ALL_KEYS


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_vector(vector: dict[str, Any]):
    found, expected = told(pseudoprogression_score(evidence_of(vector["input"]))), vector["expect"]
    for key in expected.keys() - {"domains", "contrib"}:
        assert found[key] == near(expected[key]), key
    if "domains" in expected:
        assert found["domains"] == pytest.approx(expected["domains"], abs=CONTRIBUTION_TOLERANCE)
        assert [name for name, _ in found["contrib"]] == [name for name, _ in expected["contrib"]]
        for (_, got), (name, wanted) in zip(found["contrib"], expected["contrib"], strict=True):
            assert got == pytest.approx(wanted, abs=CONTRIBUTION_TOLERANCE), name


@pytest.mark.parametrize("vector", [v for v in VECTORS if "prior" not in v["expect"]], ids=lambda v: v["id"])
def test_a_vector_that_expects_no_more_gets_no_more(vector: dict[str, Any]):
    found = told(pseudoprogression_score(evidence_of(vector["input"])))
    assert (found["prior"], found["domains"], found["contrib"], found["not_counted"]) == (None, {}, [], {})


def test_the_shipped_model_holds_the_published_one_unchanged():
    shipped = json.loads(Path(room.__file__).with_name("psp_score_v0.2.json").read_text(encoding="utf-8"))
    assert {key: shipped[key] for key in PUBLISHED} == PUBLISHED


def test_transforms_are_those_of_the_rules():
    for item in default_model().items:
        rule = PUBLISHED["items"][item.name]
        if item.name == "volume_ratio":
            assert (item.transform.centre, item.transform.spread) == (rule["centre"], rule["sd"])
        for limit in [limit for limit in item.transform.clip if abs(limit) < 1e9]:
            assert f"{limit:g}" in rule["rule"]
    assert {item.name for item in default_model().items} == set(PUBLISHED["items"]) - {"clinical"}
    caps = default_model().caps
    assert caps == PUBLISHED["domain_caps"]


def test_a_falling_item_is_never_shrunk_past_its_published_limit():
    for item in default_model().items:
        for side, used in (item.used or {}).items():
            published = (item.published or {})[side]
            assert used <= published[2] if side == "unfavourable" else used >= published[1]
