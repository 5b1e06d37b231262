"""The triage table of one upload: what was found, what is proposed and why; a person confirms what is filed."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from monitoring.access import candidate_for_user, require, signed_in, upload_for_user, user_of, viewer_of
from monitoring.forms import DecliningForm, SettlingForm
from monitoring.fragments import fragment, page_or_fragment
from monitoring.progress import is_moving, progress_rows
from monitoring.roles import Act
from patients.models import Candidate, Lesion, Patient, Scan, Upload
from patients.reads.inboxes import BY_DATE, upload_seen
from patients.reads.scans.outlines import outlines_of_scans
from patients.vocabulary import CandidateState, Modality, RunState, Step, UploadState
from patients.words.identity_words import SECOND_PERSON
from patients.writes.filing import NEVER_FILED, Decision, FilingConflict, file_candidate, keep_doubts
from patients.writes.uploads import OPEN_STATES, decline
from radiomics_tasks import runs
from radiomics_tasks.concluding import conclude_withheld
from radiomics_tasks.relay.standing import runs_for

# Answered by a field of their own; every other doubt by a tick.
ASKED_BY_FIELD = ("Q_DATE", "Q_MODALITY", "Q_NEW_PATIENT")


@signed_in
@require_safe
def upload_page(request: HttpRequest, code: UUID) -> HttpResponse:
    """The triage table; htmx asks for it again while the upload is being read or measured."""
    return _table(request, upload_for_user(request, code))


def _table(request: HttpRequest, upload: Upload, bound: SettlingForm | None = None) -> HttpResponse:
    seen = upload_seen(viewer_of(request).teams, upload.code) or upload
    candidates = list(seen.candidates.all())
    for found in candidates:
        found.upload = seen
    scan_pks = [c.scan_id for c in candidates if c.scan_id is not None and c.state == CandidateState.FILED]
    extracting = runs_for(Step.EXTRACT, scan_pks)
    reading = runs_for(Step.INGEST, [seen.pk]).get(seen.pk)
    rows = progress_rows(outlines_of_scans(scan_pks), extracting)
    context = {
        "place": "inbox",
        "upload": seen,
        "series": [_series(found, bound, _lesion_names(candidates)) for found in candidates],
        "ready": sum(found.state == CandidateState.READY for found in candidates),
        "rows": rows,
        "run": reading,
        "has_failed": _has_failed(seen, reading),
        "is_moving": is_moving(reading) or any(map(is_moving, extracting.values())),
    }
    return page_or_fragment(request, "upload", context, "triage")


def _has_failed(upload: Upload, run: Any) -> bool:
    is_unread = upload.state in (UploadState.RECEIVED, UploadState.READING)
    return run is not None and run.state == RunState.FAILED and is_unread


def _lesion_names(candidates: list[Candidate]) -> dict[int, str]:
    met = {outline.get("meets") for found in candidates for outline in found.outlines} - {None}
    return dict(Lesion.objects.filter(pk__in=met).values_list("pk", "tracking_id")) if met else {}


def _series(found: Candidate, bound: SettlingForm | None, names: dict[int, str]) -> dict[str, Any]:
    codes = {problem["code"] for problem in found.problems}
    is_bound = bound is not None and bound.candidate.pk == found.pk
    is_double = found.state == CandidateState.DUPLICATE
    return {
        "candidate": found,
        "form": bound if is_bound else SettlingForm(found),
        "is_open": found.state in OPEN_STATES,
        "is_double": is_double,
        "problems": [known for known in found.problems if not is_double or known["code"] == "DUPLICATE"],
        "can_be_filed": not any(code in NEVER_FILED or code.startswith("E_") for code in codes),
        "asks_date": found.acquired_on is None,
        "asks_modality": found.modality not in list(Modality),
        "doubts": [
            problem
            for problem in found.problems
            if problem["code"] not in (*ASKED_BY_FIELD, "DUPLICATE", *SECOND_PERSON)
        ],
        "outline_doubts": _outline_doubts(found),
        "holds": list(found.holds.all()),
        "pseudonym": _proposed_patient(found),
        "is_new_patient": found.patient is None,
        "outlines": [{**outline, "lesion": names.get(outline.get("meets") or 0, "")} for outline in found.outlines],
        "has_picture": bool(found.facts.get("thumbnail")),
    }


def _proposed_patient(found: Candidate) -> str:
    """The pseudonym to begin with; of a double nothing is proposed: whoever says it is another's says whose."""
    if found.state == CandidateState.DUPLICATE:
        return ""
    return found.patient.pseudonym if found.patient else found.proposed_pseudonym


