"""Laboratory results and clinical events of one patient: entered, corrected, taken back, taken in from a file."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from monitoring.access import NOT_FOUND, patient_for_user, signed_in, user_of
from monitoring.fragments import fragment, query_around, wants_fragment
from monitoring.roles import Act
from monitoring.shifted_tables import DATES_SHIFTED, is_shifted, shifted
from monitoring.shown.blood.lab_entries import lab_context
from monitoring.shown.blood.lab_forms import AboutForm, EventForm, ResultForm, TableForm
from monitoring.shown.blood.lab_histories import histories
from monitoring.shown.response.calls_shown import blinding_of
from patients.lab_tables.table import EVENT_COLUMNS, RESULT_COLUMNS, table_lines
from patients.labs.words import EventKind
from patients.measured.cells import as_text
from patients.models import ClinicalEvent, LabResult, Patient
from patients.reads.labs import event_rows, result_rows
from patients.reads.tables.shifted_dates import EVENTS as EVENTS_TELL
from patients.reads.tables.shifted_dates import RESULTS as RESULTS_TELL
from patients.reads.tables.shifted_dates import Telling
from patients.reads.trail.head import headed
from patients.vocabulary import Step
from patients.writes.labs import (
    LabRefused,
    correct_event,
    correct_result,
    enter_event,
    enter_result,
    take_back,
)
from radiomics_tasks import runs
from radiomics_tasks.arrivals.lab_intake import EVENTS, RESULTS, take_labs

MOST_PROBLEMS = 30
Form = ResultForm | EventForm


@signed_in
@require_safe
def labs_page(request: HttpRequest, code: UUID) -> HttpResponse:
    """Everything that was entered, with the forms."""
    return _page(request, patient_for_user(request, code))


def _page(request: HttpRequest, patient: Patient, status: int = 200, **more: Any) -> HttpResponse:
    known = {"place": "cohort", "patient": patient, "histories": histories(patient)}
    context = {**known, **_context(request, patient, **more)}
    return render(request, "pages/labs.html", context, status=status)


def _context(request: HttpRequest, patient: Patient, **more: Any) -> dict[str, Any]:
    return lab_context(patient, can_see_outcomes=not blinding_of(request, patient.pk).hidden, **more)


@signed_in
@require_POST
def result_add(request: HttpRequest, code: UUID) -> HttpResponse:
    """One result."""
    patient = patient_for_user(request, code, Act.ENTER_LABS)
    form = ResultForm(patient.birth_year, request.POST)
    return _added(request, patient, form, "result_form", lambda: enter_result(patient, form.said, user_of(request)))


@signed_in
@require_POST
def event_add(request: HttpRequest, code: UUID) -> HttpResponse:
    """One event."""
    patient = patient_for_user(request, code, Act.ENTER_LABS)
    form = EventForm(patient.birth_year, request.POST)
    return _added(request, patient, form, "event_form", lambda: enter_event(patient, form.said, user_of(request)))


def _added(request: HttpRequest, patient: Patient, form: Form, name: str, enter: Callable[[], object]) -> HttpResponse:
    """The list again, with the form as it was where it did not hold."""
    is_kept = _kept(patient, form, enter)
    if wants_fragment(request):
        more = {} if is_kept else {name: form}
        drawn = {"is_drawn_again": is_kept and patient.timepoints.exists(), "query": query_around(request)}
        context = {"patient": patient, "limit": 8, **drawn, **_context(request, patient, **more)}
        return fragment(request, "labs", context, status=200 if is_kept else 422)
    if is_kept:
        messages.success(request, "Kept. The course is being concluded again.")
        return redirect("labs", code=patient.code)
    return _page(request, patient, 422, **{name: form})


def _kept(patient: Patient, form: Form, enter: Callable[[], object]) -> bool:
    if not form.is_valid():
        return False
    try:
        with transaction.atomic():
            enter()
            runs.arm(Step.REASSESS, patient.pk)
    except LabRefused as refusal:
        form.refuse(refusal.field, refusal.sentence)
        return False
    return True


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def result_correct(request: HttpRequest, code: UUID, row: UUID) -> HttpResponse:
    """Another value in the place of a result, or none."""
    patient = patient_for_user(request, code, Act.ENTER_LABS)
    found = LabResult.objects.filter(patient=patient, code=row, superseded_at=None).first()
    if found is None:
        raise Http404(NOT_FOUND)
    form = ResultForm(patient.birth_year, request.POST) if request.method == "POST" else None
    why = _why(request)
    return _corrected(
        request, patient, found, form or ResultForm.of(found, patient.birth_year),
        lambda said: correct_result(found, said, user_of(request), why),
    )  # fmt: skip


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def event_correct(request: HttpRequest, code: UUID, row: UUID) -> HttpResponse:
    """Another event in the place of one, or none."""
    patient = patient_for_user(request, code, Act.ENTER_LABS)
    found = ClinicalEvent.objects.filter(patient=patient, code=row, superseded_at=None).first()
    if found is None:
        raise Http404(NOT_FOUND)
    form = EventForm(patient.birth_year, request.POST) if request.method == "POST" else None
    why = _why(request)
    return _corrected(
        request, patient, found, form or EventForm.of(found, patient.birth_year),
        lambda said: correct_event(found, said, user_of(request), why),
    )  # fmt: skip


def _why(request: HttpRequest) -> str:
    """Why an entry is corrected, in readable letters: no others can be kept."""
    return "".join(letter for letter in request.POST.get("why", "") if letter.isprintable())


def _corrected(
    request: HttpRequest,
    patient: Patient,
    row: LabResult | ClinicalEvent,
    form: Form,
    correct: Callable[[Any], object],
) -> HttpResponse:
    if request.POST.get("act") == "take_back":
        try:
            with transaction.atomic():
                take_back(row, _why(request))
                runs.arm(Step.REASSESS, patient.pk)
        except LabRefused as refusal:
            messages.error(request, refusal.sentence)
        else:
            messages.success(request, "Taken back. The course is being concluded again.")
        return redirect("labs", code=patient.code)
    if form.is_bound and _kept(patient, form, lambda: correct(form.said)):
        messages.success(request, "Corrected; the old entry stays to be seen. The course is being concluded again.")
        return redirect("labs", code=patient.code)
    context = {"place": "cohort", "patient": patient, "row": row, "form": form}
    return render(request, "pages/lab_entry.html", context, status=422 if form.is_bound else 200)


@signed_in
@require_POST
def labs_import(request: HttpRequest, code: UUID) -> HttpResponse:
    """A table of this patient's results or events: all of it, or every problem with its row and column."""
    patient = patient_for_user(request, code, Act.IMPORT_LABS)
    form = TableForm(request.POST)
    if not form.is_valid():
        return _page(request, patient, 422, table_form=form)
    kind = EVENTS if form.cleaned_data["kind"] == "events" else RESULTS
    today, user = timezone.localdate(), user_of(request)
    taken = take_labs(form.cleaned_data["table"].encode(), kind, patient.team, today, user, only=patient)
    if taken.problems:
        shown, more = taken.problems[:MOST_PROBLEMS], len(taken.problems) - MOST_PROBLEMS
        return _page(request, patient, 422, table_form=form, table_problems=shown, more_problems=max(0, more))
    messages.success(request, f"{taken.filed} rows are filed; {taken.known} had been filed before.")
    return redirect("labs", code=patient.code)


