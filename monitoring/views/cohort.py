"""All my patients: one row each, what needs attention first."""

from collections import Counter
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from monitoring.access import require, signed_in, user_of
from monitoring.charts.spark import sparkline
from monitoring.fragments import page_or_fragment
from monitoring.roles import Act, Viewer
from patients.models import Scan
from patients.reads.cohorts import PatientRow, cohort
from patients.reads.readings.due import adjudications_due
from patients.reads.readings.windows import ConfirmationWindow, blinded_openings, confirmation_windows
from patients.reads.trusting.recomputations import patients_with_alarms
from patients.vocabulary import Step
from patients.words.reading_words import WindowState
from radiomics_tasks.relay.standing import failed_subjects

SEARCH_LENGTH = 64


@signed_in
@require_safe
def cohort_page(request: HttpRequest) -> HttpResponse:
    """The patient list; htmx asks for its rows while one types."""
    viewer = require(request, Act.READ)
    search = request.GET.get("search", "")[:SEARCH_LENGTH]
    rows = cohort(viewer.teams, search)
    context = {"place": "cohort", "search": search, "patients": _rows(request, rows, viewer)}
    return page_or_fragment(request, "cohort", context, "cohort_rows")


def _rows(request: HttpRequest, rows: list[PatientRow], viewer: Viewer) -> list[dict[str, Any]]:
    failed = _with_failed_work(viewer)
    # A reader learns nothing here of what others called before it has assessed the same visits.
    blinded = blinded_openings(viewer.teams, user_of(request).pk) if viewer.may(Act.ASSESS) else set()
    windows = _open_windows(viewer)
    alarmed = patients_with_alarms(viewer.teams)
    disputed = Counter(found.patient.pk for found in adjudications_due(viewer.teams))
    shown = [
        {
            "patient": row,
            "is_blinded": row.pk in blinded,
            "spark": "" if row.pk in blinded else sparkline(row.sums),
            "sum_mm": row.sums[-1][1] if row.sums else None,
            "has_failed": row.pk in failed,
            "has_alarm": row.pk in alarmed,
            "window": None if row.pk in blinded else windows.get(row.pk),
            "disputed": 0 if row.pk in blinded else disputed[row.pk],
        }
        for row in rows
    ]
    # The reading order stays; whatever waits for a person is as urgent as an outline that waits.
    return sorted(shown, key=lambda row: not _waits(row))


def _waits(row: dict[str, Any]) -> bool:
    """Whether failed work, an alarm, a confirming scan, a decision between readers or an outline waits."""
    return bool(
        row["has_failed"] or row["has_alarm"] or row["window"] or row["disputed"] or row["patient"].waiting_outlines
    )


def _open_windows(viewer: Viewer) -> dict[int, ConfirmationWindow]:
    """By patient the most urgent confirmation that is not done."""
    windows = confirmation_windows(viewer.teams, timezone.localdate())
    return {one.patient.pk: one for one in reversed(windows) if one.state is not WindowState.DONE}


def _with_failed_work(viewer: Viewer) -> set[int]:
    scans = Scan.objects.filter(patient__team__in=viewer.teams, pk__in=failed_subjects(Step.EXTRACT))
    return set(scans.values_list("patient_id", flat=True))
