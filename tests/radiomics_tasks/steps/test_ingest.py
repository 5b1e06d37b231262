"""What the step makes of the readers' answers: a row for everything, files before rows, nothing filed."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from patients.models import Candidate, Scan, Upload
from patients.vocabulary import CandidateState, RunState, Step, UploadState
from patients.writes.uploads import ReceivingLimits, complete_upload, receive_file
from radiomics_tasks import runs
from radiomics_tasks.errors import ChildFailure
from radiomics_tasks.models import ProcessingRun
from radiomics_tasks.steps import ingest
from tests.factories import BASELINE_ON, PatientFactory, UploadFactory, facts
from tests.patients.rows import scan_on
from tests.standing import let_stand

pytestmark = pytest.mark.django_db(transaction=True)

VOXELS = b"a canonical volume"
DIGEST = hashlib.sha256(VOXELS).hexdigest()


@pytest.fixture(autouse=True)
def no_broker(monkeypatch, storage):
    monkeypatch.setattr("radiomics_tasks.hints.current_app.send_task", lambda *_, **__: None)


@pytest.fixture
def upload(storage) -> Upload:
    row = UploadFactory.create(state=UploadState.RECEIVING)
    receive_file(storage, row, "visit/1.dcm", [b"1"], ReceivingLimits(100, 10, 1000))
    complete_upload(row)
    return row


def series(name: str) -> dict[str, Any]:
    return {"kind": "dicom", "files": [{"path": "/x", "name": name}], "outlines": [], "problems": []}


def loose(name: str, uid: str) -> dict[str, Any]:
    return {"file": {"path": "/x", "name": name}, "series_instance_uid": uid, "frame_of_reference_uid": ""}


class Readers:
    """The limited processes, played: one that sorts, and one for each series, dying at those named in `fatal`."""

    def __init__(self, scans=(), loose_outlines=(), refused=(), fatal=(), content: bytes = VOXELS) -> None:
        self.sorted = {"scans": list(scans), "loose_outlines": list(loose_outlines), "refused": list(refused)}
        self.fatal, self.content = fatal, content
        self.jobs: list[dict[str, Any]] = []

    def __call__(self, job, _limits, beat) -> dict[str, Any]:
        self.jobs.append(job)
        beat()
        if job["kind"] == "sort":
            return {**self.sorted, "ignored": 4}
        if job["kind"] == "read" and job["scan"]["files"][0]["name"] in self.fatal:
            raise ChildFailure("E_PARSER_CRASH", "The reader broke down.")
        (Path(job["out"]) / DIGEST).write_bytes(self.content)
        found = facts(acquired_on="2024-01-08", description=job["kind"], volume_digest=DIGEST, volume_file=DIGEST)
        return {"facts": found, "outlines": [], "problems": [], "files": [DIGEST]}


def ingested(upload: Upload, monkeypatch, readers) -> ProcessingRun:
    monkeypatch.setattr(ingest, "run_child", readers)
    run = runs.arm(Step.INGEST, upload.pk)
    ingest.ingest_upload(run.pk)
    run.refresh_from_db()
    upload.refresh_from_db()
    return run


def told(upload: Upload) -> list[tuple[str, str]]:
    return [
        (row.description, row.problems[0]["code"]) for row in upload.candidates.filter(state=CandidateState.REFUSED)
    ]


def test_a_series_is_proposed_its_files_are_kept_and_staging_is_cleared(upload, monkeypatch, storage):
    readers = Readers([series("a")])
    run = ingested(upload, monkeypatch, readers)
    assert (run.state, upload.state, upload.ignored) == (RunState.DONE, UploadState.NEEDS_PERSON, 4)
    assert upload.candidates.get().volume_digest == DIGEST
    assert storage.read(DIGEST) == VOXELS
    assert not Scan.objects.exists()
    assert list((storage.root / "staging").iterdir()) == []
    (received,) = readers.jobs[0]["files"]
    assert received["name"] == "visit/1.dcm"
    assert Path(received["path"]).name == hashlib.sha256(b"1").hexdigest()


def test_a_series_that_kills_its_reader_hides_no_other(upload, monkeypatch):
    ingested(upload, monkeypatch, Readers([series("a"), series("b"), series("c")], fatal=["b"]))
    assert told(upload) == [("b", "E_PARSER_CRASH")]
    assert upload.candidates.exclude(state=CandidateState.REFUSED).count() == 2


def test_every_file_that_cannot_be_used_has_a_row(upload, monkeypatch):
    refused = [{"name": "x.dcm", "refusal": {"code": "E_NOT_DICOM", "sentence": "Not a DICOM file."}}]
    outlines = [loose("seg1.dcm", "2.25.1"), loose("seg2.dcm", "")]
    ingested(upload, monkeypatch, Readers(loose_outlines=outlines, refused=refused))
    assert told(upload) == [("x.dcm", "E_NOT_DICOM"), ("seg1.dcm", "E_NO_SCAN"), ("seg2.dcm", "E_NO_SCAN")]
    assert (upload.state, upload.reason_code) == (UploadState.REFUSED, "E_NOT_DICOM")


def filed(uid: str, **more) -> Scan:
    return scan_on(PatientFactory.create(**more), BASELINE_ON, series_instance_uid=uid, facts={"body": None})


def test_outlines_alone_go_to_their_filed_scan_together(upload, monkeypatch):
    scan = filed("2.25.1", team=upload.team)
    readers = Readers(loose_outlines=[loose("seg1.dcm", "2.25.1"), loose("seg2.dcm", "2.25.1")])
    ingested(upload, monkeypatch, readers)
    assert [file["name"] for file in readers.jobs[1]["files"]] == ["seg1.dcm", "seg2.dcm"]
    row = upload.candidates.get()
    assert (row.scan, row.patient, row.volume_digest) == (scan, scan.patient, scan.volume_digest)


def test_outlines_never_go_to_another_teams_scan_nor_to_one_of_two(upload, monkeypatch):
    filed("2.25.1")
    for _ in range(2):
        filed("2.25.2", team=upload.team)
    ingested(upload, monkeypatch, Readers(loose_outlines=[loose("a", "2.25.1"), loose("b", "2.25.2")]))
    assert told(upload) == [("a", "E_NO_SCAN"), ("b", "E_NO_SCAN")]


def test_outlines_for_a_picked_patient_go_to_that_patients_scan(upload, monkeypatch):
    filed("2.25.1", team=upload.team)
    ours = filed("2.25.1", team=upload.team)
    Upload.objects.filter(pk=upload.pk).update(patient=ours.patient)
    ingested(upload, monkeypatch, Readers(loose_outlines=[loose("a", "2.25.1")]))
    assert upload.candidates.get().scan == ours


def test_a_reader_that_lies_about_its_files_is_a_crash(upload, monkeypatch):
    ingested(upload, monkeypatch, Readers([series("a")], content=b"other voxels"))
    assert told(upload) == [("a", "E_PARSER_CRASH")]


def test_an_upload_that_cannot_be_unpacked_says_why(upload, monkeypatch):
    bomb = {"code": "E_ZIP_RATIO", "sentence": "The archive is too large when unpacked."}
    ingested(upload, monkeypatch, lambda *_: {"refusal": bomb})
    assert (upload.state, upload.reason_code, upload.reason) == (UploadState.REFUSED, *bomb.values())


def test_a_second_delivery_and_a_settled_upload_are_left_alone(upload, monkeypatch):
    ingested(upload, monkeypatch, Readers([series("a")]))
    before = list(Candidate.objects.values_list("pk", flat=True))
    readers = Readers([series("b")])
    run = ingested(upload, monkeypatch, readers)
    assert (readers.jobs, run.state) == ([], RunState.DONE)
    assert list(Candidate.objects.values_list("pk", flat=True)) == before


def test_a_crash_of_the_sorter_is_tried_again_and_keeps_what_was_received(upload, monkeypatch, storage):
    def dies(*_):
        raise ChildFailure("E_PARSER_MEMORY", "Too much.")

    run = ingested(upload, monkeypatch, dies)
    assert (run.state, upload.state) == (RunState.RETRY_WAIT, UploadState.READING)
    assert [path.name for path in storage.staging(str(upload.code)).iterdir()] == [hashlib.sha256(b"1").hexdigest()]
    ingest.ingest_upload(run.pk)
    monkeypatch.setattr(ingest, "run_child", Readers([series("a")]))
    ingest.ingest_upload(run.pk)
    assert upload.candidates.count() == 1


def test_a_worker_that_was_taken_over_proposes_nothing(upload, monkeypatch):
    readers = Readers([series("a")])

    def taken_over(job, limits, beat):
        answer = readers(job, limits, beat)
        let_stand(ProcessingRun.objects.all(), lease_token="0f8fad5b-d9cb-469f-a165-70867728950e")
        return answer

    run = ingested(upload, monkeypatch, taken_over)
    assert (run.state, upload.candidates.count(), upload.state) == (RunState.RUNNING, 0, UploadState.READING)


def test_a_reader_that_is_killed_once_is_followed_by_another(upload, monkeypatch, storage):
    """What killed it may have had nothing to do with these files: nobody must send them again."""
    readers = Readers([series("a")])
    died: list[str] = []

    def dies_once(job, limits, beat):
        if job["kind"] == "read" and not died:
            died.append(job["kind"])
            raise ChildFailure("E_PARSER_MEMORY", "Too much.")
        return readers(job, limits, beat)

    run = ingested(upload, monkeypatch, dies_once)
    assert (run.state, run.attempt, died) == (RunState.DONE, 1, ["read"])
    assert upload.candidates.get().state != "REFUSED"


def test_a_reader_that_took_too_long_is_not_asked_again(upload, monkeypatch, storage):
    asked: list[str] = []

    def late(job, limits, beat):
        asked.append(job["kind"])
        if job["kind"] == "read":
            raise ChildFailure("E_PARSER_TIMEOUT", "Too long.")
        return Readers([series("a")])(job, limits, beat)

    ingested(upload, monkeypatch, late)
    assert asked == ["sort", "read"]
    assert told(upload) == [("a", "E_PARSER_TIMEOUT")]
