"""Dates, states and verdicts as words and shapes."""

from datetime import UTC, date, datetime

import pytest

from monitoring.templatetags import clinical
from patients.models import Patient
from patients.vocabulary import CandidateState, ResponseCategory, RunState, UploadState


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (clinical.day(date(2024, 3, 2)), "2 Mar 2024"),
        (clinical.day(None), "–"),
        (clinical.moment(datetime(2024, 3, 2, 9, 5, tzinfo=UTC)), "2 Mar 2024, 09:05"),
        (clinical.moment(None), "–"),
    ],
)
def test_dates_for_reading(shown, words):
    assert shown == words


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


@pytest.mark.parametrize("made_up", [True, False])
def test_a_patients_link_says_what_is_made_up_and_escapes_its_pseudonym(made_up):
    patient = Patient(pseudonym="<b>7", is_synthetic=made_up)
    shown = clinical.patient_link(patient)
    assert f'href="/patients/{patient.code}/"' in shown
    assert "&lt;b&gt;7</a>" in shown
    assert ("SYNTHETIC" in shown) is made_up
