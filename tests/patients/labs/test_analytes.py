import pytest

from patients.labs.analytes import (
    QUANTITIES,
    UnitRefused,
    analyte_named,
    check_plausible,
    converted,
    quantity_of,
    spelled,
)
from patients.labs.words import Analyte


@pytest.mark.parametrize(
    "analyte, value, unit, canonical, canonical_unit",
    [
        (Analyte.LDH, 4.1, "µkat/L", 246.0, "U/L"),
        (Analyte.LDH, 4.1, "\u03bckat/l", 246.0, "U/L"),
        (Analyte.LDH, 4100.0, "nkat/L", 246.0, "U/L"),
        (Analyte.S100B, 0.11, "ng/mL", 0.11, "µg/L"),
        (Analyte.S100B, 110.0, "pg/mL", 0.11, "µg/L"),
        (Analyte.CRP, 0.3, "mg/dL", 3.0, "mg/L"),
        (Analyte.ALBUMIN, 4.1, "g/dL", 41.0, "g/L"),
        (Analyte.HAEMOGLOBIN, 13.7, "g/dl", 137.0, "g/L"),
        (Analyte.NEUTROPHILS, 5300.0, "/µL", 5.3, "10^9/L"),
        (Analyte.NEUTROPHILS, 5.3, "x10⁹/L", 5.3, "10^9/L"),
        (Analyte.LYMPHOCYTES, 1.1, "10E3/uL", 1.1, "10^9/L"),
        (Analyte.CTDNA, 2.5, "VAF %", 2.5, "% VAF"),
        (Analyte.CTDNA, 0.025, "VAF", 2.5, "% VAF"),
        (Analyte.CTDNA, 12.0, "mtm/ml", 12.0, "MTM/mL"),
    ],
)
def test_conversions_are_exact(analyte, value, unit, canonical, canonical_unit):
    quantity = quantity_of(analyte, unit)
    assert (converted(value, unit, quantity), quantity.unit) == (canonical, canonical_unit)


def test_every_analyte_has_its_canonical_unit_among_those_it_understands():
    assert set(QUANTITIES) == set(Analyte) - {Analyte.OTHER}
    for analyte, quantities in QUANTITIES.items():
        for quantity in quantities:
            assert converted(3.25, quantity.unit, quantity) == 3.25
            assert quantity_of(analyte, quantity.unit) is quantity


@pytest.mark.parametrize(
    "analyte, unit, sentence",
    [
        (Analyte.LDH, "", "The unit is missing. Write one of: U/L, IU/L, µkat/L, nkat/L."),
        (Analyte.LDH, "mg/L", "mg/L is not known as a unit of LDH. Known are: U/L, IU/L, µkat/L, nkat/L."),
        (Analyte.OTHER, "", "The unit is missing. Write it as reported."),
    ],
)
def test_a_unit_that_is_not_understood_is_refused(analyte, unit, sentence):
    with pytest.raises(UnitRefused) as refusal:
        quantity_of(analyte, unit)
    assert (refusal.value.field, str(refusal.value)) == ("unit", sentence)


def test_absurd_values_are_refused_at_both_ends():
    quantity = quantity_of(Analyte.LDH, "U/L")
    check_plausible(Analyte.LDH, 10.0, quantity)
    check_plausible(Analyte.LDH, 50000.0, quantity)
    for value in (9.9, 50000.1):
        with pytest.raises(UnitRefused, match=r"between 10 and 50,000 U/L"):
            check_plausible(Analyte.LDH, value, quantity)
    check_plausible(Analyte.LDH, 9.9, quantity, has_least=False)


def test_names_and_units_are_known_however_they_are_typed():
    assert analyte_named("Hemoglobin") is Analyte.HAEMOGLOBIN
    assert analyte_named("pd-l1 (cps)") is Analyte.PDL1_CPS
    assert spelled("ukat/l", quantity_of(Analyte.LDH, "ukat/l")) == "µkat/L"
    assert quantity_of(Analyte.OTHER, "IE/mL").unit == "IE/mL"
