"""Blood at the date of a scan: the last result of each kind, in the model's unit, with its age and its source."""

from dataclasses import replace

import pytest

from patients.labs.words import Analyte, Bound
from radiomics_tasks.analysis.trust.pseudoprogression.blood import blood_doubts, blood_items
from tests.progressions import lab, on, progression

BARE = progression(50.0, 65.0, labs=())


def items(*labs) -> dict:
    return dict(blood_items(replace(BARE, labs=labs), on(2)))


def test_the_last_result_before_the_scan_counts():
    found = items(lab(on(2, -10), 2.0), lab(on(2, -2), 1.5), lab(on(2, 1), 9.0))["ldh"]
    assert (found.value, found.age_days) == (1.5, 2)
    assert found.sources[0].text == "LDH 375 U/L of 24 Feb 2024"


def doubts(*labs) -> list[str]:
    return list(blood_doubts(replace(BARE, labs=labs), on(2)))


def test_a_result_without_an_upper_limit_is_no_multiple_of_it_and_hides_older_ones():
    bare = replace(lab(on(2)), high=None)
    assert items(bare) == items(lab(on(2, -9), 1.2), bare) == {}
    (told,) = doubts(lab(on(2, -9), 1.2), bare)
    assert told.startswith("Not used: LDH 250 U/L of 26 Feb 2024 has no upper limit of normal.")


def test_of_one_day_the_result_that_can_be_used_counts():
    bare, whole = replace(lab(on(2)), high=None), lab(on(2), 1.3)
    assert items(bare, whole)["ldh"].value == items(whole, bare)["ldh"].value == 1.3
    assert doubts(bare, whole) == []


def test_a_limit_that_was_not_reached_is_no_value():
    bounds = lab(on(2), 1.0, bound=Bound.BELOW), lab(on(2), 3.0, Analyte.NLR, bound=Bound.ABOVE)
    assert items(lab(on(2, -9)), *bounds) == {}
    assert [told.partition(" of ")[0] for told in doubts(*bounds)] == ["Not used: LDH <250 U/L", "Not used: NLR >3 1"]


def test_what_the_model_does_not_know_is_not_asked_for():
    assert items(lab(on(2), 40.0, Analyte.CRP)) == {}


@pytest.mark.parametrize(
    ("levels", "value"),
    [
        ([(0, 100.0), (30, 9.0)], 1),
        ([(0, 100.0), (30, 10.0)], 0),
        ([(0, 100.0), (56, 120.0)], -1),
        ([(-60, 100.0), (30, 9.0)], 1),
        ([(30, 100.0), (50, 5.0)], 1),
    ],
)
def test_ctdna_is_a_direction_from_before_treatment_on(levels, value):
    found = items(*(lab(on(1, days), level, Analyte.CTDNA) for days, level in levels))["ctdna"]
    assert (found.value, len(found.sources)) == (value, 2)
    assert found.age_days == 56 - levels[-1][0]


def test_one_level_of_ctdna_or_one_from_long_before_is_no_direction():
    assert items(lab(on(1, 30), 10.0, Analyte.CTDNA)) == {}
    assert items(lab(on(1, -61), 100.0, Analyte.CTDNA), lab(on(1, 30), 9.0, Analyte.CTDNA)) == {}


def test_undetectable_throughout_is_favourable():
    levels = [lab(on(1, days), 1.0, Analyte.CTDNA, bound=Bound.BELOW) for days in (-5, 40)]
    assert items(*levels)["ctdna"].value == 1


def test_assays_are_never_mixed():
    other = replace(lab(on(1, 40), 5.0, Analyte.CTDNA), unit="% VAF")
    assert items(lab(on(1, 0), 100.0, Analyte.CTDNA), other) == {}
