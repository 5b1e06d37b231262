"""All my patients: one row each, what needs attention first."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from monitoring.access import require, signed_in, user_of
from monitoring.charts.spark import sparkline
from monitoring.fragments import page_or_fragment
from monitoring.roles import Act, Viewer
from patients.models import Scan
from patients.reads.cohorts import Listed, PatientRow, cohort_rows, listed
from patients.reads.readings.due import adjudications_due
from patients.reads.readings.windows import ConfirmationWindow, blinded_openings, confirmation_windows
from patients.reads.trusting.recomputations import patients_with_alarms
from patients.vocabulary import Step
from patients.words.reading_words import WindowState
from radiomics_tasks.relay.standing import failed_subjects

SEARCH_LENGTH = 64
# So many are read at a glance; the search finds the others.
ROWS = 50


@signed_in
@require_safe
def cohort_page(request: HttpRequest) -> HttpResponse:
    """The patient list, so many at a time; htmx asks for its rows while one types."""
    viewer = require(request, Act.READ)
    search = request.GET.get("search", "")[:SEARCH_LENGTH]
    seen = _Seen.by(request, viewer)
    # The reading order stays; whatever waits for a person is as urgent as an outline that waits.
    places = sorted(listed(viewer.teams, search), key=lambda place: not seen.waits(place))
    page = Paginator(places, ROWS).get_page(request.GET.get("page"))
    shown = [_row(row, seen) for row in cohort_rows(list(page.object_list))]
    context = {"place": "cohort", "search": search, "patients": shown, "page": page}
    return page_or_fragment(request, "cohort", context, "cohort_rows")


@dataclass(frozen=True, slots=True)
class _Seen:
    """By patient what waits for a person, as far as this login may know."""

    failed: Collection[int]
    blinded: Collection[int]
    windows: Mapping[int, ConfirmationWindow]
    alarmed: Collection[int]
    disputed: Mapping[int, int]

    @classmethod
    def by(cls, request: HttpRequest, viewer: Viewer) -> "_Seen":
        # A reader learns nothing here of what others called before it has assessed the same visits.
        blinded = blinded_openings(viewer.teams, user_of(request).pk) if viewer.may(Act.ASSESS) else set()
        disputed = Counter(found.patient.pk for found in adjudications_due(viewer.teams))
        return cls(
            failed=_with_failed_work(viewer),
            blinded=blinded,
            windows={pk: one for pk, one in _open_windows(viewer).items() if pk not in blinded},
            alarmed=patients_with_alarms(viewer.teams),
            disputed={pk: count for pk, count in disputed.items() if pk not in blinded},
        )

    def waits(self, place: Listed) -> bool:
        """Whether failed work, an alarm, a confirming scan, a decision between readers or an outline waits."""
        known = (self.failed, self.alarmed, self.windows, self.disputed)
        return place.waiting_outlines > 0 or any(place.pk in patients for patients in known)


def _row(row: PatientRow, seen: _Seen) -> dict[str, Any]:
    is_blinded = row.pk in seen.blinded
    return {
        "patient": row,
        "is_blinded": is_blinded,
        "spark": "" if is_blinded else sparkline(row.sums),
        "sum_mm": row.sums[-1][1] if row.sums else None,
        "has_failed": row.pk in seen.failed,
        "has_alarm": row.pk in seen.alarmed,
        "window": seen.windows.get(row.pk),
        "disputed": seen.disputed.get(row.pk, 0),
    }


def _open_windows(viewer: Viewer) -> dict[int, ConfirmationWindow]:
    """By patient the most urgent confirmation that is not done."""
    windows = confirmation_windows(viewer.teams, timezone.localdate())
    return {one.patient.pk: one for one in reversed(windows) if one.state is not WindowState.DONE}


def _with_failed_work(viewer: Viewer) -> set[int]:
    scans = Scan.objects.filter(patient__team__in=viewer.teams, pk__in=failed_subjects(Step.EXTRACT))
    return set(scans.values_list("patient_id", flat=True))
