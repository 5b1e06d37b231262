"""A series that was read becomes a row of the triage table that says what will happen, and why not."""

from datetime import timedelta
from typing import Any

import pytest

from patients.models import Lesion, Patient, Scan
from patients.vocabulary import CandidateState
from radiomics_tasks.triage import later_outlines, read_series, refused_series, with_lesions
from tests.factories import (
    BASELINE_ON,
    LesionFactory,
    PatientFactory,
    SegmentationFactory,
    UploadFactory,
    digest_of,
    facts,
    outline,
)
from tests.patients.rows import scan_on

pytestmark = pytest.mark.django_db

KNOWN = {"patient_id_hmac": "a" * 64, "birth_date_hmac": "", "sex_hmac": ""}
TOO_SMALL = {"code": "E_MASK_SIZE", "sentence": "Mask 2×2×2, scan 3×3×3."}


def found(**more) -> dict[str, Any]:
    known = {"acquired_on": "2024-03-04", "description": "Thorax", "volume_digest": digest_of("volume")}
    return facts(**{**known, "identity": KNOWN, **more})


def usable(name: str = "liver 1", **more) -> dict[str, Any]:
    plain = outline(name, **more)
    return {key: plain[key] for key in plain if key not in ("is_new", "meets", "why")}


def bad(name: str = "bad") -> dict[str, Any]:
    return usable(name, mask_file="", mask_digest="", centroid_mm=[], problems=[TOO_SMALL])


@pytest.fixture
def patient() -> Patient:
    return PatientFactory.create(**KNOWN)


@pytest.fixture
def lesion(patient) -> Lesion:
    row = LesionFactory.create(patient=patient, tracking_id="liver 1", tracking_uid="2.25.5")
    SegmentationFactory.create(scan=scan_on(patient, BASELINE_ON), lesion=row, roi_name="GTV")
    return row


def series(patient: Patient, facts_=None, outlines=(), problems=()) -> dict[str, Any]:
    return read_series(
        UploadFactory.create(team=patient.team), "scan.zip", facts_ or found(), list(outlines), list(problems)
    )


def test_a_series_without_doubts_is_ready(patient):
    row = series(patient, outlines=[usable()])
    assert (row["state"], row["patient"], row["problems"]) == (CandidateState.READY, patient, [])
    assert (row["acquired_on"], row["description"], row["modality"]) == ("2024-03-04", "Thorax", "CT")
    assert row["outlines"][0]["is_new"]


def test_what_cannot_be_read_is_refused_under_its_name(patient):
    row = series(patient, found(description=""), problems=[{"code": "E_MISSING_SLICES", "sentence": "Missing."}])
    assert (row["state"], row["description"]) == (CandidateState.REFUSED, "scan.zip")
    assert len(refused_series("a-" * 150, TOO_SMALL)["description"]) == 120


def test_a_doubt_of_the_reader_needs_a_person(patient):
    row = series(patient, problems=[{"code": "Q_DERIVED", "sentence": "Derived."}])
    assert (row["state"], row["problems"][0]["code"]) == (CandidateState.NEEDS_PERSON, "Q_DERIVED")


def test_a_scan_that_is_filed_with_these_outlines_is_a_duplicate(patient):
    scan = scan_on(patient, BASELINE_ON)
    kept = SegmentationFactory.create(scan=scan, roi_name="liver 1")
    row = series(
        patient,
        found(volume_digest=scan.volume_digest),
        [usable(mask_digest=kept.mask_digest)],
        [{"code": "Q_DERIVED", "sentence": "Derived."}],
    )
    assert (row["state"], row["scan"], row["problems"][0]["code"]) == (CandidateState.DUPLICATE, scan, "DUPLICATE")


def test_a_new_outline_of_a_filed_scan_is_ready(patient):
    scan = scan_on(patient, BASELINE_ON)
    row = series(patient, found(volume_digest=scan.volume_digest), [usable(mask_digest=digest_of("newer"))])
    assert (row["state"], row["scan"]) == (CandidateState.READY, scan)


def test_a_bad_outline_of_a_filed_scan_is_told_and_not_taken_for_a_duplicate(patient):
    scan = scan_on(patient, BASELINE_ON)
    row = series(patient, found(volume_digest=scan.volume_digest), [bad()])
    assert (row["state"], row["problems"]) == (CandidateState.REFUSED, [TOO_SMALL])


def test_a_bad_outline_beside_a_good_one_needs_a_person(patient):
    row = series(patient, outlines=[bad(), usable()])
    assert row["state"] == CandidateState.NEEDS_PERSON
    assert [(o["name"], o["is_new"]) for o in row["outlines"]] == [("bad", False), ("liver 1", True)]


def test_on_the_first_scan_outlines_say_that_they_open_lesions(patient):
    (row,) = with_lesions(patient, None, None, [usable()])
    assert (row["meets"], row["why"]) == (None, "Opens a lesion, if this is the patient's first scan to be filed")
    (unknown,) = with_lesions(None, None, None, [usable()])
    assert unknown["why"] == row["why"]


def test_on_a_later_scan_they_say_which_lesion_they_meet_and_why(lesion):
    rows = with_lesions(lesion.patient, None, None, [usable(tracking_uid="2.25.5"), bad(), usable("new one")])
    assert [row["meets"] for row in rows] == [lesion.pk, None, None]
    assert rows[0]["why"] == "Same tracking UID as liver 1"
    assert "new for this patient" in rows[2]["why"]


def test_the_mask_of_another_date_is_kept_out_with_the_date(lesion):
    used = lesion.segmentations.get()
    (row,) = with_lesions(lesion.patient, None, None, [usable(mask_digest=used.mask_digest)])
    assert (row["problems"][0]["code"], row["is_new"]) == ("Q_MASK_REUSED", False)


def later(scan: Scan, *outlines: dict[str, Any]) -> dict[str, Any]:
    return later_outlines(scan, outlines)


def test_outlines_that_come_later_belong_to_the_patient_of_their_scan(patient, lesion):
    scan = scan_on(patient, BASELINE_ON + timedelta(56), facts=found(acquired_on=None, modality="", identity={}))
    row = later(scan, usable(tracking_uid="2.25.5"))
    assert (row["state"], row["patient"], row["scan"]) == (CandidateState.READY, patient, scan)
    assert (row["acquired_on"], row["modality"]) == (scan.acquired_on, scan.modality)
    assert (row["volume_digest"], row["outlines"][0]["meets"]) == (scan.volume_digest, lesion.pk)


def test_a_later_outline_that_cannot_be_used_is_refused_with_its_sentence(patient):
    row = later(scan_on(patient, BASELINE_ON), bad())
    assert (row["state"], row["problems"]) == (CandidateState.REFUSED, [TOO_SMALL])
