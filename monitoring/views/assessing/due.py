"""What is due: progressions that wait to be confirmed, visits that nobody has assessed, readers who differ."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from monitoring.access import patient_for_user, require, signed_in, user_of, viewer_of
from monitoring.assessment_forms.deciding import BookingForm
from monitoring.roles import Act, Viewer
from monitoring.templatetags.clinical import day
from patients.models import Patient
from patients.reads.readings.due import compared_readings, reopened_drafts, unread_visits
from patients.reads.readings.windows import (
    ConfirmationWindow,
    blinded_openings,
    confirmation_windows,
    windows_of,
)
from patients.words.reading_words import WindowState
from patients.writes.readings.bookings import BookingRefused, book_confirmation

UNREAD_SHOWN = 40
DONE_SHOWN = 20


@signed_in
@require_safe
def due_page(request: HttpRequest) -> HttpResponse:
    """The due list of the viewer's teams."""
    require(request, Act.READ)
    return _page(request)


@signed_in
@require_POST
def confirmation_book(request: HttpRequest, code: UUID) -> HttpResponse:
    """For when the confirming scan is booked; the same day sent twice is one booking."""
    patient = patient_for_user(request, code, Act.BOOK)
    form = BookingForm(request.POST)
    if not form.is_valid():
        return _page(request, patient, form)
    said = form.cleaned_data
    if said["opened_on"] not in {window.opened_on for window in windows_of(patient.pk, timezone.localdate())}:
        messages.error(request, "This progression does not wait to be confirmed any more.")
        return redirect("due")
    try:
        book_confirmation(patient, said["opened_on"], said["booked_for"], user_of(request))
    except BookingRefused as refusal:
        form.add_error("booked_for", refusal.sentence)
        return _page(request, patient, form)
    words = f"Booked for {day(said['booked_for'])}." if said["booked_for"] else "The booking is taken back."
    messages.success(request, f"{patient.pseudonym}: {words}")
    return redirect("patient", code=code) if request.POST.get("back") == "patient" else redirect("due")


def _page(request: HttpRequest, patient: Patient | None = None, refused: BookingForm | None = None) -> HttpResponse:
    viewer = viewer_of(request)
    blinded = blinded_openings(viewer.teams, user_of(request).pk) if viewer.may(Act.ASSESS) else set()
    windows = _windows(viewer, blinded)
    waiting = [one for one in windows if one.state is not WindowState.DONE]
    unread = unread_visits(viewer.teams)
    compared = compared_readings(viewer.teams)
    context = {
        "place": "due",
        "windows": [_row(one, patient, refused) for one in waiting],
        "done": [one for one in windows if one.state is WindowState.DONE][:DONE_SHOWN],
        "hidden_patients": len(blinded),
        "unread": unread[:UNREAD_SHOWN],
        "unread_count": len(unread),
        "unread_hidden": max(0, len(unread) - UNREAD_SHOWN),
        "reopened": reopened_drafts(viewer.teams),
        "disputed": [
            {"found": found, "is_own": found.is_between(user_of(request).pk)} for found in compared if found.about
        ],
        "uncompared": [found for found in compared if not found.about],
    }
    return render(request, "pages/due.html", context, status=422 if refused else 200)


def _windows(viewer: Viewer, blinded: set[int]) -> list[ConfirmationWindow]:
    """All of them; a reader is not told of a progression in a patient that others read and he has not."""
    return [one for one in confirmation_windows(viewer.teams, timezone.localdate()) if one.patient.pk not in blinded]


def _row(window: ConfirmationWindow, patient: Patient | None, refused: BookingForm | None) -> dict[str, Any]:
    is_refused = refused is not None and patient == window.patient
    initial = {"opened_on": window.opened_on, "booked_for": window.booking and window.booking.booked_for}
    name = f"window_{window.patient.pk}_{window.opened_on:%Y%m%d}_%s"
    form = refused if refused is not None and is_refused else BookingForm(initial=initial, auto_id=name)
    return {"window": window, "form": form}
