"""What came in and what waits for a person: uploads, outlines to be linked, one live row a lesion and scan."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from monitoring.access import (
    code_or_404,
    patient_for_user,
    require,
    scan_for_user,
    signed_in,
    teams_of,
    upload_for_user,
    viewer_of,
)
from monitoring.fragments import page_or_fragment
from monitoring.progress import ProgressRow, is_moving, progress_rows
from monitoring.roles import Act, Viewer
from patients.models import Upload
from patients.reads.identity.holds import open_holds
from patients.reads.identity.moves import open_moves
from patients.reads.inboxes import uploads_seen, waiting_outlines
from patients.reads.scans.outlines import outlines_of_scans
from patients.vocabulary import CandidateState, RunState, Step, UploadState
from radiomics_tasks import runs
from radiomics_tasks.relay.standing import runs_for

ROWS_SHOWN = 24
# What is done needs nobody: only the newest of it is shown.
DONE_SHOWN = 8
# A worker may die before it begins as well as while it reads.
UNREAD = (UploadState.RECEIVED, UploadState.READING)


@signed_in
@require_safe
def inbox_page(request: HttpRequest) -> HttpResponse:
    """The inbox; htmx asks for the part that moves, as long as something does."""
    viewer = viewer_of(request)
    if not viewer.may(Act.LINK):
        require(request, Act.UPLOAD)
    code = request.GET.get("patient", "")
    context = inbox_state(viewer)
    if code:
        context["patient"] = patient_for_user(request, code_or_404(code), Act.UPLOAD)
    context |= {"place": "inbox", "teams": teams_of(request), "max_bytes": settings.UPLOAD_MAX_FILE_BYTES}
    return page_or_fragment(request, "inbox", context, "inbox_state")


def inbox_state(viewer: Viewer) -> dict[str, Any]:
    """Everything of the inbox that changes by itself."""
    uploads = uploads_seen(viewer.teams)
    scan_pks = {
        found.scan_id
        for upload in uploads
        for found in upload.candidates.all()
        if found.scan_id is not None and found.state == CandidateState.FILED
    }
    extracting = runs_for(Step.EXTRACT, scan_pks)
    reading = runs_for(Step.INGEST, [upload.pk for upload in uploads])
    rows = progress_rows(outlines_of_scans(scan_pks), extracting)
    # What moves or needs somebody comes first; what is done follows, the newest scan first.
    rows.sort(key=_is_finished)
    shown = rows[: max(DONE_SHOWN, min(ROWS_SHOWN, sum(not _is_finished(row) for row in rows)))]
    settled = [row for row in waiting_outlines(viewer.teams) if not is_moving(extracting.get(row.scan_id))]
    return {
        "uploads": [_upload_row(upload, reading.get(upload.pk)) for upload in uploads],
        "waiting": settled,
        "moves": open_moves(viewer.teams) if viewer.may(Act.UPLOAD) else [],
        "holds": open_holds(viewer.teams) if viewer.may(Act.UPLOAD) else [],
        "rows": shown,
        "rows_hidden": len(rows) - len(shown),
        "failed": sum(row.has_failed for row in rows),
        "is_moving": any(map(is_moving, (*reading.values(), *extracting.values()))),
    }


def _is_finished(row: ProgressRow) -> bool:
    return row.state is RunState.DONE and row.outline.lesion_id is not None


def _upload_row(upload: Upload, run: Any) -> dict[str, Any]:
    candidates = list(upload.candidates.all())
    return {
        "upload": upload,
        "ready": sum(found.state == CandidateState.READY for found in candidates),
        "needing": sum(found.state == CandidateState.NEEDS_PERSON for found in candidates),
        "filed": sum(found.state == CandidateState.FILED for found in candidates),
        "found": len(candidates),
        "run": run,
        "has_failed": run is not None and run.state == RunState.FAILED and upload.state in UNREAD,
    }


@signed_in
@require_POST
def retry_scan(request: HttpRequest, code: UUID) -> HttpResponse:
    """Ask for another try at measuring a scan."""
    scan = scan_for_user(request, code, Act.UPLOAD)
    run = runs_for(Step.EXTRACT, [scan.pk]).get(scan.pk)
    if run is None or not runs.retry(run.pk):
        messages.info(request, "This is being measured already.")
    return redirect("inbox")


@signed_in
@require_POST
def retry_upload(request: HttpRequest, code: UUID) -> HttpResponse:
    """Ask for another try at reading an upload."""
    upload = upload_for_user(request, code)
    run = runs_for(Step.INGEST, [upload.pk]).get(upload.pk)
    if run is None or not runs.retry(run.pk):
        messages.info(request, "This is being read already.")
    return redirect("inbox")
