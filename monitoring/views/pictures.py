"""Slices of an outline as stored bytes: 16-bit PNG and their manifest, for those who may see the patient."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from monitoring.access import NOT_FOUND, candidate_for_user, outline_for_user, signed_in
from monitoring.roles import Act
from monitoring.stored_png import IMMUTABLE, png
from patients.files import FileChanged, Storage, site_storage
from patients.models import Segmentation
from patients.reads.scans.pictures import slice_manifest


@signed_in
@require_safe
def manifest(request: HttpRequest, code: UUID) -> HttpResponse:
    """Geometry, window and contours of an outline's slices."""
    outline = outline_for_user(request, code)
    found = _manifest(outline)
    response = JsonResponse({**found, "largest": outline.slices.get("largest")})
    response["Cache-Control"] = IMMUTABLE
    return response


@signed_in
@require_safe
def picture(request: HttpRequest, code: UUID, digest: str) -> HttpResponse:
    """One slice, if it is one of this outline's."""
    outline = outline_for_user(request, code)
    if digest not in {row["png"] for row in _manifest(outline)["slices"]}:
        raise Http404(NOT_FOUND)
    return png(digest)


@signed_in
@require_safe
def thumbnail(request: HttpRequest, code: UUID) -> HttpResponse:
    """The small picture of a series in the triage table."""
    candidate = candidate_for_user(request, code, Act.UPLOAD)
    digest = str(candidate.facts.get("thumbnail") or "")
    if not digest:
        raise Http404(NOT_FOUND)
    return png(digest)


def _storage() -> Storage:
    return site_storage()


def _manifest(outline: Segmentation) -> dict[str, Any]:
    try:
        return slice_manifest(_storage(), outline)
    except (FileNotFoundError, FileChanged):
        raise Http404(NOT_FOUND) from None
