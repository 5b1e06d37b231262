"""Receiving an upload: once by name and digest, within limits, and nothing lost when it is completed meanwhile."""

import hashlib
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction

from patients.models import Upload, UploadedFile
from patients.vocabulary import CandidateState, UploadState
from patients.writes import uploads
from patients.writes.uploads import ReceivingLimits, UploadRefused, receive_file
from tests.factories import CandidateFactory, UploadedFileFactory, UploadFactory
from tests.patients.writes.at_once import at_once

LIMITS = ReceivingLimits(file_bytes=100, files=3, upload_bytes=1000)


@pytest.fixture
def upload(db) -> Upload:
    return UploadFactory.create(state=UploadState.RECEIVING)


def staged(storage, upload) -> set[str]:
    return {path.name for path in storage.staging(str(upload.code)).iterdir()}


def test_the_same_name_and_bytes_again_are_the_same_row(storage, upload):
    first = receive_file(storage, upload, "a/1.dcm", [b"ab", b"c"], LIMITS)
    again = receive_file(storage, upload, "a/1.dcm", [b"abc"], LIMITS)
    assert first.pk == again.pk
    assert (first.sha256, first.size) == (hashlib.sha256(b"abc").hexdigest(), 3)
    assert staged(storage, upload) == {first.sha256}


def test_another_name_or_other_bytes_are_another_row(storage, upload):
    for name, content in (("1.dcm", b"abc"), ("2.dcm", b"abc"), ("1.dcm", b"abd")):
        receive_file(storage, upload, name, [content], LIMITS)
    assert upload.files.count() == 3
    assert len(staged(storage, upload)) == 2


def test_at_the_limit_a_file_that_is_there_may_come_again_and_a_new_one_not(storage, upload):
    rows = [receive_file(storage, upload, f"{n}.dcm", [b"%d" % n], LIMITS) for n in range(3)]
    with pytest.raises(UploadRefused, match="E_TOO_MANY"):
        receive_file(storage, upload, "new.dcm", [b"new"], LIMITS)
    assert receive_file(storage, upload, "2.dcm", [b"2"], LIMITS).pk == rows[2].pk
    assert staged(storage, upload) == {row.sha256 for row in rows}


def test_an_upload_takes_exactly_so_many_bytes(storage, upload):
    limits = ReceivingLimits(file_bytes=100, files=9, upload_bytes=10)
    for name, content in (("1.dcm", b"abcdef"), ("2.dcm", b"ghij")):
        receive_file(storage, upload, name, [content], limits)
    with pytest.raises(UploadRefused) as refusal:
        receive_file(storage, upload, "3.dcm", [b"k"], limits)
    assert refusal.value.code == "E_FULL"
    assert refusal.value.sentence.endswith(" Send the rest separately.")
    assert receive_file(storage, upload, "1.dcm", [b"abcdef"], limits).size == 6
    assert uploads.bytes_of(upload) == 10
    assert len(staged(storage, upload)) == 2


def test_what_is_given_up_while_a_file_arrives_is_closed(storage, upload):
    def slowly():
        yield b"half"
        uploads.abandon_upload(upload)
        storage.clear_staging(str(upload.code))
        yield b"half"

    with pytest.raises(UploadRefused, match="E_STATE"):
        receive_file(storage, upload, "1.dcm", slowly(), LIMITS)
    assert [path for path in storage.root.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    "content, sha256, code",
    [([b"x" * 60, b"x" * 41], "", "E_TOO_BIG"), ([], "", "E_EMPTY"), ([b"abc"], "0" * 64, "E_CHECKSUM")],
)
def test_what_is_not_taken_leaves_no_row_and_no_bytes(storage, upload, content, sha256, code):
    with pytest.raises(UploadRefused, match=code):
        receive_file(storage, upload, "1.dcm", content, LIMITS, sha256)
    assert not upload.files.exists()
    assert staged(storage, upload) == set()


