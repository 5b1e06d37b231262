"""The intake from a shell: files received whole or not at all, and only what is unambiguous is filed."""

from datetime import timedelta
from typing import Any

import pytest

from patients.models import Patient, Scan, Segmentation, Upload
from patients.vocabulary import CandidateState, RunState, Step, UploadState
from patients.writes.uploads import UploadRefused
from radiomics_tasks import runs
from radiomics_tasks.arrivals import hand_in
from radiomics_tasks.arrivals.hand_in import Answers, skipped_links
from radiomics_tasks.models import ProcessingRun
from radiomics_tasks.relay.standing import runs_for
from tests.factories import (
    BASELINE_ON,
    CandidateFactory,
    LesionFactory,
    PatientFactory,
    SegmentationFactory,
    TeamFactory,
    UploadFactory,
    digest_of,
    outline,
)
from tests.patients.rows import scan_on
from tests.standing import let_stand

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_broker(monkeypatch, storage):
    monkeypatch.setattr("radiomics_tasks.hints.current_app.send_task", lambda *_, **__: None)


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "visit"
    (root / "CT").mkdir(parents=True)
    for name in ("CT/2.dcm", "CT/1.dcm", "seg.dcm"):
        (root / name).write_bytes(name.encode())
    (root / "empty").touch()
    (root / "link.dcm").symlink_to("/etc/passwd")
    return root


def handed(*paths) -> Upload:
    return hand_in.hand_in(paths, TeamFactory.create())


def test_a_folder_is_one_upload_with_its_own_names_and_its_reading_is_queued(folder):
    upload = handed(folder)
    assert [row.name for row in upload.files.order_by("pk")] == ["visit/CT/1.dcm", "visit/CT/2.dcm", "visit/seg.dcm"]
    upload.refresh_from_db()
    assert upload.state == UploadState.RECEIVED
    assert ProcessingRun.objects.get().subject_pk == upload.pk


def test_a_file_goes_by_its_name(folder):
    assert [row.name for row in handed(folder / "seg.dcm").files.all()] == ["seg.dcm"]


def test_a_folder_without_a_file_is_refused(tmp_path):
    (tmp_path / "empty").touch()
    with pytest.raises(UploadRefused, match="E_EMPTY"):
        handed(tmp_path)
    assert Upload.objects.get().state == UploadState.ABANDONED
    assert not ProcessingRun.objects.exists()


def test_what_is_too_big_leaves_nothing_behind(folder, settings, storage):
    settings.UPLOAD_MAX_FILE_BYTES = 7
    with pytest.raises(UploadRefused, match="E_TOO_BIG"):
        handed(folder)
    assert Upload.objects.get().state == UploadState.ABANDONED
    assert list((storage.root / "staging").iterdir()) == []


def series(upload: Upload | None = None, **more):
    return CandidateFactory.create(upload=upload or UploadFactory.create(), **more)


def confirmed(upload: Upload, **said) -> Any:
    return hand_in.confirm(upload, Answers(**said))


def test_series_are_filed_in_the_order_of_their_dates_and_work_is_queued():
    upload = UploadFactory.create()
    for days in (56, 0):
        series(
            upload,
            acquired_on=BASELINE_ON + timedelta(days),
            outlines=[outline(tracking_uid="2.25.5", mask_digest=str(days) * 32)],
        )
    outcomes = confirmed(upload, pseudonym="P-1")
    assert [outcome.scan.acquired_on for outcome in outcomes] == [BASELINE_ON, BASELINE_ON + timedelta(56)]
    assert all(outcome.is_whole for outcome in outcomes)
    assert [patient.pseudonym for patient in hand_in.patients_of(outcomes)] == ["P-1"]
    assert set(runs_for(Step.EXTRACT, [outcome.scan.pk for outcome in outcomes])) == set(
        Scan.objects.values_list("pk", flat=True)
    )
    assert runs_for(Step.REASSESS, [Patient.objects.get().pk])


def test_a_doubt_leaves_the_series_unfiled_and_queues_nothing():
    doubt = {"code": "Q_DERIVED", "sentence": "Derived."}
    candidate = series(problems=[doubt], state=CandidateState.NEEDS_PERSON)
    (outcome,) = confirmed(candidate.upload, pseudonym="P-1")
    assert (outcome.scan, outcome.code) == (None, "Q_DERIVED")
    assert not Patient.objects.exists()
    assert not ProcessingRun.objects.exists()
    (outcome,) = confirmed(candidate.upload, pseudonym="P-1", despite={"Q_DERIVED"})
    assert outcome.is_whole


def test_one_series_that_is_not_filed_does_not_keep_another_out():
    upload = UploadFactory.create()
    series(upload, acquired_on=None, problems=[{"code": "Q_DATE", "sentence": "Empty."}])
    series(upload)
    assert [outcome.code for outcome in confirmed(upload, pseudonym="P-1")] == ["", "Q_DATE"]
    assert Scan.objects.count() == 1


def test_an_outline_that_was_left_out_is_told():
    problem = {"code": "E_MASK_EMPTY", "sentence": "The mask marks nothing."}
    candidate = series(outlines=[outline("GTV", problems=[problem], mask_file="")], state=CandidateState.NEEDS_PERSON)
    (outcome,) = confirmed(candidate.upload, pseudonym="P-1")
    assert outcome.scan is not None
    assert not outcome.is_whole
    assert outcome.left_out == ({"code": "E_MASK_EMPTY", "sentence": "GTV: The mask marks nothing."},)


