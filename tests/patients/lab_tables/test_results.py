from datetime import date

import pytest

from patients.lab_tables.results import checked_result
from patients.labs.words import Analyte, Bound

TODAY = date(2024, 6, 30)
GOOD = {"analyte": "LDH", "date": "2024-01-31", "value": "7.9", "unit": "µkat/L", "low": "2.2", "high": "4.1"}


def refused(birth_year: int | None = None, **changed: str) -> dict[str, str]:
    said, problems = checked_result(GOOD | changed, TODAY, birth_year)
    assert said is None
    return {problem.field: problem.sentence for problem in problems}


def test_a_result_is_kept_as_typed_and_in_the_canonical_unit():
    said, problems = checked_result(GOOD, TODAY)
    assert said is not None and problems == ()
    assert (said.analyte, said.name, said.taken_on) == (Analyte.LDH, "LDH", date(2024, 1, 31))
    assert (said.value, said.unit, said.low, said.high) == (7.9, "µkat/L", 2.2, 4.1)
    assert (said.canonical_value, said.canonical_unit) == (474.0, "U/L")
    assert (said.canonical_low, said.canonical_high) == (132.0, 246.0)


@pytest.mark.parametrize(
    "text, bound, value",
    [("<0.1", Bound.BELOW, 0.1), ("> 500", Bound.ABOVE, 500.0), ("Not detected", Bound.BELOW, 0.0)],
)
def test_limits_are_kept_as_limits(text, bound, value):
    said, _ = checked_result(GOOD | {"analyte": "ctDNA", "value": text, "unit": "copies/mL"}, TODAY)
    assert said is not None and (said.bound, said.canonical_value) == (bound, value)


@pytest.mark.parametrize(
    "changed, field, words",
    [
        ({"unit": ""}, "unit", "The unit is missing. Write one of: U/L"),
        ({"unit": "furlong"}, "unit", "furlong is not known as a unit of LDH. Known are: U/L"),
        ({"date": "1979-12-31"}, "date", "does not lie between 1980 and today"),
        ({"date": "2024-07-01"}, "date", "does not lie between 1980 and today"),
        ({"date": "31.01.2024"}, "date", "is not a date as YYYY-MM-DD"),
        ({"date": ""}, "date", "The day is missing"),
        ({"date": "2024-01-31T08:30"}, "date", "has no time zone"),
        ({"value": "-7.9"}, "value", "is negative"),
        ({"value": "7,9"}, "value", "Write the decimal point: 7.9"),
        ({"value": "high"}, "value", "is not a number"),
        ({"value": "nan"}, "value", "is not a number"),
        ({"value": ""}, "value", "The value is missing"),
        ({"value": "1000000"}, "value", "cannot be: it lies between 10 and 50,000 U/L. Check value and unit."),
        ({"value": "=1+1"}, "value", "formula"),
        ({"low": "4.1", "high": "2.2"}, "low", "Are they swapped?"),
        ({"high": "0"}, "high", "more than zero"),
        ({"analyte": ""}, "analyte", "Say what was measured"),
        ({"analyte": "\u202e"}, "analyte", "signs"),
    ],
)
def test_each_slip_is_told_in_its_field(changed, field, words):
    assert words in refused(**changed)[field]


def test_no_result_before_the_year_of_birth():
    assert "before the birth of this patient, in 1990" in refused(1990, date="1989-12-31")["date"]
    assert checked_result(GOOD, TODAY, 1990)[0] is not None


def test_all_slips_of_a_result_are_told_at_once():
    assert set(refused(unit="", date="", value="x", low="?")) == {"unit", "date", "value", "low"}


def test_any_other_analyte_has_its_own_name_and_unit():
    said, _ = checked_result(
        GOOD | {"analyte": "Lipase ", "unit": "U/L", "value": "40", "low": "", "high": "60"}, TODAY
    )
    assert said is not None
    assert (said.analyte, said.name, said.canonical_unit, said.canonical_high) == (Analyte.OTHER, "Lipase", "U/L", 60.0)


def test_a_time_with_its_zone_is_kept_and_tells_results_of_one_day_apart():
    early, _ = checked_result(GOOD | {"date": "2024-01-31T08:30+01:00"}, TODAY)
    late, _ = checked_result(GOOD | {"date": "2024-01-31T20:30+01:00"}, TODAY)
    assert early and late and early.taken_on == late.taken_on == date(2024, 1, 31)
    assert early.identity != late.identity and early.digest != late.digest
