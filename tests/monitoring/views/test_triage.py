"""The triage table: nothing is filed until a person confirms, and then exactly once."""

import pytest

from patients.models import Patient, Scan, Upload
from patients.vocabulary import CandidateState, RunState, Step, UploadState
from radiomics_tasks.models import ProcessingRun
from tests.factories import (
    BASELINE_ON,
    CandidateFactory,
    LesionFactory,
    PatientFactory,
    ProcessingRunFactory,
    UploadFactory,
    facts,
    outline,
)
from tests.holding import release_all
from tests.patients.rows import scan_on
from tests.standing import let_stand

pytestmark = pytest.mark.django_db

NEW_PATIENT = {"code": "Q_NEW_PATIENT", "sentence": "New patient: choose one, or confirm the pseudonym."}
NO_DATE = {"code": "Q_DATE", "sentence": "Enter the date of the scan."}
DOUBT = {"code": "Q_DERIVED", "sentence": "This is a derived image, not the original."}
REUSED = {"code": "Q_MASK_REUSED", "sentence": "This is the same mask as on 2024-01-08."}
FINAL = {"code": "Q_MIXED_PATIENT", "sentence": "Two patients in one series. Split it."}


@pytest.fixture
def upload(team):
    return UploadFactory.create(team=team)


@pytest.fixture
def patient(team):
    return PatientFactory.create(team=team, pseudonym="P-0001")


def page(client, upload):
    return client.get(f"/uploads/{upload.code}/").content.decode()


def send(client, candidate, **fields):
    prefix = str(candidate.code)[:8]
    return client.post(f"/series/{candidate.code}/file", {f"{prefix}-{name}": value for name, value in fields.items()})


def test_each_series_says_what_is_proposed_and_why(as_user, owner, upload, patient):
    lesion = LesionFactory.create(patient=patient, tracking_id="liver 4")
    CandidateFactory.create(
        upload=upload,
        patient=patient,
        why="Same patient ID.",
        outlines=[outline(meets=lesion.pk, why="Same tracking UID"), outline("x", why="Nothing within 30 mm")],
    )
    shown = page(as_user(owner), upload)
    for words in ("CT of 8 Jan 2024", "P-0001", "Same patient ID.", "liver 4", "Same tracking UID", "will wait"):
        assert words in shown


def test_nothing_is_filed_by_looking(as_user, owner, upload, patient):
    CandidateFactory.create(upload=upload, patient=patient)
    page(as_user(owner), upload)
    assert not Scan.objects.exists()


def test_a_series_is_filed_and_its_work_queued(as_user, owner, upload, patient):
    candidate = CandidateFactory.create(upload=upload, patient=patient)
    assert send(as_user(owner), candidate, pseudonym="P-0001").status_code == 302
    scan = Scan.objects.get(patient=patient)
    assert scan.filed_by == owner
    assert ProcessingRun.objects.filter(step=Step.EXTRACT, subject_pk=scan.pk).count() == 1
    assert ProcessingRun.objects.filter(step=Step.REASSESS, subject_pk=patient.pk).count() == 1


def test_a_double_click_files_once(as_user, owner, upload, patient):
    candidate = CandidateFactory.create(upload=upload, patient=patient)
    for _ in range(2):
        assert send(as_user(owner), candidate, pseudonym="P-0001").status_code == 302
    assert Scan.objects.count() == 1


def test_a_new_patient_needs_the_box(as_user, owner, upload):
    candidate = CandidateFactory.create(upload=upload, state=CandidateState.NEEDS_PERSON, problems=[NEW_PATIENT])
    answer = send(as_user(owner), candidate, pseudonym="P-0099")
    assert answer.status_code == 422
    assert "No patient of yours has this pseudonym." in answer.content.decode()
    send(as_user(owner), candidate, pseudonym="P-0099", is_new="on")
    assert Patient.objects.get(pseudonym="P-0099").scans.count() == 1


def test_a_missing_date_is_asked_for(as_user, owner, upload, patient):
    candidate = CandidateFactory.create(
        upload=upload, patient=patient, acquired_on=None, state=CandidateState.NEEDS_PERSON, problems=[NO_DATE]
    )
    assert 'type="date"' in page(as_user(owner), upload)
    answer = send(as_user(owner), candidate, pseudonym="P-0001")
    assert "Enter the date of the scan." in answer.content.decode()
    send(as_user(owner), candidate, pseudonym="P-0001", acquired_on="2024-03-01")
    assert Scan.objects.get().acquired_on.isoformat() == "2024-03-01"


def test_a_missing_modality_is_asked_for(as_user, owner, upload, patient):
    candidate = CandidateFactory.create(
        upload=upload,
        patient=patient,
        modality="",
        state=CandidateState.NEEDS_PERSON,
        problems=[{"code": "Q_MODALITY", "sentence": "CT, MR or PET?"}],
        facts=facts(modality=""),
    )
    assert "<select" in page(as_user(owner), upload)
    send(as_user(owner), candidate, pseudonym="P-0001", modality="MR")
    assert (Scan.objects.get().modality, Scan.objects.get().unit) == ("MR", "a.u.")


