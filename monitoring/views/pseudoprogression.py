"""Pseudoprogression: the drawer of one patient's scores, never beside the verdict, and how often scores were right."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from monitoring.access import patient_for_user, require, signed_in
from monitoring.charts.calibration import calibration_figure
from monitoring.fragments import fragment, page_or_fragment
from monitoring.roles import Act
from monitoring.shown.response.calls_shown import blinding_of
from monitoring.shown.trust.scoreboards_shown import board_words
from monitoring.shown.trust.scores_shown import context_of, shown_scores
from patients.reads.findings import summaries_of
from patients.reads.timelines import patient_timeline
from patients.reads.trusting.scoreboards import scoreboards_of
from patients.reads.trusting.scores import scores_of


@signed_in
@require_safe
def unconfirmed(request: HttpRequest, code: UUID) -> HttpResponse:
    """The scores of one patient's unconfirmed progressions; htmx puts them into the drawer, or closes it again.

    A reader from whom a visit is hidden sees none: a score tells what others called.
    """
    patient = patient_for_user(request, code)
    if "closed" in request.GET:
        return fragment(request, "unconfirmed_closed", {"patient": patient})
    hidden = blinding_of(request, patient.pk).hidden
    timeline = patient_timeline(patient.pk, ())
    is_evidence_only = request.GET.get("weights") == "published"
    context = {"place": "cohort", "patient": patient, "is_evidence_only": is_evidence_only}
    if hidden:
        numbered = enumerate(timeline.timepoints, start=1)
        context["hidden_visits"] = [{"number": n, "timepoint_pk": one.pk} for n, one in numbered if one.pk in hidden]
    else:
        kept, summaries = scores_of(patient.pk), summaries_of(patient.pk)
        found = shown_scores(patient, timeline, kept, summaries, is_evidence_only=is_evidence_only)
        context |= context_of(found)
    return page_or_fragment(request, "unconfirmed", context)


@signed_in
@require_safe
def scoreboard_page(request: HttpRequest) -> HttpResponse:
    """How often scores were right in the viewer's teams, as a worker last counted it."""
    viewer = require(request, Act.READ)
    boards = [(kept, board_words(kept), calibration_figure(kept.board)) for kept in scoreboards_of(viewer.teams)]
    return page_or_fragment(request, "pseudoprogression", {"place": "pseudoprogression", "boards": boards})
