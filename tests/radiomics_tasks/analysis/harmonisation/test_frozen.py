"""Frozen is frozen: no field moves, and text that is not whole is no model."""

import json
from dataclasses import FrozenInstanceError, fields

import pytest

from radiomics_tasks.analysis.harmonisation.fitting import fit
from radiomics_tasks.analysis.harmonisation.frozen import FrozenModel
from radiomics_tasks.errors import Refusal
from tests.harmonising import made_up

MODEL = fit(made_up((22, 25, 1)), {"profile": "ct", "profile_digest": "d"})


@pytest.mark.parametrize("name", [field.name for field in fields(FrozenModel)])
def test_no_field_moves(name):
    with pytest.raises(FrozenInstanceError):
        setattr(MODEL, name, None)


def test_it_carries_what_it_saw():
    data = json.loads(MODEL.as_json())
    assert [(one["label"], one["rows"]) for one in data["batches"]] == [("A", 22), ("B", 25)]
    assert [one["covariate"] for one in data["covariates"]] == ["organ", "volume"]
    assert next((one["name"], one["unit"]) for one in data["features"]) == ("original_firstorder_Mean", "HU")
    assert {"kind": "batch", "name": "C", "why": "SINGLE_ROW"} in data["omissions"]
    assert data["scope"] == {"profile": "ct", "profile_digest": "d"}


@pytest.mark.parametrize("part", ["schema", "features", "batches", "covariates", "scope", "rows", "warnings"])
def test_a_missing_part_is_named(part):
    data = json.loads(MODEL.as_json())
    del data[part]
    with pytest.raises(Refusal, match=f"E_MODEL: The harmonisation lacks {part}"):
        FrozenModel.parse(data)


def test_another_format_is_refused():
    with pytest.raises(Refusal, match="E_MODEL: The harmonisation has format 2"):
        FrozenModel.parse({**MODEL.as_data(), "schema": 2})


@pytest.mark.parametrize(
    ("part", "field", "value"),
    [
        ("features", "sigma", 0.0),
        ("features", "grand", float("nan")),
        ("features", "slopes", [1.0]),
        ("features", "slopes", ["much"]),
        ("batches", "gamma", [1.0]),
        ("batches", "delta", [1.0, 0.0, 1.0]),
        ("covariates", "covariate", "response"),
    ],
)
def test_numbers_that_are_not_whole_are_refused(part, field, value):
    data = json.loads(MODEL.as_json())
    data[part][0][field] = value
    with pytest.raises(Refusal, match="E_MODEL"):
        FrozenModel.parse(data)


def test_one_digit_makes_another_digest():
    data = json.loads(MODEL.as_json())
    data["batches"][0]["gamma"][0] += 1e-15
    assert FrozenModel.parse(data).digest != MODEL.digest