def test_a_doubt_must_be_looked_at(as_user, owner, upload, patient):
    candidate = CandidateFactory.create(
        upload=upload, patient=patient, state=CandidateState.NEEDS_PERSON, problems=[DOUBT]
    )
    assert "I have checked: This is a derived image" in page(as_user(owner), upload)
    assert send(as_user(owner), candidate, pseudonym="P-0001").status_code == 422
    send(as_user(owner), candidate, pseudonym="P-0001", confirmed=["Q_DERIVED"])
    assert Scan.objects.count() == 1


def test_a_doubt_that_the_chosen_patient_raises_is_asked_about_in_the_table(as_user, owner, upload, patient):
    Patient.objects.filter(pk=patient.pk).update(patient_id_hmac="a" * 64)
    identity = {"patient_id_hmac": "b" * 64, "birth_date_hmac": "", "sex_hmac": ""}
    candidate = CandidateFactory.create(upload=upload, problems=[NEW_PATIENT], facts=facts(identity=identity))
    refused = send(as_user(owner), candidate, pseudonym="P-0001")
    assert refused.status_code == 422
    assert "Held for a steward who did not send it" in refused.content.decode()
    send(as_user(owner), candidate, pseudonym="P-0001", confirmed=["Q_WRONG_PATIENT"])
    assert not Scan.objects.exists()
    release_all(upload.team)
    send(as_user(owner), candidate, pseudonym="P-0001")
    assert Scan.objects.get().patient == patient


def test_a_doubt_that_the_chosen_patient_raises_is_asked_about(as_user, owner, upload, team):
    PatientFactory.create(team=team, pseudonym="P-0002", birth_date_hmac="a" * 64)
    identity = {"patient_id_hmac": "", "birth_date_hmac": "b" * 64, "sex_hmac": ""}
    candidate = CandidateFactory.create(upload=upload, facts=facts(identity=identity))
    answer = send(as_user(owner), candidate, pseudonym="P-0002")
    assert "The birth date differs" in answer.content.decode()
    release_all(team)
    send(as_user(owner), candidate, pseudonym="P-0002")
    assert Scan.objects.count() == 1


@pytest.mark.parametrize(("confirmed", "kept"), [([], 0), (["Q_MASK_OTHER_SCAN"], 1)])
def test_an_outline_in_doubt_is_left_out_unless_ticked(as_user, owner, upload, patient, confirmed, kept):
    doubt = {"code": "Q_MASK_OTHER_SCAN", "sentence": "This mask was drawn on another scan."}
    candidate = CandidateFactory.create(upload=upload, patient=patient, outlines=[outline(problems=[doubt])])
    assert "Keep it all the same: liver 1: This mask" in page(as_user(owner), upload)
    send(as_user(owner), candidate, pseudonym="P-0001", confirmed=confirmed)
    candidate.refresh_from_db()
    assert candidate.scan.segmentations.count() == kept


def test_a_mask_seen_before_is_let_in_by_a_second_person_alone(as_user, owner, upload, patient):
    candidate = CandidateFactory.create(upload=upload, patient=patient, outlines=[outline(problems=[REUSED])])
    send(as_user(owner), candidate, pseudonym="P-0001", confirmed=["Q_MASK_REUSED"])
    candidate.refresh_from_db()
    assert candidate.scan.segmentations.count() == 0
    release_all(upload.team)
    assert candidate.scan.segmentations.count() == 1
    candidate.refresh_from_db()
    assert candidate.outlines[0]["problems"] == []


def test_what_nobody_may_file_has_no_button(as_user, owner, upload, patient):
    candidate = CandidateFactory.create(
        upload=upload, patient=patient, state=CandidateState.NEEDS_PERSON, problems=[FINAL]
    )
    assert f"/series/{candidate.code}/file" not in page(as_user(owner), upload)
    assert send(as_user(owner), candidate, pseudonym="P-0001").status_code == 422


def test_another_teams_pseudonym_is_never_matched(as_user, owner, upload):
    PatientFactory.create(pseudonym="P-OTHER")
    candidate = CandidateFactory.create(upload=upload, state=CandidateState.NEEDS_PERSON, problems=[NEW_PATIENT])
    answer = send(as_user(owner), candidate, pseudonym="P-OTHER", is_new="on")
    assert "This pseudonym is taken. Choose another one." in answer.content.decode()
    assert not Scan.objects.exists()


def test_all_that_are_ready_are_filed_with_one_click(as_user, owner, upload, patient):
    for _ in range(2):
        CandidateFactory.create(upload=upload, patient=patient)
    CandidateFactory.create(upload=upload, state=CandidateState.NEEDS_PERSON, problems=[NO_DATE], acquired_on=None)
    client = as_user(owner)
    assert "File all 2 that are ready" in page(client, upload)
    client.post(f"/uploads/{upload.code}/file-ready")
    assert (Scan.objects.count(), upload.candidates.filter(state=CandidateState.NEEDS_PERSON).count()) == (2, 1)