def test_a_refused_copy_does_not_take_the_kept_one_with_it(storage, upload):
    kept = receive_file(storage, upload, "1.dcm", [b"abc"], LIMITS)
    with pytest.raises(UploadRefused, match="E_CHECKSUM"):
        receive_file(storage, upload, "2.dcm", [b"abc"], LIMITS, "0" * 64)
    assert staged(storage, upload) == {kept.sha256}


def test_a_file_of_exactly_the_limit_is_taken_with_the_right_checksum(storage, upload):
    content = b"x" * 100
    row = receive_file(storage, upload, "1.dcm", [content], LIMITS, hashlib.sha256(content).hexdigest())
    assert row.size == 100


@pytest.mark.parametrize(
    "name, shown", [("a\0b\nc", "a�b�c"), ("", "unnamed"), ("x" * 300, "x" * 255), ("\udcff", "�"), ("../é", "../é")]
)
def test_a_name_is_for_showing_only(storage, upload, name, shown):
    assert receive_file(storage, upload, name, [b"abc"], LIMITS).name == shown


@pytest.mark.parametrize("state", [state for state in UploadState if state != UploadState.RECEIVING])
def test_a_closed_upload_takes_nothing(storage, db, state):
    upload = UploadFactory.create(state=state)
    with pytest.raises(UploadRefused, match="E_STATE"):
        receive_file(storage, upload, "1.dcm", [b"abc"], LIMITS)
    assert not upload.files.exists()


def test_what_arrives_while_somebody_completes_is_refused_and_not_lost(storage, upload):
    receive_file(storage, upload, "1.dcm", [b"abc"], LIMITS)

    def slowly():
        yield b"half"
        assert uploads.complete_upload(upload)
        yield b"half"

    with pytest.raises(UploadRefused, match="E_STATE"):
        receive_file(storage, upload, "2.dcm", slowly(), LIMITS)
    assert [row.name for row in upload.files.all()] == ["1.dcm"]
    assert len(staged(storage, upload)) == 1


@pytest.mark.django_db(transaction=True)
def test_eight_requests_with_the_same_file_are_one_row(storage):
    upload = UploadFactory.create(state=UploadState.RECEIVING)
    rows = at_once(*[lambda: receive_file(storage, upload, "1.dcm", [b"abc"], LIMITS)] * 8)
    assert len({row.pk for row in rows}) == 1
    assert UploadedFile.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_no_more_files_than_allowed_however_many_come_at_once(storage):
    upload = UploadFactory.create(state=UploadState.RECEIVING)

    def send(number: int) -> bool:
        try:
            receive_file(storage, upload, f"{number}.dcm", [b"%d" % number], LIMITS)
        except UploadRefused as refusal:
            assert refusal.code == "E_TOO_MANY"
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(send, range(8))) == 3
    assert upload.files.count() == 3


@pytest.mark.django_db(transaction=True)
def test_no_more_bytes_than_allowed_however_many_files_come_at_once(storage):
    upload = UploadFactory.create(state=UploadState.RECEIVING)
    limits = ReceivingLimits(file_bytes=100, files=99, upload_bytes=35)

    def send(number: int) -> str:
        try:
            receive_file(storage, upload, f"{number}.dcm", [b"%010d" % number], limits)
        except UploadRefused as refusal:
            return refusal.code
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(send, range(8))) == ["", "", "", *["E_FULL"] * 5]
    assert uploads.bytes_of(upload) == 30
    assert len(staged(storage, upload)) == 3


def test_completing_needs_a_file_and_happens_once(upload):
    assert not uploads.complete_upload(upload)
    UploadedFileFactory.create(upload=upload)
    assert uploads.complete_upload(upload)
    assert not uploads.complete_upload(upload)
    upload.refresh_from_db()
    assert upload.state == UploadState.RECEIVED
    assert upload.completed_at is not None


