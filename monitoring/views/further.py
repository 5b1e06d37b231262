"""Further profiles of one patient's scans: what was taken, how far the work is, and the button that asks for it."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from monitoring.access import NOT_FOUND, patient_for_user, scan_for_user, signed_in
from monitoring.fragments import page_or_fragment
from monitoring.progress import is_moving, words_of
from monitoring.roles import Act
from patients.models import Scan
from patients.vocabulary import RunState
from radiomics_tasks.further import FurtherProfile, ask, further_of


@dataclass(frozen=True, slots=True)
class FurtherRow:
    """One profile of one scan as the page shows it."""

    further: FurtherProfile
    state: str
    words: str
    reason: str

    @property
    def may_be_asked(self) -> bool:
        """Whether there is something to take that nobody is about to take."""
        return bool(self.further.outlines) and not self.further.is_whole and not is_moving(self.further.run)


def _row(one: FurtherProfile) -> FurtherRow:
    run = one.run
    if run is not None and (is_moving(run) or run.state == RunState.FAILED):
        return FurtherRow(one, run.state, words_of(run), run.reason)
    if one.taken and one.is_whole:
        return FurtherRow(one, RunState.DONE, RunState.DONE.label, "")
    return FurtherRow(one, "", "", "" if one.outlines else "no outline is measured yet")


@signed_in
@require_safe
def profiles_page(request: HttpRequest, code: UUID) -> HttpResponse:
    """Every scan with its further profiles; htmx asks for the table while work is going on."""
    patient = patient_for_user(request, code)
    scans = Scan.objects.filter(patient=patient, is_withheld=False).defer("facts", "instances", "geometry")
    rows = [_row(one) for one in further_of(list(scans.order_by("acquired_on", "pk")))]
    context = {
        "place": "cohort",
        "patient": patient,
        "rows": rows,
        "is_moving": any(is_moving(row.further.run) for row in rows),
        "tables": sorted({row.further.profile.name for row in rows if row.further.taken}),
    }
    return page_or_fragment(request, "profiles", context)


@signed_in
@require_POST
def profile_ask(request: HttpRequest, code: UUID) -> HttpResponse:
    """Queue one further profile of a scan."""
    scan = scan_for_user(request, code, Act.UPLOAD)
    if not ask(scan, request.POST.get("profile", "")):
        raise Http404(NOT_FOUND)
    messages.success(request, "Asked for. It is extracted when nothing else waits.")
    return redirect("profiles", code=scan.patient.code)
