"""Lines of therapy: entered, corrected and taken back on the patient's course page."""

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from monitoring.access import course_for_user, patient_for_user, signed_in
from monitoring.forms import CourseForm
from monitoring.roles import Act
from patients.models import Patient, TreatmentCourse
from patients.vocabulary import DrugClass, Step
from patients.writes.courses import CourseRefused, remove_course, save_course
from radiomics_tasks import runs


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def course_add(request: HttpRequest, code: UUID) -> HttpResponse:
    """A new line of therapy."""
    return _edit(request, patient_for_user(request, code, Act.TREAT), None)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def course_edit(request: HttpRequest, code: UUID) -> HttpResponse:
    """Another name, class or date of a line of therapy."""
    course = course_for_user(request, code)
    return _edit(request, course.patient, course)


def _edit(request: HttpRequest, patient: Patient, course: TreatmentCourse | None) -> HttpResponse:
    form = CourseForm(request.POST) if request.method == "POST" else _empty(course)
    if not form.is_valid():
        return _page(request, patient, course, form)
    said = form.cleaned_data
    try:
        with transaction.atomic():
            save_course(
                patient,
                said["name"],
                DrugClass(said["drug_class"]),
                said["started_on"],
                said["stopped_on"],
                course,
                said["randomised_on"],
            )
            # The baseline and every call depend on the start of therapy.
            runs.arm(Step.REASSESS, patient.pk)
    except CourseRefused as refusal:
        if refusal.code == "E_GONE":
            raise Http404(refusal.sentence) from None
        form.add_error("name", refusal.sentence)
        return _page(request, patient, course, form)
    messages.success(request, f"{said['name']} is kept. The course is being concluded again.")
    return redirect("patient", code=patient.code)


def _page(request: HttpRequest, patient: Patient, course: TreatmentCourse | None, form: CourseForm) -> HttpResponse:
    context = {"place": "cohort", "patient": patient, "course": course, "form": form}
    return render(request, "pages/course.html", context, status=422 if form.is_bound else 200)


def _empty(course: TreatmentCourse | None) -> CourseForm:
    return CourseForm.of(course) if course else CourseForm()


@signed_in
@require_POST
def course_remove(request: HttpRequest, code: UUID) -> HttpResponse:
    """Take back a line of therapy that was entered by mistake."""
    course = course_for_user(request, code)
    try:
        with transaction.atomic():
            remove_course(course)
            runs.arm(Step.REASSESS, course.patient_id)
    except CourseRefused as refusal:
        raise Http404(refusal.sentence) from None
    messages.success(request, f"{course.name} is removed. The course is being concluded again.")
    return redirect("patient", code=course.patient.code)