@signed_in
@require_POST
def about_change(request: HttpRequest, code: UUID) -> HttpResponse:
    """Another kind of tumour or year of birth."""
    patient = patient_for_user(request, code, Act.ENTER_LABS)
    form = AboutForm(request.POST)
    if not form.is_valid():
        return _page(request, patient, 422, about_form=form)
    with transaction.atomic():
        Patient.objects.filter(pk=patient.pk).update(**form.cleaned_data)
        runs.arm(Step.REASSESS, patient.pk)
    messages.success(request, "Kept. The course is being concluded again.")
    return redirect("labs", code=patient.code)


@signed_in
@require_safe
def labs_csv(request: HttpRequest, code: UUID) -> StreamingHttpResponse:
    """The results in force, as the table that is taken in."""
    patient = patient_for_user(request, code)
    return _table(request, patient, "labs", RESULT_COLUMNS, result_rows([patient.pk]), RESULTS_TELL)


@signed_in
@require_safe
def events_csv(request: HttpRequest, code: UUID) -> StreamingHttpResponse:
    """The events in force, as the table that is taken in; without what would tell a blinded reader."""
    patient = patient_for_user(request, code)
    rows: Iterable[Mapping[str, object]] = event_rows([patient.pk])
    if blinding_of(request, patient.pk).hidden:
        rows = (row for row in rows if row["kind"] != EventKind.ADJUDICATED_OUTCOME)
    return _table(request, patient, "events", EVENT_COLUMNS, rows, EVENTS_TELL)


def _table(
    request: HttpRequest,
    patient: Patient,
    name: str,
    columns: Sequence[str],
    rows: Iterable[Mapping[str, object]],
    telling: Telling,
) -> StreamingHttpResponse:
    if is_shifted(request):
        texts = (tuple(as_text(row.get(column)) for column in columns) for row in rows)
        return _streamed(
            headed(shifted(columns, texts, patient, telling)), f"{patient.pseudonym}-{name}{DATES_SHIFTED}"
        )
    return _streamed(headed(partial(table_lines, columns, rows)), f"{patient.pseudonym}-{name}")


def _streamed(content: Iterator[str], name: str) -> StreamingHttpResponse:
    plain = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in name)
    headers = {"Content-Disposition": f'attachment; filename="deltarad-{plain}.csv"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)
