"""How files arrive: one request a file, resumable, refused in sentences."""

import hashlib

import pytest

from patients.models import Upload, UploadedFile
from patients.vocabulary import RunState, Step, UploadState
from radiomics_tasks.models import ProcessingRun
from tests.factories import MembershipFactory, PatientFactory, TeamFactory, UploadFactory

pytestmark = pytest.mark.django_db

CONTENT = b"DICM" * 1000
DIGEST = hashlib.sha256(CONTENT).hexdigest()


def put(client, upload, name="series/0001.dcm", content=CONTENT, **headers):
    return client.put(
        f"/uploads/{upload.code}/files",
        data=content,
        content_type=headers.pop("content_type", "application/octet-stream"),
        headers={"X-Content-SHA256": DIGEST, "X-File-Name": name} | headers,
    )


@pytest.fixture
def upload(storage, team):
    return UploadFactory.create(team=team, state=UploadState.RECEIVING)


def test_an_upload_is_opened_for_the_only_team(as_user, owner, team):
    answer = as_user(owner).post("/uploads/")
    upload = Upload.objects.get(code=answer.json()["code"])
    assert (answer.status_code, upload.team, upload.created_by) == (201, team, owner)


def test_with_several_teams_one_must_be_chosen(as_user, owner):
    other = MembershipFactory.create(user=owner).team
    assert as_user(owner).post("/uploads/").status_code == 422
    answer = as_user(owner).post("/uploads/", {"team": other.pk})
    assert Upload.objects.get(code=answer.json()["code"]).team == other


def test_a_team_that_is_not_ones_own_cannot_be_chosen(as_user, owner):
    MembershipFactory.create(user=owner)
    assert as_user(owner).post("/uploads/", {"team": TeamFactory.create().pk}).status_code == 422


def test_an_upload_may_be_for_one_patient(as_user, owner, stranger, team):
    patient = PatientFactory.create(team=team)
    answer = as_user(owner).post("/uploads/", {"patient": patient.code})
    assert Upload.objects.get(code=answer.json()["code"]).patient == patient
    assert as_user(stranger).post("/uploads/", {"patient": patient.code}).status_code == 404
    assert as_user(owner).post("/uploads/", {"patient": "no code"}).status_code == 404


def test_a_member_may_not_open_one(as_user, member):
    assert as_user(member).post("/uploads/").status_code == 403


def test_a_file_is_kept_under_its_digest(as_user, owner, upload, storage):
    answer = put(as_user(owner), upload)
    assert (answer.status_code, answer.json()["sha256"]) == (201, DIGEST)
    assert (storage.staging(str(upload.code)) / DIGEST).read_bytes() == CONTENT


