"""Pauses of a line of therapy, and surgery, radiation or ablation of a single lesion; sent twice, entered once."""

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from monitoring.access import course_for_user, lesion_for_user, signed_in, user_of
from monitoring.assessment_forms.therapy import HoldForm, TreatmentForm
from monitoring.roles import Act
from patients.models import Lesion, TreatmentCourse
from patients.vocabulary import Step
from patients.words.reading_words import LocalTherapy
from patients.writes.locking import patient_locked
from patients.writes.therapies import TherapyRefused, remove_treatment, replace_holds, treat_lesion
from radiomics_tasks import runs


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def course_holds(request: HttpRequest, code: UUID) -> HttpResponse:
    """The pauses of one line of therapy; a post enters one, gives it an end, or takes it back."""
    course = course_for_user(request, code)
    form = HoldForm(request.POST) if request.method == "POST" else HoldForm()
    if form.is_valid():
        try:
            _keep_hold(course, form, is_removed=request.POST.get("act") == "remove")
        except TherapyRefused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, "The pauses are kept. The course is being concluded again.")
            return redirect("course_holds", code=code)
    context = {"place": "cohort", "patient": course.patient, "course": course, "form": form}
    return render(request, "pages/holds.html", context, status=422 if form.is_bound else 200)


def _keep_hold(course: TreatmentCourse, form: HoldForm, *, is_removed: bool) -> None:
    said = form.cleaned_data
    with patient_locked(course.patient_id):
        holds = {hold.started_on: hold.stopped_on for hold in course.holds.all()}
        if is_removed:
            holds.pop(said["started_on"], None)
        else:
            holds[said["started_on"]] = said["stopped_on"]
        replace_holds(course, list(holds.items()))
        runs.arm(Step.REASSESS, course.patient_id)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def lesion_treatments(request: HttpRequest, code: UUID) -> HttpResponse:
    """What was done to one lesion; a post enters a treatment or takes it back."""
    lesion = lesion_for_user(request, code, Act.TREAT)
    form = TreatmentForm(request.POST) if request.method == "POST" else TreatmentForm()
    if form.is_valid():
        try:
            _keep_treatment(request, lesion, form, is_removed=request.POST.get("act") == "remove")
        except TherapyRefused as refusal:
            form.add_error("treated_on", refusal.sentence)
        else:
            messages.success(request, "Kept. The course is being concluded again.")
            return redirect("lesion_treatments", code=code)
    context = {"place": "cohort", "patient": lesion.patient, "lesion": lesion, "form": form}
    return render(request, "pages/treatments.html", context, status=422 if form.is_bound else 200)


def _keep_treatment(request: HttpRequest, lesion: Lesion, form: TreatmentForm, *, is_removed: bool) -> None:
    kind, treated_on = LocalTherapy(form.cleaned_data["kind"]), form.cleaned_data["treated_on"]
    with transaction.atomic():
        if is_removed:
            for row in lesion.treatments.filter(kind=kind, treated_on=treated_on):
                remove_treatment(row)
        else:
            treat_lesion(lesion, kind, treated_on, user_of(request))
        runs.arm(Step.REASSESS, lesion.patient_id)
