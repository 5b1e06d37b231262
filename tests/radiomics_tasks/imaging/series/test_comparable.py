"""Every acquisition rule is met by real series that went through intake, on both sides of its limit."""

import pytest

from radiomics_tasks.analysis.trust.comparability.gate import pair_comparability
from radiomics_tasks.analysis.trust.comparability.rules import default_rules
from radiomics_tasks.imaging.phantom.dicom_out import write_series
from tests.radiomics_tasks.analysis.trust.comparability.pairs import MORE_PAIRS, PAIRS, Pair, ct, of, pt
from tests.radiomics_tasks.imaging.series.made import DAY, SPACING_MM, values
from tests.radiomics_tasks.imaging.series.written import facts_read, sides_read, write
from tests.radiomics_tasks.imaging.uploads import upload

RULES = {rule.code: rule for rule in default_rules().rules}
# What cannot be measured at all never becomes a scan: intake refuses it, with the code.
AT_THE_DOOR = {
    ("RESCALE", 0): (ct(RescaleType="US"), "E_NO_RESCALE"),
    ("WEIGHT", 0): (pt(now=of("suv.weight_kg", 0.0)), "E_SUV_WEIGHT"),
    ("UNITS", 0): (pt(now=of("suv.units", "PROPCPS")), "E_SUV_UNITS"),
    ("UNITS", 3): (pt(now=of("suv.units", "CNTS")), "E_SUV_UNITS"),
    ("DECAY", 0): (pt(now=of("suv.decay_correction", "NONE")), "E_SUV_DECAY"),
}
# The pairs whose limit is a value of this width in the files: jitter within what a regular grid may have.
JITTER = (
    Pair("CT", of("facts.jitter_mm", 0.16), {"facts.slice_mm": 12.0, "SliceThickness": 5.0}),
    Pair("CT", of("facts.jitter_mm", 0.09), {"facts.slice_mm": 12.0, "SliceThickness": 5.0}),
)
THROUGH_FILES = {**PAIRS, ("SLICE_SPACING", 1): JITTER}
OF_THE_OUTLINE = {"SEGMENTATION", "PROFILE", "OUTSIDE_RANGE"}
QUESTIONS = [key for key in THROUGH_FILES if key not in AT_THE_DOOR and key[0] not in OF_THE_OUTLINE]


def says(pair: Pair, code: str, tmp_path) -> list[str]:
    found = pair_comparability(*sides_read(pair, tmp_path))
    return [hit.sentence for hit in found.hits if hit.code == code and not hit.is_silent]


@pytest.mark.parametrize(("code", "place"), QUESTIONS, ids=[f"{code}-{place}" for code, place in QUESTIONS])
def test_a_question_is_met_by_files_on_one_side_of_its_limit_only(code, place, tmp_path):
    check = RULES[code].checks[place]
    met, missed = THROUGH_FILES[code, place]
    assert any(sentence.startswith(check.says) for sentence in says(met, code, tmp_path / "met"))
    assert not any(sentence.startswith(check.says) for sentence in says(missed, code, tmp_path / "missed"))


@pytest.mark.parametrize(("code", "place", "met", "missed"), MORE_PAIRS, ids=[more[0] for more in MORE_PAIRS])
def test_a_second_limit_has_its_two_sides_in_files(code, place, met, missed, tmp_path):
    said = RULES[code].checks[place].says
    assert any(sentence.startswith(said) for sentence in says(met, code, tmp_path / "met"))
    assert not any(sentence.startswith(said) for sentence in says(missed, code, tmp_path / "missed"))


@pytest.mark.parametrize("question", AT_THE_DOOR, ids=[f"{code}-{place}" for code, place in AT_THE_DOOR])
def test_what_would_block_any_pair_is_refused_at_intake(question, tmp_path):
    pair, expected = AT_THE_DOOR[question]
    write(tmp_path / "drop", pair.modality, pair.now)
    (scan,) = upload(tmp_path / "work", tmp_path / "drop").scans
    assert expected in [problem["code"] for problem in scan["problems"]]


def test_a_modified_hu_scale_is_not_hu(tmp_path):
    assert says(ct(RescaleType="HU_MOD"), "RESCALE", tmp_path)


@pytest.mark.parametrize("modality", ["CT", "MR", "PT"])
def test_equal_files_are_comparable_and_nothing_is_missing(modality, tmp_path):
    found = pair_comparability(*sides_read(Pair(modality, {}), tmp_path))
    assert [hit.sentence for hit in found.hits if hit.level.severity > 1] == []
    assert not [hit.code for hit in found.hits if hit.is_silent]


def test_the_load_of_the_tube_is_that_of_all_slices_and_the_time_the_earliest(tmp_path):
    loads, times = [90, 100, 110, 100, 95, 300], [f"10161{second}.5" for second in (5, 4, 3, 2, 1, 0)]
    told: dict[str, list[object]] = {"Exposure": [*loads], "AcquisitionTime": [*times]}
    write_series(tmp_path / "drop", values(), SPACING_MM, acquired_on=DAY, slice_tags=told)
    (scan,) = upload(tmp_path / "work", tmp_path / "drop").scans
    kept = scan["facts"]["acquisition"]
    assert (kept["Exposure"], kept["AcquisitionTime"]) == (100.0, "101610.5")


@pytest.mark.parametrize("units", ["BQML", "GML"])
@pytest.mark.parametrize("correction", ["START", "ADMIN"])
def test_weight_dose_and_uptake_are_kept_whatever_the_units(units, correction, tmp_path):
    changes = {"suv.units": units, "suv.decay_correction": correction, "suv.elapsed_s": 3900.0}
    suv = facts_read("PT", changes, tmp_path)["suv"]
    assert (suv["weight_kg"], suv["dose_bq"], suv["elapsed_s"]) == (70.0, 300e6, 3900.0)
    assert suv["radiopharmaceutical"] == "FDG"


def test_a_pet_in_suv_without_any_injection_is_read_all_the_same(tmp_path):
    changes = {"suv.units": "GML", "RadiopharmaceuticalInformationSequence": None, "PatientWeight": None}
    suv = facts_read("PT", changes, tmp_path)["suv"]
    assert not {"weight_kg", "dose_bq", "elapsed_s"} & set(suv)


def test_a_typed_text_that_names_the_patient_is_withheld_and_still_says_yes(tmp_path):
    changes = {"ContrastBolusAgent": "given by SYN-T1", "ReceiveCoilName": "coil 3"}
    kept = facts_read("CT", {**changes, "PatientName": "Given^Name"}, tmp_path)["acquisition"]
    assert (kept["ContrastBolusAgent"], kept["ReceiveCoilName"]) == ("withheld", "coil 3")


def test_a_description_that_holds_a_part_of_the_name_is_not_kept(tmp_path):
    facts = facts_read("CT", {"SeriesDescription": "Thorax Muster", "PatientName": "Muster^Eva"}, tmp_path)
    assert facts["description"] == ""
