"""The scale of a feature decides which forms of change exist."""

import json
from pathlib import Path

import pytest

from radiomics_tasks.analysis.change import semantics as room
from radiomics_tasks.analysis.change.semantics import UNKNOWN, Scale, allowed_forms, semantics

TABLE = json.loads(Path(room.__file__).with_name("feature_semantics.json").read_text(encoding="utf-8"))


def test_every_described_feature_is_known_by_its_name() -> None:
    assert len(TABLE) == 107
    for row in TABLE:
        found = semantics(row["feature"])
        assert (found.scale, found.has_relative, found.has_log, found.has_symmetric) == (
            row["scale"],
            row["relative_pct_allowed"],
            row["log_ratio_allowed"],
            row["symmetric_pct_allowed"],
        )


def test_signed_features_have_only_the_difference() -> None:
    signed = [row["feature"] for row in TABLE if row["scale"] == "signed"]
    assert len(signed) == 10
    forms = allowed_forms(signed)
    assert not (forms.relative.any() or forms.log.any() or forms.symmetric.any())


@pytest.mark.parametrize("quantity", ["Energy", "TotalEnergy", "RootMeanSquared"])
def test_features_that_depend_on_the_added_constant_have_no_ratio(quantity: str) -> None:
    found = semantics(f"original_firstorder_{quantity}")
    assert found.scale is Scale.POSITIVE
    assert not (found.has_relative or found.has_log or found.has_symmetric)


def test_filtered_images_follow_their_own_scale() -> None:
    assert semantics("wavelet-LLH_firstorder_Median").scale is Scale.SIGNED
    assert semantics("log-sigma-1-0-mm-3D_glcm_Contrast").has_log


@pytest.mark.parametrize("name", ["wavelet-LLH_firstorder_Invented", "nonsense", "original_invented_Mean"])
def test_what_nobody_described_has_only_the_difference(name: str) -> None:
    assert semantics(name) is UNKNOWN
