"""Who saw and changed what: for auditors over the site, by codes; for those who look after a patient, of that one."""

import csv
import io
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from monitoring.access import patient_for_user, require, signed_in
from monitoring.forms import date_field
from monitoring.roles import Act
from patients.models import AuditEvent
from patients.reads.trail.events import COLUMNS, Wanted, by_whom, csv_rows, events_of, found_events, in_words, is_seeing
from patients.words.audit_words import Deed

PAGE = 100


class AuditForm(forms.Form):
    """What an auditor looks for."""

    patient = forms.CharField(label="Code or pseudonym", required=False, max_length=64)
    login = forms.CharField(label="Login", required=False, max_length=150)
    deed = forms.ChoiceField(label="What was done", required=False, choices=[("", "Anything"), *Deed.pairs()])
    since = date_field("From", required=False)
    until = date_field("Until", required=False)

    def wanted(self) -> Wanted:
        """The search; nothing is found by a form that does not hold."""
        return Wanted(**self.cleaned_data)


@signed_in
@require_safe
def audit_page(request: HttpRequest) -> HttpResponse:
    """The trail of the whole site, newest first, in pages. It names patients by their codes only."""
    require(request, Act.AUDIT)
    form = AuditForm(request.GET)
    rows = found_events(form.wanted()) if form.is_valid() else AuditEvent.objects.none()
    return render(request, "pages/audit.html", {"place": "audit", "form": form, **_page(request, rows)})


@signed_in
@require_safe
def audit_csv(request: HttpRequest) -> StreamingHttpResponse:
    """All that the search finds."""
    require(request, Act.AUDIT)
    form = AuditForm(request.GET)
    rows = found_events(form.wanted()) if form.is_valid() else AuditEvent.objects.none()
    return _streamed(rows, "audit")


@signed_in
@require_safe
def patient_trail(request: HttpRequest, code: UUID) -> HttpResponse:
    """Who saw and changed one patient's record."""
    patient = patient_for_user(request, code, Act.SEE_TRAIL)
    return render(request, "pages/patient_trail.html", {"patient": patient, **_page(request, events_of(patient))})


@signed_in
@require_safe
def patient_trail_csv(request: HttpRequest, code: UUID) -> StreamingHttpResponse:
    """The same as a table."""
    patient = patient_for_user(request, code, Act.SEE_TRAIL)
    return _streamed(events_of(patient), "seen-and-changed")


def _page(request: HttpRequest, rows: "QuerySet[AuditEvent]") -> dict[str, Any]:
    """One page before a given event: what comes meanwhile moves nothing."""
    before = request.GET.get("before", "")
    shown = list((rows.filter(pk__lt=int(before)) if before.isdigit() and len(before) < 18 else rows)[: PAGE + 1])
    query = request.GET.copy()
    query.pop("before", None)
    newest = query.urlencode()
    if len(shown) > PAGE:
        query["before"] = str(shown[PAGE - 1].pk)
    return {
        "events": [_shown(event) for event in shown[:PAGE]],
        "older": query.urlencode() if len(shown) > PAGE else "",
        "newest": newest,
        "is_first_page": not before,
        "search": newest,
    }


def _shown(event: AuditEvent) -> dict[str, Any]:
    return {
        "event": event,
        "number": event.link.number if hasattr(event, "link") else None,
        "who": by_whom(event),
        "did": in_words(event),
        "is_seeing": is_seeing(event),
    }


def _streamed(rows: "QuerySet[AuditEvent]", name: str) -> StreamingHttpResponse:
    return StreamingHttpResponse(
        _lines(rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="deltarad-{name}-{timezone.localdate():%Y%m%d}.csv"'},
    )


def _lines(rows: "QuerySet[AuditEvent]") -> Iterator[str]:
    yield _line(list(COLUMNS))
    for row in csv_rows(rows):
        yield _line(row)


def _line(cells: list[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()
