"""An exported change stands beside its noise: verdict in words, what can be measured, source and q."""

import math
from typing import Any

import pytest

from patients.reads.tables.exports import COLUMNS, tidy_rows
from patients.words.noise_words import NoiseSource, NoiseVerdict
from tests.noisy import concluded_beside
from tests.patients.rows import followed

pytestmark = pytest.mark.django_db
MEAN = "original_firstorder_Mean"


def rows(patient) -> list[dict[str, Any]]:
    return [dict(zip(COLUMNS, row, strict=True)) for row in tidy_rows([patient.pk])]


def last(found: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return [row for row in found if row["feature"] == name][-1]


def test_a_size_within_noise_is_greyed_and_says_what_can_be_measured():
    found = rows(concluded_beside(followed([30.0, 31.0]), 0.05))
    diameter = last(found, "longest_diameter_mm")
    assert diameter["from_baseline"] == 1.0
    assert diameter["noise_says"] == "smaller than what can be measured here (MDC 15 %)"
    assert (diameter["noise"], diameter["is_greyed"], diameter["mdc_of"]) == ("INSIDE", "yes", "ln")
    assert diameter["mdc"] == diameter["mdc_held_against"] == pytest.approx(1.96 * math.sqrt(2) * 0.05)
    assert (diameter["noise_source"], 0 < diameter["noise_q"] <= 1) == (NoiseSource.SITE_PAIRS, True)
    short = last(found, "short_axis_mm")
    assert (short["noise"], short["mdc"], short["is_greyed"]) == (NoiseVerdict.UNKNOWN, None, "no")
    assert short["noise_says"] == "repeatability unknown: no published repeatability of short axes"
    assert next(row for row in found if row["feature"] == "short_axis_mm")["noise"] == ""


def test_a_feature_has_its_unit_and_the_first_visit_has_no_change_to_judge():
    found = rows(concluded_beside(followed([30.0, 31.0]), 0.05))
    mean = last(found, MEAN)
    assert (mean["noise"], mean["is_greyed"], mean["mdc_of"]) == ("OUTSIDE", "no", "HU")
    assert mean["noise_says"] == "outside noise (MDC 0.139 HU)"
    first = next(row for row in found if row["feature"] == MEAN)
    assert (first["noise"], first["mdc"], first["noise_q"]) == ("", None, None)


def test_beside_perturbation_nothing_is_outside_noise():
    found = rows(concluded_beside(followed([30.0, 31.0]), 0.05, source=NoiseSource.PERTURBATION))
    mean = last(found, MEAN)
    assert mean["noise_says"].startswith("exceeds the perturbation lower bound; scan–rescan variation unknown")
    assert (mean["noise_source"], mean["noise_p"], mean["noise_q"]) == (NoiseSource.PERTURBATION, None, None)
