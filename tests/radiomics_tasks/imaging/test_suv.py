"""SUV by body weight against values worked out by hand, and each way in which SUV is undefined."""

import re
from datetime import datetime

import numpy as np
import pydicom
import pytest

from patients.vocabulary import Unit
from radiomics_tasks.errors import Refusal
from radiomics_tasks.imaging.dicom import read_series
from radiomics_tasks.imaging.phantom.pet_tags import pet_tags
from radiomics_tasks.imaging.series.tracer import CORRECT_AT_SOURCE
from tests.radiomics_tasks.imaging.series.made import ct

WHAT_TO_DO = re.compile(r"\. (?:Export|Send|Correct) [^.]+\.$")
TEN = datetime(2024, 3, 1, 10)
SHAPE = (4, 8, 8)


def pet(folder, bq_per_ml=10_000.0, slice_tags=None, tags=None, **about):
    """A PET of one value, injected at ten, scanned at eleven."""
    arguments = {"injected_at": TEN} | about
    array = np.full(SHAPE, bq_per_ml)
    everything = pet_tags(**arguments) | (tags or {})
    return ct(folder, array, modality="PT", tags=everything, slice_tags=slice_tags, slope=0.5)


def suv(paths) -> float:
    series = read_series(paths)
    assert series.volume.unit == Unit.SUV_BW
    low, high = float(series.volume.array.min()), float(series.volume.array.max())
    assert low == high
    return low


def refusal(paths) -> Refusal:
    with pytest.raises(Refusal) as caught:
        read_series(paths)
    assert caught.value.sentence.startswith("SUV is undefined: ")
    assert WHAT_TO_DO.search(caught.value.sentence), caught.value.sentence
    return caught.value


def test_corrected_to_the_start_of_the_scan(tmp_path):
    assert suv(pet(tmp_path)) == pytest.approx(2.763367, abs=5e-7)


def test_corrected_to_administration_is_not_decayed_again(tmp_path):
    assert suv(pet(tmp_path, decay_correction="ADMIN")) == pytest.approx(1.891892, abs=5e-7)


def test_over_midnight(tmp_path):
    about = {"dose_bq": 300e6, "weight_kg": 80.0, "series_time": "002500", "acquisition_time": "002500"}
    injected = datetime(2024, 2, 29, 23, 30)
    series = read_series(pet(tmp_path, 12_000.0, injected_at=injected, has_full_injection_moment=False, **about))
    assert float(series.volume.array[0, 0, 0]) == pytest.approx(4.528771, abs=5e-7)
    assert [note.code for note in series.notes] == ["W_SUV_MIDNIGHT"]
    assert series.suv.facts["elapsed_s"] == 3300.0
    assert suv(pet(tmp_path / "full", 12_000.0, injected_at=injected, **about)) == pytest.approx(4.528771, abs=5e-7)


def test_gallium(tmp_path):
    about = {"nuclide": "Ga-68", "half_life_s": 4057.74, "dose_bq": 150e6, "weight_kg": 60.0}
    assert suv(pet(tmp_path, 5_000.0, **about)) == pytest.approx(3.699149, abs=5e-7)


def test_a_post_processed_series_goes_by_its_first_acquisition(tmp_path):
    assert suv(pet(tmp_path, series_time="114000")) == pytest.approx(2.763367, abs=5e-7)
    beds = {"AcquisitionTime": ["110800", "110400", "110000", "111200"]}
    paths = pet(tmp_path / "beds", series_time="114000", slice_tags=beds)
    assert suv(paths) == pytest.approx(2.763367, abs=5e-7)
    assert read_series(paths).suv.facts["reference_source"] == "earliest AcquisitionTime"


def test_a_series_time_before_the_first_acquisition_counts(tmp_path):
    paths = pet(tmp_path, series_time="110000", acquisition_time="110500")
    assert suv(paths) == pytest.approx(2.763367, abs=5e-7)
    assert read_series(paths).suv.facts["reference_source"] == "SeriesTime"


def with_private(paths, group: int, creator: str, element: int, vr: str, value):
    for path in paths:
        ds = pydicom.dcmread(path)
        ds.private_block(group, creator, create=True).add_new(element, vr, value)
        ds.save_as(path)
    return paths


def test_ge_tells_the_scan_time_of_a_post_processed_series(tmp_path):
    paths = pet(tmp_path, series_time="114000", acquisition_time="110500")
    with_private(paths, 0x0009, "GEMS_PETD_01", 0x0D, "DT", "20240301110000.00")
    assert suv(paths) == pytest.approx(2.763367, abs=5e-7)
    assert read_series(paths).suv.facts["reference_source"] == "GE scan time (0009,100d)"


@pytest.mark.parametrize("kind", [None, "BW"])
def test_what_is_suv_already_is_left_alone(tmp_path, kind):
    paths = pet(tmp_path, 2.5, units="GML", tags={"SUVType": kind, "PatientWeight": None})
    assert suv(paths) == 2.5


@pytest.mark.parametrize(
    ("kind", "unit"), [("LBM", "SUVlbm"), ("LBMJANMA", "SUVlbm"), ("BSA", "SUVbsa"), ("IBW", "SUVibw")]
)
def test_other_kinds_of_suv_keep_their_own_unit(tmp_path, kind, unit):
    series = read_series(pet(tmp_path, 2.5, units="GML", tags={"SUVType": kind}))
    assert (series.volume.unit, float(series.volume.array.max())) == (unit, 2.5)


