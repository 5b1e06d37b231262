"""One doubt about whose scan it is, side by side, and the decision of a second person."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from monitoring.access import NOT_FOUND, hold_for_user, require, signed_in, user_of
from monitoring.roles import Act
from monitoring.stored_png import png
from patients.models import Hold
from patients.vocabulary import Step
from patients.words.identity_words import HoldState
from patients.writes.identity.holding import HoldRefused, decide, senders
from radiomics_tasks import runs


class DecidingForm(forms.Form):
    """How it was made sure, in a sentence."""

    reason = forms.CharField(
        label="How did you make sure?", max_length=400, widget=forms.Textarea(attrs={"rows": 3}), strip=True
    )


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def hold_page(request: HttpRequest, code: UUID) -> HttpResponse:
    """What differs, side by side; a steward who did not send it decides."""
    hold = hold_for_user(request, code)
    if request.method != "POST":
        return _page(request, hold, DecidingForm())
    require(request, Act.DECIDE_HOLD)
    form = DecidingForm(request.POST)
    if not form.is_valid():
        return _page(request, hold, form, 422)
    try:
        with transaction.atomic():
            decided = decide(hold, user_of(request), form.cleaned_data["reason"], is_release="release" in request.POST)
            _arm(decided)
    except HoldRefused as refusal:
        form.add_error(None, refusal.sentence)
        status = {"E_CONFLICT": 409, "E_OWN": 403}.get(refusal.code, 422)
        return _page(request, hold_for_user(request, code), form, status)
    said = "Released." if decided.state == HoldState.RELEASED else "Refused."
    messages.success(request, f"{said} Your reason is kept with it.")
    return redirect("hold", code=hold.code)


def _arm(hold: Hold) -> None:
    """What was let in is measured and concluded."""
    scan = hold.segmentation.scan if hold.segmentation else hold.candidate.scan if hold.candidate else None
    if hold.state == HoldState.RELEASED and scan is not None:
        runs.arm(Step.EXTRACT, scan.pk)
        runs.arm(Step.REASSESS, scan.patient_id)


def _page(request: HttpRequest, hold: Hold, form: DecidingForm, status: int = 200) -> HttpResponse:
    is_shown = hold.beside is not None and hold.patient is not None and hold.beside.patient_id == hold.patient.pk
    own = hold.candidate.facts.get("thumbnail") if hold.candidate else hold.segmentation and _thumbnail(hold, "own")
    context: dict[str, Any] = {
        "place": "inbox",
        "hold": hold,
        "form": form,
        "is_own": user_of(request).pk in senders(hold),
        "is_open": hold.state == HoldState.OPEN,
        "beside": hold.beside if is_shown else None,
        "has_own_picture": bool(own),
        "has_beside_picture": bool(is_shown and hold.beside and hold.beside.facts.get("thumbnail")),
        "withholdings": list(hold.withholdings.filter(lifted_at=None)),
    }
    return render(request, "pages/hold.html", context, status=status)


def _thumbnail(hold: Hold, side: str) -> str:
    """The small picture of what is held, or of the patient's own scan beside it; another patient's is not shown."""
    if side == "own":
        facts = hold.candidate.facts if hold.candidate else hold.segmentation.scan.facts if hold.segmentation else {}
    else:
        is_shown = hold.beside is not None and hold.beside.patient_id == hold.patient_id
        facts = hold.beside.facts if is_shown and hold.beside else {}
    return str(facts.get("thumbnail") or "")


@signed_in
@require_safe
def hold_picture(request: HttpRequest, code: UUID, side: str) -> HttpResponse:
    """The small picture of one side."""
    digest = _thumbnail(hold_for_user(request, code), side)
    if not digest:
        raise Http404(NOT_FOUND)
    return png(digest)
