"""Quantities read from facts: derived where DICOM has none of its own, None where nothing is known."""

from datetime import date

import pytest

from radiomics_tasks.analysis.trust.comparability.measures import angle, ratio, relative
from radiomics_tasks.analysis.trust.comparability.quantities import NUMBERS, WORDS, numbers_of, shown, word_of
from radiomics_tasks.analysis.trust.comparability.rules import default_rules
from radiomics_tasks.analysis.trust.comparability.scan_facts import ScanFacts

WORDING = default_rules().wording


@pytest.mark.parametrize(
    ("begun", "taken", "delay"),
    [
        ("235950", "000020.5", (30.5,)),
        ("101500", "101610", (70.0,)),
        ("101500", "104500", (1800.0,)),
        ("101500", "104501", None),
        ("101500", "nonsense", None),
        ("", "101500", None),
    ],
)
def test_a_contrast_delay_passes_midnight_and_is_never_absurd(begun, taken, delay):
    scan = ScanFacts(acquisition={"ContrastBolusStartTime": begun, "AcquisitionTime": taken})
    assert numbers_of(scan, "contrast_delay_s") == delay


def test_an_empty_scan_has_no_quantity():
    empty = ScanFacts(kind="nifti", modality="CT")
    assert {key for key in NUMBERS if numbers_of(empty, key) is not None} == set()
    told = {key: word_of(empty, key, WORDING) for key in WORDS}
    assert {key: word for key, word in told.items() if word} == {
        "modality": "ct",
        "units": "missing",
        "suv_type": "bw",
        "counts_factor": "known",
        "weight": "known",
        "decay_correction": "missing",
    }
    assert shown(empty, "acquired_on", WORDING, "") is None
    assert shown(empty, "KVP", WORDING, " kV") is None


@pytest.mark.parametrize(
    ("tags", "description", "family"),
    [
        ({"ConvolutionKernel": "ASiR-V 50"}, "", "iterative"),
        ({}, "CHEST TrueFidelity-H", "deep learning"),
        ({"ReconstructionMethod": "FBP"}, "", "filtered back projection"),
        ({"ConvolutionKernel": "Br40"}, "thorax", None),
    ],
)
def test_a_reconstruction_is_told_by_its_words(tags, description, family):
    assert word_of(ScanFacts(acquisition=tags, description=description), "reconstruction", WORDING) == family


def test_values_are_shown_as_they_stand_in_the_file():
    scan = ScanFacts(modality="CT", acquired_on=date(2024, 5, 1), acquisition={"Manufacturer": "SIEMENS"})
    assert shown(scan, "Manufacturer", WORDING, "") == "SIEMENS"
    assert shown(scan, "acquired_on", WORDING, "") == "2024-05-01"
    assert shown(scan, "modality", WORDING, "") == "CT"
    assert shown(scan, "kernel_name", WORDING, "") is None
    assert shown(scan, "rescale", WORDING, "") == "missing"


def test_ratios_of_odd_numbers():
    assert ratio((0.0,), (3.0,)) == ratio((-1.0,), (1.0,)) == float("inf")
    assert ratio((-2.0,), (-4.0,)) == 2.0
    assert relative((5.0,), (5.0,)) == 0.0
    assert angle((1, 0, 0, 0, 1, 0), (-1, 0, 0, 0, 1, 0)) == 0.0