def test_philips_counts(tmp_path):
    to_suv = with_private(
        pet(tmp_path / "a", 1000, units="CNTS"), 0x7053, "Philips PET Private Group", 0x00, "DS", "0.002"
    )
    assert suv(to_suv) == pytest.approx(2.0)
    to_bq = with_private(pet(tmp_path / "b", 1000, units="CNTS"), 0x7053, "Philips PET Private Group", 0x09, "DS", "10")
    assert suv(to_bq) == pytest.approx(2.763367, abs=5e-7)
    assert "manufacturer's factor" in refusal(pet(tmp_path / "c", 1000, units="CNTS")).sentence


@pytest.mark.parametrize(
    ("about", "code", "words"),
    [
        ({"weight_kg": None}, "E_SUV_WEIGHT", "weight is missing"),
        ({"weight_kg": 0.0}, "E_SUV_WEIGHT", "weight is missing"),
        ({"weight_kg": 700.0}, "E_SUV_WEIGHT", "700 kg"),
        ({"dose_bq": None}, "E_SUV_DOSE", "dose is missing"),
        ({"dose_bq": 0.0}, "E_SUV_DOSE", "dose is missing"),
        ({"dose_bq": 370.0}, "E_SUV_DOSE", "MBq"),
        ({"half_life_s": 0.0}, "E_SUV_HALF_LIFE", "missing"),
        ({"half_life_s": 6700.0}, "E_SUV_HALF_LIFE", "not that of F-18"),
        ({"half_life_s": 4057.7}, "E_SUV_HALF_LIFE", "not that of F-18"),
        ({"decay_correction": "NONE"}, "E_SUV_DECAY", "NONE"),
        ({"decay_correction": None}, "E_SUV_DECAY", "missing"),
        ({"corrected": ("ATTN", "SCAT")}, "E_SUV_DECAY", "contradict"),
        ({"corrected": ("DECY",)}, "E_SUV_DECAY", "attenuation"),
        ({"units": "PROPCNTS"}, "E_SUV_UNITS", "neither"),
        ({"tags": {"Units": None}}, "E_SUV_UNITS", "missing"),
        ({"units": "GML", "tags": {"SUVType": "ODD"}}, "E_SUV_UNITS", "not known"),
        ({"injected_at": None}, "E_SUV_TIME", "injection is missing"),
        ({"injected_at": datetime(2024, 3, 1, 12)}, "E_SUV_TIME", "do not fit"),
        ({"injected_at": datetime(2024, 2, 29, 10)}, "E_SUV_TIME", "do not fit"),
        ({"injected_at": datetime(2024, 3, 1, 12), "has_full_injection_moment": False}, "E_SUV_TIME", "do not fit"),
        ({"series_time": "114000", "tags": {"AcquisitionTime": None}}, "E_SUV_TIME", "start of the PET"),
        ({"tags": {"RadiopharmaceuticalInformationSequence": None}}, "E_SUV_DOSE", "are missing"),
    ],
)
def test_suv_is_undefined_and_says_why(tmp_path, about, code, words):
    found = refusal(pet(tmp_path, **about))
    assert found.code == code
    assert words in found.sentence


def test_one_slice_without_its_acquisition_time(tmp_path):
    paths = pet(tmp_path, series_time="114000")
    ds = pydicom.dcmread(paths[1])
    del ds.AcquisitionTime
    ds.save_as(paths[1])
    assert refusal(paths).code == "E_SUV_TIME"


def test_nuclide_and_tracer_must_fit(tmp_path):
    paths = pet(tmp_path, nuclide="Ga-68")
    for path in paths:
        ds = pydicom.dcmread(path)
        ds.RadiopharmaceuticalInformationSequence[0].Radiopharmaceutical = "FDG"
        del ds.RadiopharmaceuticalInformationSequence[0].RadiopharmaceuticalCodeSequence
        ds.save_as(path)
    assert (
        refusal(paths).sentence
        == "SUV is undefined: the tracer carries F-18, the half-life is Ga-68's. " + CORRECT_AT_SOURCE
    )


def test_mixed_units_are_no_series(tmp_path):
    with pytest.raises(Refusal) as caught:
        read_series(pet(tmp_path, slice_tags={"Units": ["BQML", "BQML", "GML", "BQML"]}))
    assert caught.value.code == "E_MIXED_UNITS"


@pytest.mark.parametrize("elements", [{"PatientWeight": [70, 70, 80, 70]}, {"PatientWeight": [70, 70, 70, 0]}])
def test_slices_that_tell_of_different_injections(tmp_path, elements):
    with pytest.raises(Refusal) as caught:
        read_series(pet(tmp_path, slice_tags=elements))
    assert caught.value.code == "E_MIXED_UNITS"


def test_the_slope_of_each_slice_counts(tmp_path):
    array = np.stack([np.full(SHAPE[1:], 5000.0 * (n + 1)) for n in range(4)])
    paths = ct(tmp_path, array, modality="PT", tags=pet_tags(injected_at=TEN), slope=[0.5, 1.0, 1.25, 2.0])
    values = read_series(paths).volume.array[:, 0, 0]
    assert values == pytest.approx([2.763367 / 2 * (n + 1) for n in range(4)], abs=1e-6)


def test_a_real_pet_in_suv_is_not_converted_twice(data_dir):
    series = read_series(sorted((data_dir / "sts_ct_pet_mr/STS_002/dicom/PET/image").glob("*.dcm")))
    assert series.suv.facts["method"] == "already SUV, factor 1"
    stored = pydicom.dcmread(series.headers[20].path)
    expected = stored.pixel_array * float(stored.RescaleSlope)
    assert np.array_equal(series.volume.array[20], expected.astype(np.float32))