def test_a_ready_series_that_no_longer_fits_says_why(as_user, owner, upload, patient):
    CandidateFactory.create(upload=upload, patient=patient, acquired_on=None, description="Thorax")
    shown = as_user(owner).post(f"/uploads/{upload.code}/file-ready", follow=True).content.decode()
    assert "Thorax: The files do not say when the scan was taken." in shown


def test_a_series_can_be_declined_once(as_user, owner, upload, patient):
    candidate = CandidateFactory.create(upload=upload, patient=patient)
    client = as_user(owner)
    client.post(f"/series/{candidate.code}/decline", {"reason": "wrong patient"})
    candidate.refresh_from_db()
    assert candidate.state == CandidateState.DECLINED
    again = client.post(f"/series/{candidate.code}/decline", follow=True)
    assert "settled meanwhile" in again.content.decode()


def test_the_table_asks_again_while_the_upload_is_read(as_user, owner, upload):
    let_stand(Upload.objects.filter(pk=upload.pk), state=UploadState.READING)
    ProcessingRunFactory.create(step=Step.INGEST, subject_pk=upload.pk, state=RunState.QUEUED)
    assert 'hx-trigger="every 2s"' in page(as_user(owner), upload)


def test_pseudonyms_are_offered_as_one_types(as_user, owner, member, patient):
    PatientFactory.create(pseudonym="P-OTHER")
    shown = as_user(owner).get("/patient-options?1a2b-pseudonym=p-").content.decode()
    assert shown.strip() == '<option value="P-0001"></option>'
    assert as_user(member).get("/patient-options").status_code == 403


def test_only_the_team_and_only_the_right_roles(as_user, member, stranger, upload, patient):
    candidate = CandidateFactory.create(upload=upload, patient=patient)
    series = f"/series/{candidate.code}"
    for door in (f"/uploads/{upload.code}/file-ready", f"{series}/file", f"{series}/decline"):
        assert as_user(member).post(door).status_code == 403
        assert as_user(stranger).post(door).status_code == 404
    assert as_user(member).get(f"/uploads/{upload.code}/").status_code == 403
    assert as_user(stranger).get(f"/uploads/{upload.code}/").status_code == 404


def test_a_letter_the_database_cannot_hold_finds_nothing_and_breaks_nothing(as_user, owner):
    assert as_user(owner).get("/patient-options?pseudonym=%00").status_code == 200


PIXELS = "Identical images are filed under another patient. Find out whose they are."


@pytest.fixture
def double(upload, patient):
    """A series that P-0001 has already, as reading an upload leaves it."""
    scan = scan_on(patient, BASELINE_ON)
    filed = {"code": "DUPLICATE", "sentence": f"Already filed as the CT of {BASELINE_ON}."}
    Upload.objects.filter(pk=upload.pk).update(state=UploadState.FILED)
    return CandidateFactory.create(
        upload=upload,
        patient=patient,
        scan=scan,
        state=CandidateState.DUPLICATE,
        problems=[filed],
        volume_digest=scan.volume_digest,
        facts=facts(volume_digest=scan.volume_digest),
    )


def test_a_double_goes_under_another_patient_only_after_its_doubt_was_looked_at(as_user, owner, double, upload):
    client = as_user(owner)
    assert "another patient’s images" in page(client, upload)
    refused = send(client, double, pseudonym="P-0002", is_new="on")
    assert refused.status_code == 422
    assert f"{PIXELS} It is held for a steward who did not send it." in refused.content.decode()
    assert (Scan.objects.count(), Patient.objects.filter(pseudonym="P-0002").exists()) == (1, False)
    send(client, double, pseudonym="P-0002", is_new="on", confirmed=["Q_PIXELS_OTHER_PATIENT"])
    assert (Scan.objects.count(), Scan.objects.get().is_withheld) == (1, True)
    release_all(upload.team)
    send(client, double, pseudonym="P-0002", is_new="on")
    scan = Scan.objects.get(patient__pseudonym="P-0002")
    assert [known["code"] for known in scan.facts["confirmed"]] == ["Q_PIXELS_OTHER_PATIENT"]
    double.refresh_from_db()
    assert (double.state, double.scan) == (CandidateState.FILED, scan)


def test_a_doubt_about_a_double_leaves_it_settled(as_user, owner, double, upload):
    client = as_user(owner)
    send(client, double, pseudonym="P-0002", is_new="on")
    double.refresh_from_db()
    upload.refresh_from_db()
    assert (double.state, upload.state) == (CandidateState.DUPLICATE, UploadState.FILED)
    assert PIXELS not in page(client, upload).partition("<details")[0]


def test_a_double_is_not_filed_again_where_it_is(as_user, owner, double, upload):
    answer = send(as_user(owner), double, pseudonym="p-0001")
    assert answer.status_code == 422
    assert "This patient has this series already. Name the patient whose it is" in answer.content.decode()
    assert Scan.objects.count() == 1
