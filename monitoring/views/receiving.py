"""How files arrive: one upload, one request a file, then "complete"; what is there already is not sent again."""

from collections.abc import Iterator
from urllib.parse import unquote
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from monitoring.access import code_or_404, patient_for_user, require, signed_in, teams_of, upload_for_user, user_of
from monitoring.roles import Act
from monitoring.whole_bodies import is_too_slow
from patients.files import CHUNK_BYTES, site_storage
from patients.models import Patient, Team, Upload
from patients.vocabulary import Step
from patients.writes.staging_room import RoomLimits, lacking_room
from patients.writes.uploads import (
    ReceivingLimits,
    UploadRefused,
    abandon_upload,
    bytes_of,
    complete_upload,
    full,
    open_upload,
    receive_file,
    too_big,
)
from radiomics_tasks import runs

BROKEN_OFF = "The connection broke off. Send this file again."
TOO_SLOW = "Too little arrived for a while. Check the connection and send this file again."
STATUS_OF = {
    "E_STATE": 409,
    "E_TOO_BIG": 413,
    "E_FULL": 413,
    "E_TOO_MANY": 409,
    "E_CHECKSUM": 422,
    "E_EMPTY": 422,
    "E_DISK": 507,
    "E_QUOTA": 507,
}


def refused(code: str, sentence: str, status: int = 400) -> JsonResponse:
    """A refusal for the script that sends."""
    return JsonResponse({"code": code, "sentence": sentence}, status=status)


@signed_in
@require_POST
def upload_open(request: HttpRequest) -> JsonResponse:
    """A new upload for one of the viewer's teams, perhaps for one of its patients."""
    require(request, Act.UPLOAD)
    team, patient = _where(request)
    if team is None:
        return refused("E_TEAM", "Choose the team this upload is for.", 422)
    lacking = lacking_room(site_storage(), Upload(team=team, created_by=user_of(request)), 1, _room())
    if lacking:
        return refused(lacking.code, lacking.sentence, STATUS_OF[lacking.code])
    upload = open_upload(team, user_of(request), patient)
    return JsonResponse({"code": str(upload.code), "files": reverse("upload_files", args=[upload.code])}, status=201)


def _where(request: HttpRequest) -> tuple[Team | None, Patient | None]:
    code = request.POST.get("patient", "")
    if code:
        patient = patient_for_user(request, code_or_404(code))
        return patient.team, patient
    teams = teams_of(request)
    wanted = request.POST.get("team", "")
    chosen = [team for team in teams if str(team.pk) == wanted] or (teams if len(teams) == 1 else [])
    return (chosen[0] if chosen else None), None


@signed_in
@require_http_methods(["GET", "HEAD", "PUT"])
def upload_files(request: HttpRequest, code: UUID) -> HttpResponse:
    """What has arrived so far (GET), or one more file (PUT): its bytes as they are, its name in a header.

    File names may hold patients' names, and addresses are written into logs: so none stands in an address.
    """
    upload = upload_for_user(request, code)
    if request.method == "PUT":
        return _receive(request, upload)
    received = list(upload.files.order_by("pk").values_list("name", "sha256"))
    complete, page = reverse("upload_complete", args=[code]), reverse("upload", args=[code])
    return JsonResponse({"state": upload.state, "received": received, "complete": complete, "page": page})


def _receive(request: HttpRequest, upload: Upload) -> JsonResponse:
    # Percent-encoded UTF-8: a header takes no other letters.
    name = unquote(request.headers.get("X-File-Name", ""))
    sha256 = request.headers.get("X-Content-SHA256", "").lower()
    answer = _unfit(request) or _has_no_room(request, upload, sha256)
    if answer is not None:
        return answer
    limits = ReceivingLimits(settings.UPLOAD_MAX_FILE_BYTES, settings.UPLOAD_MAX_FILES, settings.UPLOAD_MAX_BYTES)
    storage = site_storage()
    try:
        row = receive_file(storage, upload, name, _content(request), limits, sha256)
    except UploadRefused as refusal:
        return refused(refusal.code, refusal.sentence, STATUS_OF.get(refusal.code, 400))
    except UnreadablePostError:
        return refused("E_TOO_SLOW", TOO_SLOW, 408) if is_too_slow(request) else refused("E_BROKEN_OFF", BROKEN_OFF)
    return JsonResponse({"name": row.name, "sha256": row.sha256, "size": row.size}, status=201)


def _unfit(request: HttpRequest) -> JsonResponse | None:
    """What can be said before a single byte is read."""
    if request.headers.get("Content-Encoding"):
        return refused("E_ENCODING", "Send the file as it is, without Content-Encoding.", 415)
    if request.content_type != "application/octet-stream":
        return refused("E_ENCODING", "Send the file's bytes as application/octet-stream.", 415)
    length = request.headers.get("Content-Length", "")
    if not length.isdigit():
        return refused("E_LENGTH", "Say how long the file is (Content-Length).", 411)
    if int(length) > settings.UPLOAD_MAX_FILE_BYTES:
        refusal = too_big(settings.UPLOAD_MAX_FILE_BYTES)
        return refused(refusal.code, refusal.sentence, 413)
    return None


def _has_no_room(request: HttpRequest, upload: Upload, sha256: str) -> JsonResponse | None:
    """Said before the bytes are sent; the exact count is made when they are there. What may be there already passes."""
    told = int(request.headers["Content-Length"])
    if upload.files.filter(sha256=sha256).exists():
        return None
    if bytes_of(upload) + told > settings.UPLOAD_MAX_BYTES:
        refusal = full(settings.UPLOAD_MAX_BYTES)
        return refused(refusal.code, refusal.sentence, STATUS_OF[refusal.code])
    lacking = lacking_room(site_storage(), upload, told, _room())
    return refused(lacking.code, lacking.sentence, STATUS_OF[lacking.code]) if lacking else None


def _room() -> RoomLimits:
    free_ratio = settings.FREE_DISK_PERCENT / 100
    return RoomLimits(settings.STAGING_USER_BYTES, settings.STAGING_TEAM_BYTES, free_ratio)


def _content(request: HttpRequest) -> Iterator[bytes]:
    """The body in pieces. Raises UploadRefused where it ends too early: a server may take a broken line for its end."""
    left = int(request.headers["Content-Length"])
    while chunk := request.read(CHUNK_BYTES):
        left -= len(chunk)
        yield chunk
    if left > 0:
        raise UploadRefused("E_BROKEN_OFF", BROKEN_OFF)


@signed_in
@require_POST
def upload_complete(request: HttpRequest, code: UUID) -> JsonResponse:
    """Nothing more will come: reading may begin. Saying so twice changes nothing."""
    upload = upload_for_user(request, code)
    with transaction.atomic():
        if complete_upload(upload):
            runs.arm(Step.INGEST, upload.pk)
    upload.refresh_from_db()
    if not upload.files.exists():
        return refused("E_EMPTY", "Nothing has arrived yet. Send the files first.", 409)
    return JsonResponse({"state": upload.state, "page": reverse("upload", args=[code])})


@signed_in
@require_POST
def upload_abandon(request: HttpRequest, code: UUID) -> HttpResponse:
    """Give an unfinished upload up; its bytes go."""
    upload = upload_for_user(request, code)
    if abandon_upload(upload):
        site_storage().clear_staging(str(upload.code))
    return HttpResponse(status=303, headers={"Location": reverse("inbox")})