def test_giving_up_ends_what_is_not_complete_and_forgets_the_names_of_its_files(upload):
    row = UploadedFileFactory.create(upload=upload, name="Doe^Jane/0001.dcm")
    assert uploads.abandon_upload(upload)
    assert not uploads.abandon_upload(upload)
    row.refresh_from_db()
    assert row.name == f"file {row.pk}"
    assert uploads.begin_reading(upload.pk) is None


def test_reading_begins_once_complete_and_again_after_a_crash(upload):
    assert uploads.begin_reading(upload.pk) is None
    UploadedFileFactory.create(upload=upload)
    uploads.complete_upload(upload)
    for _ in range(2):
        reading = uploads.begin_reading(upload.pk)
        assert reading is not None
        assert reading.state == UploadState.READING


@pytest.fixture
def being_read(db):
    return UploadFactory.create(state=UploadState.READING)


def series(state: CandidateState, **more) -> dict[str, Any]:
    return {"state": state, "description": state.label, "problems": [], **more}


def test_a_second_attempt_replaces_what_the_first_proposed(being_read):
    uploads.propose(being_read, [series(CandidateState.READY), series(CandidateState.REFUSED)], ignored=4)
    uploads.propose(being_read, [series(CandidateState.READY)], ignored=5)
    being_read.refresh_from_db()
    assert (being_read.candidates.count(), being_read.ignored, being_read.state) == (1, 5, UploadState.NEEDS_PERSON)


@pytest.mark.parametrize(
    "states, expected",
    [
        ([CandidateState.DUPLICATE, CandidateState.READY], UploadState.NEEDS_PERSON),
        ([CandidateState.FILED, CandidateState.NEEDS_PERSON], UploadState.NEEDS_PERSON),
        ([CandidateState.DUPLICATE, CandidateState.REFUSED], UploadState.FILED),
        ([CandidateState.FILED, CandidateState.DECLINED], UploadState.FILED),
    ],
)
def test_an_upload_stands_where_its_series_stand(being_read, states, expected):
    uploads.propose(being_read, [series(state) for state in states], ignored=0)
    being_read.refresh_from_db()
    assert (being_read.state, being_read.reason_code) == (expected, "")


def test_an_upload_of_which_nothing_can_be_used_says_why(being_read):
    problem = {"code": "E_DETACHED", "sentence": "Send the image in one file."}
    uploads.propose(being_read, [series(CandidateState.REFUSED, problems=[problem])], ignored=0)
    being_read.refresh_from_db()
    assert (being_read.state, being_read.reason_code, being_read.reason) == (UploadState.REFUSED, *problem.values())


def test_an_upload_without_a_series_says_so(being_read):
    uploads.propose(being_read, [], ignored=7)
    being_read.refresh_from_db()
    assert (being_read.state, being_read.reason_code) == (UploadState.REFUSED, "E_MODALITY")
    assert being_read.reason.startswith("No image series found.")


def test_declining_is_said_once_with_who_and_why(owner):
    candidate = CandidateFactory.create()
    assert uploads.decline(candidate, owner, "wrong study")
    assert not uploads.decline(candidate, None, "again")
    candidate.refresh_from_db()
    assert candidate.state == CandidateState.DECLINED
    assert candidate.problems[-1]["sentence"] == "Declined by owner: wrong study"
    assert Upload.objects.get(pk=candidate.upload_id).state == UploadState.REFUSED


@pytest.mark.django_db(transaction=True)
def test_the_last_two_series_declined_at_once_settle_the_upload():
    upload = UploadFactory.create()
    first, second = [CandidateFactory.create(upload=upload) for _ in range(2)]
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            assert uploads.decline(first, None, "")
            other = pool.submit(at_once, lambda: uploads.decline(second, None, ""))
            time.sleep(0.3)  # the second one is under way before the first is in
            assert not other.done()
        assert other.result(10) == [True]
    upload.refresh_from_db()
    assert upload.state == UploadState.REFUSED