def test_without_a_pseudonym_the_proposed_patient_is_taken_and_a_new_one_asked_for():
    patient = PatientFactory.create()
    upload = UploadFactory.create(team=patient.team)
    series(upload, patient=patient)
    assert confirmed(upload)[0].scan.patient == patient
    assert [outcome.code for outcome in confirmed(series(proposed_pseudonym="P-7").upload)] == ["Q_NEW_PATIENT"]


def test_what_was_filed_before_is_said_and_what_was_refused_says_why():
    scan = scan_on(PatientFactory.create(), BASELINE_ON)
    upload = UploadFactory.create()
    series(upload, state=CandidateState.DUPLICATE, scan=scan)
    series(upload, state=CandidateState.REFUSED, problems=[{"code": "E_DIMS", "sentence": "Too large."}])
    first, second = confirmed(upload)
    assert (first.scan, first.is_whole) == (scan, True)
    assert (second.scan, second.code, second.sentence) == (None, "E_DIMS", "Too large.")


def later_series(name: str = "GTV"):
    """A lesion of the baseline, and a second scan whose outline nothing connects with it."""
    lesion = LesionFactory.create(tracking_id="liver 1")
    SegmentationFactory.create(scan=scan_on(lesion.patient, BASELINE_ON), lesion=lesion)
    upload = UploadFactory.create(team=lesion.patient.team)
    series(upload, patient=lesion.patient, acquired_on=BASELINE_ON + timedelta(56), outlines=[outline(name)])
    return lesion, upload


def test_a_link_names_the_lesion_and_a_new_lesion_is_opened_by_name():
    lesion, upload = later_series()
    confirmed(upload, links={"GTV": "liver 1"})
    assert Segmentation.objects.get(roi_name="GTV").lesion == lesion
    Segmentation.objects.update(mask_digest=digest_of("another mask"))
    lesion, upload = later_series()
    confirmed(upload, new_lesions={"GTV"})
    assert Segmentation.objects.filter(roi_name="GTV", lesion__tracking_id="GTV").count() == 1


def test_a_scan_sent_again_may_bring_the_word_that_its_outline_waited_for():
    lesion, upload = later_series()
    scan = confirmed(upload)[0].scan
    again = series(state=CandidateState.DUPLICATE, patient=lesion.patient, scan=scan).upload
    (refused,) = confirmed(again, links={"GTV": "liver 99"})
    assert (refused.scan, refused.code) == (None, "E_NAME")
    ProcessingRun.objects.all().delete()
    (outcome,) = confirmed(again, links={"GTV": "liver 1"})
    assert (outcome.scan, outcome.is_whole) == (scan, True)
    assert Segmentation.objects.get(roi_name="GTV").lesion == lesion
    assert runs_for(Step.REASSESS, [lesion.patient.pk])
    ProcessingRun.objects.all().delete()
    confirmed(again, links={"GTV": "liver 1"})
    assert not ProcessingRun.objects.exists(), "said again, it changes nothing"


def test_a_link_to_nobody_files_nothing():
    _, upload = later_series()
    (outcome,) = confirmed(upload, links={"GTV": "liver 99"})
    assert (outcome.scan, outcome.code) == (None, "E_NAME")
    assert (Scan.objects.count(), upload.candidates.get().state) == (1, CandidateState.READY)


def test_an_outline_nothing_is_said_about_waits():
    _, upload = later_series()
    confirmed(upload, links={"other": "liver 1"})
    assert Segmentation.objects.get(roi_name="GTV").lesion is None


def test_an_upload_that_could_not_be_read_says_why():
    upload = UploadFactory.create(state=UploadState.REFUSED, reason_code="E_MODALITY", reason="No image series found.")
    assert [(o.code, o.sentence) for o in confirmed(upload)] == [("E_MODALITY", "No image series found.")]
    run = runs.arm(Step.INGEST, upload.pk)
    failed = ProcessingRun.objects.filter(pk=run.pk)
    let_stand(failed, state=RunState.FAILED, reason_code="E_CRASH", reason="It stopped.")
    assert [(o.code, o.sentence) for o in confirmed(upload)] == [("E_CRASH", "It stopped.")]


def test_waiting_ends_when_the_table_stands_or_reading_has_failed():
    assert hand_in.wait_until_read(UploadFactory.create()).state == UploadState.NEEDS_PERSON
    upload = UploadFactory.create(state=UploadState.READING)
    run = runs.arm(Step.INGEST, upload.pk)
    let_stand(ProcessingRun.objects.filter(pk=run.pk), state=RunState.FAILED)
    assert hand_in.wait_until_read(upload).state == UploadState.READING


def test_links_inside_a_folder_are_named(tmp_path):
    folder, elsewhere = tmp_path / "drop", tmp_path / "elsewhere"
    folder.mkdir()
    elsewhere.mkdir()
    (folder / "scan.dcm").write_bytes(b"x")
    (folder / "linked").symlink_to(elsewhere)
    (folder / "file.dcm").symlink_to(folder / "scan.dcm")
    assert skipped_links([folder, folder / "scan.dcm"]) == ["drop/file.dcm", "drop/linked"]
