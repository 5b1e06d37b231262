"""Each analyte by itself: one unit and range, newest first, what was corrected still among its results."""

from datetime import date

import pytest

from monitoring.shown.blood.lab_histories import histories
from patients.lab_tables.results import checked_result
from patients.labs.words import Analyte
from patients.models import LabResult
from patients.writes.labs import correct_result, enter_result, take_back
from tests.factories import PatientFactory

pytestmark = pytest.mark.django_db
TODAY = date(2024, 12, 31)


def said(on: str, value: str, analyte: str = "LDH", unit: str = "U/L", low: str = "135", high: str = "250"):
    texts = {"analyte": analyte, "date": on, "value": value, "unit": unit, "low": low, "high": high, "assay": ""}
    checked, problems = checked_result(texts, TODAY, None)
    assert not problems
    return checked


@pytest.fixture
def patient():
    return PatientFactory.create()


def test_one_analyte_in_several_units_is_one_history(patient):
    enter_result(patient, said("2024-01-08", "240"), None)
    enter_result(patient, said("2024-01-29", "7.9", unit="µkat/L", low="2.2", high="4.1"), None)
    (ldh,) = histories(patient)
    assert (ldh.name, ldh.unit, ldh.count, ldh.references) == ("LDH", "U/L", 2, ("132 to 246", "135 to 250"))
    assert [(row.value, row.entered) for row in ldh.rows] == [("474 U/L", "7.9 µkat/L"), ("240 U/L", "240 U/L")]
    assert ldh.latest is ldh.rows[0] and ldh.latest.is_outside
    assert "8 Jan 2024: 240; 29 Jan 2024: 474" in ldh.spark


def test_quantities_that_are_not_converted_stand_apart(patient):
    for unit, value in (("copies/mL", "<1"), ("% VAF", "2")):
        enter_result(patient, said("2024-01-08", value, "ctDNA", unit, "", ""), None)
    enter_result(patient, said("2024-01-08", "90", "Lipase", "U/L", "", "60"), None)
    enter_result(patient, said("2024-01-08", "210"), None)
    told = [(one.name, one.unit, one.references) for one in histories(patient)]
    assert told == [
        ("LDH", "U/L", ("135 to 250",)), ("ctDNA", "% VAF", ()), ("ctDNA", "copies/mL", ()),
        ("Lipase", "U/L", ("up to 60",)),
    ]  # fmt: skip


def test_what_was_corrected_is_seen_and_not_counted(patient):
    row = enter_result(patient, said("2024-01-08", "2750"), None)
    correct_result(row, said("2024-01-08", "275"), None, "typing slip")
    (ldh,) = histories(patient)
    assert (ldh.count, ldh.latest and ldh.latest.value) == (1, "275 U/L")
    assert {row.became for row in ldh.rows} == {"", "corrected: typing slip"} and "2750" not in ldh.spark


def test_a_series_taken_back_as_a_whole_has_no_course(patient):
    take_back(enter_result(patient, said("2024-01-08", "275"), None), "other patient")
    (ldh,) = histories(patient)
    assert (ldh.count, ldh.latest, str(ldh.spark)) == (0, None, "")
    assert ldh.rows[0].became == "taken back: other patient"


def test_a_ratio_that_is_worked_out_has_its_own_history(patient):
    for analyte, value in (("Neutrophils", "6"), ("Lymphocytes", "1.5")):
        enter_result(patient, said("2024-01-08", value, analyte, "10^9/L", "", ""), None)
    ratio = next(one for one in histories(patient) if one.name == Analyte.NLR.label)
    assert (ratio.rows[0].value, ratio.rows[0].entered) == ("4", "neutrophils / lymphocytes")
    assert LabResult.objects.count() == 2 and histories(PatientFactory.create()) == ()
