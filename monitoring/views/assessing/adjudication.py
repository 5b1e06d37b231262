"""Readings of one visit that differ, side by side; somebody else decides which one counts, and says why."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from monitoring.access import NOT_FOUND, patient_for_user, require, signed_in, timepoint_for_user, user_of
from monitoring.assessment_forms.deciding import AdjudicationForm
from monitoring.roles import Act
from monitoring.shown.response.side_by_side import compared_judgements, compared_lesions
from patients.models import Adjudication, Patient, Timepoint
from patients.reads.readings.due import disagreements_of
from patients.reads.readings.versus import Versus, versus_of
from patients.reads.readings.visits import readings_of, visit_days
from patients.vocabulary import Step
from patients.writes.locking import patient_locked
from patients.writes.readings.content import ReadingRefused, refused
from patients.writes.readings.signing import adjudicate
from patients.written_dates import days
from radiomics_tasks import runs


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def adjudication_page(request: HttpRequest, code: UUID, timepoint: int) -> HttpResponse:
    """Both readings with their differences marked; a post decides."""
    patient = patient_for_user(request, code)
    visit = timepoint_for_user(request, patient, timepoint)
    viewer = require(request, Act.ADJUDICATE)
    versus = versus_of(visit.pk)
    if viewer.may(Act.ASSESS) and not _is_open_to(user_of(request), visit, versus):
        raise Http404(NOT_FOUND)
    seen = versus.decisions[-1].pk if versus.decisions else 0
    form = AdjudicationForm(versus.readings, seen, request.POST if request.method == "POST" else None)
    if form.is_valid():
        refusal = _decide(request, visit, versus, form)
        if refusal is None:
            messages.success(request, "Decided. The course is being concluded again.")
            return redirect("patient", code=patient.code)
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)
    status = 422 if form.is_bound else 200
    return render(request, "pages/adjudication.html", _context(request, patient, visit, versus, form), status=status)


def _is_open_to(user: User, visit: Timepoint, versus: Versus) -> bool:
    """Whoever may still read independently sees the readings of others only to decide between them."""
    if versus.is_decided_by(user.pk):
        return True
    if not versus.is_by(user.pk):
        return visit.pk in disagreements_of(visit.patient_id)
    return readings_of(visit.patient_id, user, is_reader=True)[visit.pk].hidden_count == 0


def _decide(request: HttpRequest, visit: Timepoint, versus: Versus, form: AdjudicationForm) -> ReadingRefused | None:
    """Keep the decision; the same one sent twice is kept once."""
    said, user = form.cleaned_data, user_of(request)
    chosen = next(row for row in versus.readings if row.pk == said["reading"])
    try:
        with patient_locked(visit.patient_id):
            newest = Adjudication.objects.filter(timepoint=visit).last()
            is_same = newest is not None and (newest.reading_id, newest.decided_by_id) == (chosen.pk, user.pk)
            if newest is not None and is_same and newest.why == said["why"].strip():
                return None
            if newest is not None and newest.pk != said["seen"]:
                raise refused(
                    "E_DECIDED", "Somebody decided meanwhile. Look at that decision above before you decide again."
                )
            adjudicate(visit, chosen, user, said["why"])
            runs.arm(Step.REASSESS, visit.patient_id)
    except ReadingRefused as refusal:
        return refusal
    return None


def _context(
    request: HttpRequest, patient: Patient, visit: Timepoint, versus: Versus, form: AdjudicationForm
) -> dict[str, Any]:
    dates = visit_days(patient.pk).get(visit.pk, [])
    own = {row.reader_id for row in versus.readings}
    return {
        "place": "cohort",
        "patient": patient,
        "visit": visit,
        "when": days(dates[0], dates[-1]) if dates else "",
        "readings": versus.readings,
        "calls": versus.calls,
        "decisions": versus.decisions,
        "lesions": compared_lesions(versus.readings),
        "judgements": compared_judgements(versus.readings),
        "is_own": request.user.pk in own,
        "form": form,
    }
