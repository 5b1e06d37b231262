"""Numbers, dates, states and verdicts as words and shapes."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from monitoring.templatetags import clinical
from patients.vocabulary import CandidateState, ResponseCategory, RunState, UploadState

THIN = "\u202f"


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (clinical.day(date(2024, 3, 2)), "2 Mar 2024"),
        (clinical.day(None), "–"),
        (clinical.moment(datetime(2024, 3, 2, 9, 5, tzinfo=UTC)), "2 Mar 2024, 09:05"),
        (clinical.moment(None), "–"),
        (clinical.mm(Decimal("34.60")), f"34.6{THIN}mm"),
        (clinical.mm(None), "–"),
        (clinical.tenths(22.04), "22.0"),
        (clinical.tenths(None), "–"),
        (clinical.whole(-7), "−7"),
        (clinical.whole(None), "–"),
        (clinical.ml(9.876), f"9.88{THIN}mL"),
        (clinical.ml(123.4), f"123.4{THIN}mL"),
        (clinical.ml(None), "–"),
        (clinical.signed_mm(-25.24), f"−25.2{THIN}mm"),
        (clinical.signed_mm(-0.01), f"0.0{THIN}mm"),
        (clinical.signed_mm(None), "–"),
        (clinical.percent(Decimal("-0.4221")), f"−42.2{THIN}%"),
        (clinical.percent(0.2), f"+20.0{THIN}%"),
        (clinical.percent(None), "–"),
        (clinical.size_of_file(0), f"0{THIN}B"),
        (clinical.size_of_file(526_336), f"526{THIN}kB"),
        (clinical.size_of_file(33_700_000), f"33.7{THIN}MB"),
        (clinical.size_of_file(2_500_000_000), f"2.50{THIN}GB"),
    ],
)
def test_numbers_and_dates_for_reading(shown, words):
    assert shown == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (1234.5678, "1235"),
        (-3.0, "−3.000"),
        (0.0, "0"),
        (0.00123, "0.001230"),
        (1.2345e-5, "1.234×10⁻⁵"),
        (-6.56e7, "−6.560×10⁷"),
        (None, "–"),
    ],
)
def test_a_feature_has_four_digits_that_count(value, words):
    assert clinical.number(value) == words


def test_what_a_template_did_not_find_is_no_number():
    assert clinical.is_absent("") and clinical.is_absent(None)
    assert not clinical.is_absent(0.0)


def test_a_change_has_its_sign():
    assert (clinical.signed(0.5), clinical.signed(-0.5), clinical.signed(0.0)) == ("+0.5000", "−0.5000", "0")
    assert clinical.signed(None) == "–"


def test_codes_become_words():
    assert clinical.absence("SMALL_ROI") == "too few voxels for texture"
    assert clinical.organ("LYMPH_NODE") == "Lymph node"
    assert clinical.role("NON_TARGET") == "Non-target"
    assert clinical.modality("PT") == "PET"
    assert clinical.drug_class("TARGETED") == "Targeted therapy"
    assert clinical.outline_format("SEG") == "DICOM SEG"
    assert clinical.organ("") == ""


@pytest.mark.parametrize("category", list(ResponseCategory))
def test_a_response_is_text_shape_and_colour(category):
    shown = clinical.response(category.value)
    assert f"call-{category.value.replace('/', '-')}" in shown
    assert "<svg" in shown and 'aria-hidden="true"' in shown
    letters = shown.rpartition("</svg>")[2]
    assert category.label in letters or category.value in letters
    assert category.label in shown


@pytest.mark.parametrize("code", [*UploadState, *CandidateState, *RunState])
def test_every_state_has_words_and_a_shape(code):
    shown = clinical.state(code.value)
    assert code.label in shown and "<svg" in shown


def test_a_state_can_be_told_in_other_words():
    assert "Measuring 2 of 5" in clinical.state("RUNNING", "Measuring 2 of 5")


def test_keys_and_values_of_a_record_as_words():
    assert clinical.words("voxels_after") == "Voxels after"
    assert clinical.plain([0.75, 0.75, 2.5]) == "0.75 × 0.75 × 2.5"
    assert clinical.plain({"low": 1, "high": [2, 3]}) == "low 1, high 2 × 3"


def test_no_two_categories_share_a_shape():
    drawings = [clinical.shape(category.value).partition(">")[2] for category in ResponseCategory]
    assert len(set(drawings)) == len(drawings)