def test_what_has_arrived_is_told_so_that_it_is_not_sent_again(as_user, owner, upload):
    client = as_user(owner)
    put(client, upload)
    put(client, upload)
    known = client.get(f"/uploads/{upload.code}/files").json()
    assert known["received"] == [["series/0001.dcm", DIGEST]]
    assert UploadedFile.objects.count() == 1


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Content-Encoding": "gzip"}, 415, "E_ENCODING"),
        ({"content_type": "multipart/form-data; boundary=x"}, 415, "E_ENCODING"),
        ({"X-Content-SHA256": "0" * 64}, 422, "E_CHECKSUM"),
        ({"Content-Length": ""}, 411, "E_LENGTH"),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused_in_a_sentence(as_user, owner, upload, headers, status, code):
    answer = put(as_user(owner), upload, **headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["sentence"].endswith(".")
    assert not UploadedFile.objects.exists()


def test_limits_come_from_the_settings(as_user, owner, upload, settings):
    settings.UPLOAD_MAX_FILE_BYTES = 100
    assert put(as_user(owner), upload).status_code == 413
    settings.UPLOAD_MAX_FILE_BYTES, settings.UPLOAD_MAX_FILES = 10_000, 1
    put(as_user(owner), upload)
    assert put(as_user(owner), upload, name="2.dcm").json()["code"] == "E_TOO_MANY"


def test_an_empty_file_is_refused(as_user, owner, upload):
    sent = {"CONTENT_TYPE": "application/octet-stream", "CONTENT_LENGTH": "0"}
    answer = as_user(owner).generic("PUT", f"/uploads/{upload.code}/files", b"", **sent)
    assert (answer.status_code, answer.json()["code"]) == (422, "E_EMPTY")


def test_complete_arms_the_reading_once(as_user, owner, upload):
    client = as_user(owner)
    put(client, upload)
    for _ in range(2):
        answer = client.post(f"/uploads/{upload.code}/complete")
        assert answer.json() == {"state": "RECEIVED", "page": f"/uploads/{upload.code}/"}
    run = ProcessingRun.objects.get(step=Step.INGEST, subject_pk=upload.pk)
    assert run.state == RunState.QUEUED


def test_nothing_is_complete_before_anything_arrived(as_user, owner, upload):
    answer = as_user(owner).post(f"/uploads/{upload.code}/complete")
    assert (answer.status_code, answer.json()["code"]) == (409, "E_EMPTY")
    assert not ProcessingRun.objects.exists()


def test_a_closed_upload_takes_nothing_more(as_user, owner, upload):
    client = as_user(owner)
    put(client, upload)
    client.post(f"/uploads/{upload.code}/complete")
    assert (put(client, upload, name="late.dcm").status_code, UploadedFile.objects.count()) == (409, 1)


def test_an_unfinished_upload_can_be_given_up(as_user, owner, upload, storage):
    client = as_user(owner)
    put(client, upload)
    assert client.post(f"/uploads/{upload.code}/abandon")["Location"] == "/inbox/"
    upload.refresh_from_db()
    assert upload.state == UploadState.ABANDONED
    assert not (storage.root / "staging" / str(upload.code)).exists()


@pytest.mark.parametrize("door", ["files", "complete", "abandon"])
def test_only_the_team_and_only_the_right_roles_come_near(as_user, member, stranger, upload, door):
    method = "get" if door == "files" else "post"
    assert getattr(as_user(member), method)(f"/uploads/{upload.code}/{door}").status_code == 403
    assert getattr(as_user(stranger), method)(f"/uploads/{upload.code}/{door}").status_code == 404


def test_a_token_is_needed(owner, upload):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    assert put(client, upload).status_code == 403


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("M%C3%BCller%20%2F%20%E8%82%9D/0001.dcm", "Müller / 肝/0001.dcm"),
        ("..%2F..%2Fetc%2Fpasswd", "../../etc/passwd"),
        ("a%0D%0ASet-Cookie%3A%20x%00", "a��Set-Cookie: x�"),
        ("%FF%zz", "�%zz"),
        ("x" * 300, "x" * 255),
        ("", "unnamed"),
    ],
)
def test_the_name_comes_percent_encoded_in_a_header_and_is_only_shown(as_user, owner, upload, storage, sent, kept):
    client = as_user(owner)
    assert put(client, upload, name=sent).json()["name"] == kept
    assert client.get(f"/uploads/{upload.code}/files").json()["received"] == [[kept, DIGEST]]
    assert [path.name for path in storage.root.rglob("*") if path.is_file()] == [DIGEST]


def test_an_upload_takes_so_many_bytes_and_what_is_there_may_come_again(as_user, owner, upload, settings):
    settings.UPLOAD_MAX_BYTES = 2 * len(CONTENT)
    client = as_user(owner)
    assert [put(client, upload, name=f"{n}.dcm").status_code for n in range(2)] == [201, 201]
    other = b"DICM" * 999
    answer = put(client, upload, name="3.dcm", content=other, **{"X-Content-SHA256": ""})
    assert (answer.status_code, answer.json()["code"]) == (413, "E_FULL")
    assert put(client, upload, name="0.dcm").status_code == 201
    assert put(client, upload, name="2.dcm").status_code == 413
    assert UploadedFile.objects.count() == 2
