"""What makes a batch: model, kernel class, slice class; and which silence makes none."""

import pytest

from patients.words.harmonisation_words import NoBatch
from radiomics_tasks.analysis.harmonisation.batches import batch_of, slice_class
from radiomics_tasks.analysis.trust.comparability.rules import default_rules
from radiomics_tasks.analysis.trust.comparability.scan_facts import ScanFacts

CT = {"Manufacturer": "SIEMENS", "ManufacturerModelName": "Force", "ConvolutionKernel": "Br36d", "SliceThickness": 1.0}
MR = {"Manufacturer": "GE", "ManufacturerModelName": "Signa", "MagneticFieldStrength": 3, "SliceThickness": 5.0}
PET = {"ManufacturerModelName": "Vision", "ReconstructionMethod": "OSEM  TOF", "SliceThickness": 3.0}


def batch(modality, tags, **changes):
    known = {key: value for key, value in {**tags, **changes}.items() if value is not None}
    return batch_of(ScanFacts(modality=modality, acquisition=known), default_rules().wording)


def test_each_modality_has_its_own_third_part():
    assert batch("CT", CT).label == "CT · siemens force · soft kernel · slices up to 2.5 mm"
    assert batch("MR", MR).label == "MR · ge signa · 3.0 T · slices from 5 mm"
    assert batch("PT", PET).label == "PT · vision · osem tof · slices over 2.5, under 5 mm"


@pytest.mark.parametrize(
    "changes", [{"ManufacturerModelName": "Drive"}, {"ConvolutionKernel": "Br60"}, {"SliceThickness": 5.0}]
)
def test_any_part_makes_another_batch(changes):
    assert batch("CT", CT, **changes).label not in ("", batch("CT", CT).label)


def test_same_class_is_the_same_batch_in_any_spelling():
    assert batch("CT", CT, ConvolutionKernel="B30f", ManufacturerModelName=" FORCE ") == batch("CT", CT)


@pytest.mark.parametrize(
    ("modality", "tags", "changes", "reason"),
    [
        ("CT", CT, {"ManufacturerModelName": None}, NoBatch.SCANNER),
        ("CT", CT, {"ConvolutionKernel": None}, NoBatch.KERNEL),
        ("CT", CT, {"ConvolutionKernel": "XYZ"}, NoBatch.KERNEL),
        ("CT", CT, {"SliceThickness": None}, NoBatch.SLICES),
        ("CT", CT, {"SliceThickness": 0.0}, NoBatch.SLICES),
        ("MR", MR, {"MagneticFieldStrength": None}, NoBatch.FIELD),
        ("PT", PET, {"ReconstructionMethod": None}, NoBatch.RECONSTRUCTION),
    ],
)
def test_silence_makes_no_batch(modality, tags, changes, reason):
    found = batch(modality, tags, **changes)
    assert (found.label, found.absence) == ("", reason)


def test_limits_belong_to_the_class_the_rules_name():
    assert [slice_class(mm) for mm in (2.5, 2.51, 4.99, 5.0)] == [
        "slices up to 2.5 mm",
        "slices over 2.5, under 5 mm",
        "slices over 2.5, under 5 mm",
        "slices from 5 mm",
    ]