def _outline_doubts(found: Candidate) -> dict[str, str]:
    """Doubts about outlines that are there to be kept: code and sentence, with the name it is about."""
    told: dict[str, str] = {}
    for outline in found.outlines:
        for problem in outline["problems"]:
            is_asked = problem["code"].startswith("Q_") and problem["code"] not in SECOND_PERSON
            if is_asked and outline.get("mask_file"):
                told.setdefault(problem["code"], f"{outline['name']}: {problem['sentence']}")
    return told


@signed_in
@require_POST
def candidate_file(request: HttpRequest, code: UUID) -> HttpResponse:
    """File one series as the form says; clicked twice, it is filed once."""
    candidate = candidate_for_user(request, code)
    form = SettlingForm(candidate, request.POST)
    if form.is_valid():
        decision = Decision(
            user=user_of(request),
            window_days=settings.VISIT_WINDOW_DAYS,
            patient=form.patient,
            pseudonym=form.cleaned_data["pseudonym"],
            acquired_on=form.cleaned_data["acquired_on"],
            modality=form.cleaned_data["modality"],
            confirmed=form.cleaned_data["confirmed"],
        )
        try:
            _file(candidate, decision)
        except FilingConflict as conflict:
            form.add_error(None, conflict.sentence)
        else:
            return redirect("upload", code=candidate.upload.code)
    response = _table(request, candidate.upload, form)
    response.status_code = 422
    return response


def _file(candidate: Candidate, decision: Decision) -> Scan:
    """File and queue the work in one transaction: neither without the other.

    A doubt that only the choice of the patient raised is kept: the table asks about it, or a second person decides.
    """
    try:
        with transaction.atomic():
            scan = file_candidate(candidate, decision)
            runs.arm(Step.EXTRACT, scan.pk)
            runs.arm(Step.REASSESS, scan.patient_id)
    except FilingConflict as conflict:
        with transaction.atomic():
            conclude_withheld(keep_doubts(candidate, decision, conflict))
        raise
    return scan


@signed_in
@require_POST
def file_ready(request: HttpRequest, code: UUID) -> HttpResponse:
    """File every series of an upload that is ready, as proposed; what does not fit stays and says why."""
    upload = upload_for_user(request, code)
    ready = upload.candidates.select_related("patient").filter(state=CandidateState.READY)
    # The first scan that is filed opens the lesions: it must be the earliest.
    for candidate in ready.order_by(*BY_DATE):
        decision = Decision(
            user=user_of(request),
            window_days=settings.VISIT_WINDOW_DAYS,
            patient=candidate.patient,
            pseudonym=candidate.proposed_pseudonym,
        )
        try:
            _file(candidate, decision)
        except FilingConflict as conflict:
            messages.error(request, f"{candidate.description or candidate.modality}: {conflict.sentence}")
    return redirect("upload", code=upload.code)


@signed_in
@require_POST
def candidate_decline(request: HttpRequest, code: UUID) -> HttpResponse:
    """A person decides that a series is not filed."""
    candidate = candidate_for_user(request, code)
    form = DecliningForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    if not decline(candidate, user_of(request), reason):
        messages.info(request, "This series was settled meanwhile.")
    return redirect("upload", code=candidate.upload.code)


@signed_in
@require_safe
def patient_options(request: HttpRequest) -> HttpResponse:
    """Pseudonyms for the choice of a patient, as one types."""
    viewer = require(request, Act.UPLOAD)
    typed = next((str(value) for name, value in request.GET.items() if name.endswith("pseudonym")), "")
    typed = typed.replace("\0", "").strip()  # PostgreSQL takes no NUL
    found = Patient.objects.filter(team__in=viewer.teams, merged_into=None, pseudonym__icontains=typed).order_by(
        "pseudonym"
    )
    return fragment(request, "patient_options", {"patients": found[:20]})
