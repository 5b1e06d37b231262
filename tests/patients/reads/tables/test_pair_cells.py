"""The export says of each value its change from baseline, whether the scans may be compared, and who accepted that."""

from typing import Any

import pytest

from patients.reads.tables.exports import COLUMNS, tidy_rows
from patients.vocabulary import Absence
from patients.writes.trusting.trust import accept_pair
from tests.comparing import blocked_pair, concluded, sharpened
from tests.patients.rows import followed

pytestmark = pytest.mark.django_db

TEXTURE = "original_firstorder_Mean"


def rows(patient, feature: str) -> list[dict[str, Any]]:
    found = [dict(zip(COLUMNS, row, strict=True)) for row in tidy_rows([patient.pk])]
    return [row for row in found if row["feature"] == feature]


@pytest.fixture
def patient():
    return sharpened(followed([30.0, 28.0, 26.0]))


def test_baseline_has_nothing_to_be_compared_with(patient):
    first = rows(patient, TEXTURE)[0]
    assert (first["from_baseline"], first["from_baseline_reason"]) == (None, Absence.NO_REFERENCE)
    assert first["comparability"] == first["comparability_says"] == first["acquisition_rules"] == ""


def test_a_blocked_pair_keeps_texture_back_and_lets_size_through(patient):
    texture, size = rows(patient, TEXTURE)[-1], rows(patient, "longest_diameter_mm")[-1]
    assert (texture["from_baseline"], texture["from_baseline_reason"]) == (None, Absence.NOT_COMPARABLE)
    assert texture["comparability"] == size["comparability"] == "BLOCK_TEXTURE"
    assert "kernel" in texture["comparability_says"].lower()
    assert size["from_baseline"] == -4.0
    assert texture["acquisition_rules"].startswith("acquisition-")
    assert rows(patient, "short_axis_mm")[-1]["from_baseline_reason"] == Absence.NOT_COMPUTED


def test_an_accepted_pair_shows_the_change_and_whose_word_it_is(patient, owner):
    word = accept_pair(blocked_pair(patient), owner, "Both were reconstructed again with the soft kernel.")
    concluded(patient)
    texture = rows(patient, TEXTURE)[-1]
    assert texture["from_baseline"] == pytest.approx(-8.0 / 7)
    assert (texture["from_baseline_reason"], texture["engine_build_differs"]) == ("", "no")
    assert (texture["comparability"], texture["accepted_by"]) == ("BLOCK_TEXTURE", "owner")
    assert texture["accepted_at"] == word.accepted_at.isoformat()
    assert texture["accepted_reason"] == "Both were reconstructed again with the soft kernel."
    assert rows(patient, TEXTURE)[1]["accepted_by"] == ""
