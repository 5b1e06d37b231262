"""Whose series it is: found by keyed hashes within one team, told with its reason, doubted where they disagree."""

from typing import Any

import pytest

from patients.reads.scans.proposals import proposal
from tests.factories import (
    BASELINE_ON,
    PatientFactory,
    ScanFactory,
    TimepointFactory,
    UploadFactory,
    digest_of,
    facts,
)

pytestmark = pytest.mark.django_db

KNOWN = {"patient_id_hmac": "a" * 64, "birth_date_hmac": "b" * 64, "sex_hmac": "c" * 64}


def found(identity=None, **more) -> dict[str, Any]:
    known = {"acquired_on": BASELINE_ON.isoformat(), "volume_digest": digest_of("volume")}
    return facts(**{**known, "identity": identity or {}, **more})


def codes(made) -> list[str]:
    return [known["code"] for known in made.problems]


@pytest.mark.parametrize(
    "changed, why",
    [
        ({}, "Same patient ID, birth date and sex."),
        ({"sex_hmac": ""}, "Same patient ID and birth date."),
        ({"sex_hmac": "", "birth_date_hmac": ""}, "Same patient ID."),
    ],
)
def test_a_known_patient_is_found_and_it_says_by_what(changed, why):
    upload = UploadFactory.create()
    patient = PatientFactory.create(team=upload.team, **KNOWN)
    made = proposal(upload, found({**KNOWN, **changed}))
    assert (made.patient, made.why, made.pseudonym, made.problems) == (patient, why, "", ())


@pytest.mark.parametrize("name, word", [("birth_date_hmac", "birth date"), ("sex_hmac", "sex")])
def test_a_birth_date_or_sex_that_differs_is_a_doubt(name, word):
    upload = UploadFactory.create()
    PatientFactory.create(team=upload.team, **KNOWN)
    made = proposal(upload, found({**KNOWN, name: "d" * 64}))
    assert codes(made) == ["Q_DEMOGRAPHICS"]
    assert f"The {word} differs" in made.problems[0]["sentence"]


def test_both_that_differ_are_told_in_one_doubt():
    upload = UploadFactory.create()
    PatientFactory.create(team=upload.team, **KNOWN)
    made = proposal(upload, found({**KNOWN, "birth_date_hmac": "d" * 64, "sex_hmac": "d" * 64}))
    assert [known["sentence"] for known in made.problems] == [
        "The birth date and the sex differ from the patient's earlier scans. Check whose scan it is."
    ]


def test_a_patient_that_was_picked_is_proposed_and_doubted_where_the_id_differs():
    patient = PatientFactory.create(**KNOWN)
    upload = UploadFactory.create(team=patient.team, patient=patient)
    made = proposal(upload, found({"patient_id_hmac": "f" * 64}))
    assert (made.patient, codes(made)) == (patient, ["Q_WRONG_PATIENT"])
    assert proposal(upload, found({})).problems == ()


def test_the_same_person_in_another_team_is_not_found_and_not_betrayed():
    theirs = PatientFactory.create(**KNOWN)
    upload = UploadFactory.create()
    made = proposal(upload, found(KNOWN))
    assert (made.patient, codes(made)) == (None, ["Q_NEW_PATIENT"])
    assert theirs.pseudonym not in repr(made)
    there = proposal(UploadFactory.create(team=theirs.team), found({**KNOWN, "patient_id_hmac": "e" * 64}))
    assert made.pseudonym != there.pseudonym


def test_two_patients_with_one_id_are_for_a_person_to_tell_apart():
    upload = UploadFactory.create()
    PatientFactory.create_batch(2, team=upload.team, **KNOWN)
    made = proposal(upload, found(KNOWN))
    assert (made.patient, codes(made)) == (None, ["Q_NEW_PATIENT"])
    assert made.why == "Several patients of this team have this patient ID: choose one."


def test_new_patients_get_one_pseudonym_each_however_many_arrive_together():
    upload = UploadFactory.create()
    named = [proposal(upload, found({"patient_id_hmac": digest_of(who)})).pseudonym for who in (1, 1, 2, 3)]
    assert named[0] == named[1]
    assert len(set(named)) == 3
    nameless = [proposal(upload, found({}, volume_digest=digest_of(volume))).pseudonym for volume in (4, 5)]
    assert len({*named, *nameless}) == 5


def test_a_pseudonym_that_is_taken_is_not_proposed():
    upload = UploadFactory.create()
    first = proposal(upload, found(KNOWN)).pseudonym
    PatientFactory.create(pseudonym=first)
    second = proposal(upload, found(KNOWN)).pseudonym
    assert second != first
    assert second.startswith(first)


def test_what_the_files_do_not_say_is_asked():
    made = proposal(UploadFactory.create(), found({}, acquired_on=None, modality="", date_problem="The date is empty."))
    assert codes(made) == ["Q_NEW_PATIENT", "Q_DATE", "Q_MODALITY"]
    assert made.problems[1]["sentence"] == "The date is empty."


def test_the_same_images_of_the_same_patient_are_the_same_scan():
    upload = UploadFactory.create()
    patient = PatientFactory.create(team=upload.team, **KNOWN)
    scan = ScanFactory.create(timepoint=TimepointFactory.create(patient=patient))
    made = proposal(upload, found(KNOWN, volume_digest=scan.volume_digest))
    assert (made.same_scan, made.problems) == (scan, ())


def test_the_same_images_or_series_under_another_patient_are_a_doubt_that_names_nobody():
    there = ScanFactory.create(series_instance_uid="2.25.7")
    upload = UploadFactory.create()
    same = proposal(upload, found({}, volume_digest=there.volume_digest, series_instance_uid="2.25.7"))
    assert codes(same) == ["Q_NEW_PATIENT", "Q_PIXELS_OTHER_PATIENT"]
    assert (same.same_scan, there.patient.pseudonym in repr(same)) == (None, False)
    series = proposal(upload, found({}, series_instance_uid="2.25.7"))
    assert codes(series) == ["Q_NEW_PATIENT", "Q_UID_OTHER_PATIENT"]
    assert codes(proposal(upload, found({}, series_instance_uid=""))) == ["Q_NEW_PATIENT"]
