"""All my patients: one row each, what needs attention first."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from monitoring.access import Act, Viewer, require, signed_in
from monitoring.charts.spark import sparkline
from monitoring.fragments import page_or_fragment
from patients.models import Scan
from patients.reads.cohorts import PatientRow, cohort
from patients.vocabulary import Step
from radiomics_tasks.relay.standing import failed_subjects

SEARCH_LENGTH = 64


@signed_in
@require_safe
def cohort_page(request: HttpRequest) -> HttpResponse:
    """The patient list; htmx asks for its rows while one types."""
    viewer = require(request, Act.READ)
    search = request.GET.get("search", "")[:SEARCH_LENGTH]
    rows = cohort(viewer.teams, search)
    context = {"place": "cohort", "search": search, "patients": _rows(rows, viewer)}
    return page_or_fragment(request, "cohort", context, "cohort_rows")


def _rows(rows: list[PatientRow], viewer: Viewer) -> list[dict[str, Any]]:
    failed = _with_failed_work(viewer)
    shown = [
        {
            "patient": row,
            "spark": sparkline(row.sums),
            "sum_mm": row.sums[-1][1] if row.sums else None,
            "has_failed": row.pk in failed,
        }
        for row in rows
    ]
    # The reading order stays; failed work is as urgent as an outline that waits.
    return sorted(shown, key=lambda row: not (row["has_failed"] or row["patient"].waiting_outlines))


def _with_failed_work(viewer: Viewer) -> set[int]:
    scans = Scan.objects.filter(patient__team__in=viewer.teams, pk__in=failed_subjects(Step.EXTRACT))
    return set(scans.values_list("patient_id", flat=True))
