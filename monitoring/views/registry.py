"""Models: what is registered, one model's card, and sending one in, approving and retiring it."""

from typing import Any
from urllib.parse import unquote

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from monitoring.access import NOT_FOUND, require, signed_in, user_of
from monitoring.charts.calibration import calibration_figure
from monitoring.charts.theme import Drawing
from monitoring.fragments import page_or_fragment
from monitoring.progress import is_moving
from monitoring.roles import Act, Viewer
from monitoring.shown.trust.model_cards import model_page
from patients.model_text import LARGEST_BYTES, ModelRefused, too_large
from patients.models import HostedModel, ModelUpload
from patients.reads.integrity.models_held import faults_of_models
from patients.reads.trusting.registry import model_of_digest, models_listed, uploads_listed
from patients.reads.trusting.scoreboards import BoardKept, scoreboards_of
from patients.vocabulary import RunState, Step
from patients.words.hosted_words import ModelKind, ModelStatus
from patients.words.integrity_words import Damage
from patients.writes.trusting.registry import approve_model, is_score_in_use, receive_model, retire_model
from radiomics_tasks import runs
from radiomics_tasks.relay.standing import runs_for

UPLOADS_SHOWN = 12


@signed_in
@require_safe
def models_page(request: HttpRequest) -> HttpResponse:
    """Every model; htmx asks for the part that moves, as long as a worker reads a file."""
    viewer = require(request, Act.SEE_MODELS)
    uploads = uploads_listed(UPLOADS_SHOWN) if viewer.may(Act.SEND_MODELS) else []
    reading = runs_for(Step.REGISTER, [upload.pk for upload in uploads])
    rows = [_upload_row(upload, reading.get(upload.pk)) for upload in uploads]
    context = {
        "place": "models",
        "models": models_listed(),
        "damaged": faults_of_models(Damage.MODEL_CHANGED),
        "uploads": rows,
        "is_moving": any(row["is_moving"] for row in rows),
        "max_bytes": LARGEST_BYTES,
    }
    return page_or_fragment(request, "models", context, "models_state")


def _upload_row(upload: ModelUpload, run: Any) -> dict[str, Any]:
    is_settled = upload.model is not None or bool(upload.problem)
    has_failed = not is_settled and run is not None and run.state == RunState.FAILED
    return {
        "upload": upload,
        "run": run,
        "is_moving": not is_settled and is_moving(run),
        "has_failed": has_failed,
        "why": upload.problem.get("sentence", "") or (run.reason if has_failed else ""),
    }


@signed_in
@require_POST
def model_send(request: HttpRequest) -> HttpResponse:
    """A model's file as the body of the request; a worker reads it and replays its pairs."""
    require(request, Act.SEND_MODELS)
    try:
        content = _content(request)
        with transaction.atomic():
            upload = receive_model(content, unquote(request.headers.get("X-File-Name", "")), user_of(request))
            runs.arm(Step.REGISTER, upload.pk)
    except ModelRefused as refused:
        status = 413 if refused.code == "E_MODEL_SIZE" and content_length(request) > LARGEST_BYTES else 422
        return JsonResponse({"code": refused.code, "sentence": refused.sentence}, status=status)
    return JsonResponse({"page": reverse("models")}, status=201)


def content_length(request: HttpRequest) -> int:
    """How long the body says it is; 0 where it does not say."""
    told = request.headers.get("Content-Length", "")
    return int(told) if told.isdecimal() else 0


def _content(request: HttpRequest) -> bytes:
    """The body, no more of it than a model may have. Raises ModelRefused, before reading where its length is told."""
    if request.content_type != "application/octet-stream":
        raise ModelRefused("E_ENCODING", "Send the file's bytes as application/octet-stream.")
    if content_length(request) > LARGEST_BYTES:
        raise too_large()
    try:
        return request.read(LARGEST_BYTES + 1)
    except UnreadablePostError:
        raise ModelRefused("E_BROKEN_OFF", "The connection broke off. Send this file again.") from None


@signed_in
@require_safe
def model_card(request: HttpRequest, digest: str) -> HttpResponse:
    """One model: its card, its numbers, its pairs."""
    viewer = require(request, Act.SEE_MODELS)
    model = _found(digest)
    mine = {model.created_by_id, *model.uploads.values_list("created_by", flat=True)}
    context = {
        "place": "models",
        "is_own": user_of(request).pk in mine,
        "may_approve": viewer.may(Act.APPROVE_MODELS),
        "can_activate": model.status in (ModelStatus.DRAFT, ModelStatus.SHADOW),
        "can_shadow": model.status == ModelStatus.DRAFT,
        "can_retire": model.status != ModelStatus.RETIRED and not is_score_in_use(model),
        "boards": _boards(viewer, model),
        **model_page(model),
    }
    return page_or_fragment(request, "model", context)


def _boards(viewer: Viewer, model: HostedModel) -> list[tuple[BoardKept, Drawing | None]]:
    """How far this version was right in the viewer's teams; nothing for those who see no patients."""
    if model.kind != ModelKind.PSP or not viewer.may(Act.READ):
        return []
    boards = [one for one in scoreboards_of(viewer.teams) if one.model_digest == model.digest]
    return [(one, calibration_figure(one.board)) for one in boards]


@signed_in
@require_POST
def model_approve(request: HttpRequest, digest: str) -> HttpResponse:
    """Let a model compute, shown or in shadow; every patient is concluded again."""
    require(request, Act.APPROVE_MODELS)
    model = _found(digest)
    is_shadow = request.POST.get("shadow") == "yes"
    try:
        with transaction.atomic():
            before = approve_model(model, user_of(request), is_shadow=is_shadow)
            runs.arm(Step.APPLY, model.pk)
    except ModelRefused as refused:
        messages.error(request, refused.sentence)
        return redirect("model", digest=digest)
    replaced = f" It replaces {before.version}, which is retired." if before else ""
    messages.success(request, f"{model} is {'in shadow' if is_shadow else 'active'}.{replaced}")
    return redirect("model", digest=digest)


@signed_in
@require_POST
def model_retire(request: HttpRequest, digest: str) -> HttpResponse:
    """Take a model out of use; what it said stays in the record."""
    require(request, Act.APPROVE_MODELS)
    model = _found(digest)
    try:
        with transaction.atomic():
            retire_model(model, user_of(request))
            runs.arm(Step.APPLY, model.pk)
    except ModelRefused as refused:
        messages.error(request, refused.sentence)
        return redirect("model", digest=digest)
    messages.success(request, f"{model} is retired.")
    return redirect("model", digest=digest)


def _found(digest: str) -> HostedModel:
    model = model_of_digest(digest) if digest.isalnum() else None
    if model is None:
        raise Http404(NOT_FOUND)
    return model
