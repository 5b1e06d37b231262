"""One lesion: its slices of all dates, and every feature with its trajectory and its changes."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from monitoring.access import lesion_for_user, signed_in, user_of, viewer_of
from monitoring.charts.comparability import lesions_apart
from monitoring.charts.theme import Json
from monitoring.forms import OpeningForm
from monitoring.fragments import fragment, page_or_fragment
from monitoring.roles import Act
from monitoring.shown.numbers.feature_detail import feature_detail, listed_feature
from monitoring.shown.numbers.feature_list import (
    FEATURES_A_PAGE,
    Place,
    chosen_kind,
    chosen_of,
    first_of,
    kinds_of,
    matching,
    of_kind,
    panel_first,
)
from monitoring.shown.response.lesion_origin import origins
from monitoring.shown.response.lesion_table import LesionRow, lesion_row
from monitoring.shown.trust import hosted_shown, noise_lookup
from monitoring.shown.trust.pairs_shown import PairBook, pairs_context
from monitoring.shown.trust.sizes_apart import SizesApart
from monitoring.slice_pictures import pictures_of
from patients.models import Lesion, LesionReading
from patients.reads.readings.lines import drawn_lines
from patients.reads.scans.outlines import (
    feature_names_of_lesion,
    outlines_of_lesion,
    provenance_of_lesion,
    superseded_outlines,
)
from patients.reads.timelines import patient_timeline
from patients.reads.trusting.recomputations import alarms_of_lesion
from patients.reads.trusting.trust import comparisons_of_lesion
from patients.timeline import PatientTimeline
from patients.vocabulary import LesionRole, Organ, Step
from patients.writes.lesions import LesionRefused, revise_lesion
from radiomics_tasks import runs


@signed_in
@require_safe
def lesion_page(request: HttpRequest, code: UUID) -> HttpResponse:
    """Slices and features; htmx asks for the features alone."""
    return _page(request, lesion_for_user(request, code))


@signed_in
@require_POST
def lesion_revise(request: HttpRequest, code: UUID) -> HttpResponse:
    """Correct what is said of a lesion; its patient is concluded again."""
    lesion = lesion_for_user(request, code, Act.LINK)
    form = OpeningForm(request.POST)
    if not form.is_valid():
        return _page(request, lesion, form)
    said = form.cleaned_data
    try:
        with transaction.atomic():
            revise_lesion(
                lesion,
                said["tracking_id"],
                Organ(said["organ"]),
                is_node=said["is_node"],
                role=LesionRole(said["role"]),
                is_late_target_meant=said["is_late_target_meant"],
            )
            runs.arm(Step.REASSESS, lesion.patient_id)
    except LesionRefused as refusal:
        form.refuse(refusal.code, refusal.sentence)
        return _page(request, lesion, form)
    messages.success(request, "Saved. The target response is being concluded again.")
    return redirect("lesion", code=lesion.code)


def _page(request: HttpRequest, lesion: Lesion, revising: OpeningForm | None = None) -> HttpResponse:
    names = panel_first(feature_names_of_lesion(lesion.pk))
    search = request.GET.get("search", "")[:80]
    found = matching(names, search)
    start = first_of(request.GET, len(found))
    listed = found[start : start + FEATURES_A_PAGE]
    chosen = chosen_of(request.GET, names, listed)
    timeline = patient_timeline(lesion.patient_id, list(dict.fromkeys([*listed, *([chosen] if chosen else [])])))
    track = next(track for track in timeline.tracks if track.lesion_pk == lesion.pk)
    kinds = kinds_of(track)
    kind = chosen_kind(request.GET, track, kinds)
    place = Place(search, start, chosen or "", kind.value if kind else "")
    comparisons = comparisons_of_lesion(lesion.pk)
    apart = lesions_apart(comparisons)
    context = {
        "place": "cohort",
        "lesion": lesion,
        "patient": lesion.patient,
        "search": search,
        "found": len(found),
        "first": start + 1,
        "last": start + len(listed),
        "earlier": place.address(start=max(0, start - FEATURES_A_PAGE)) if start else "",
        "later": place.address(start=start + FEATURES_A_PAGE) if start + len(listed) < len(found) else "",
        "kind": kind,
        "kinds": [(one.label, place.address(kind=one.value), one is kind) for one in kinds],
        "features": [listed_feature(timeline, of_kind(track, kind), name, place, apart) for name in listed],
        **feature_detail(timeline, track, kind, chosen, apart),
    }
    book = PairBook(timeline, comparisons)
    book.stand_beside(timeline, of_kind(track, kind), context.get("changes", ()))
    if request.headers.get("HX-Request") != "true":
        row = lesion_row(timeline, track, SizesApart(comparisons))
        context |= pairs_context(lesion, book) | _whole(lesion, timeline, row, _lines(request, lesion))
        context |= {"revising": revising or OpeningForm.of(lesion), "is_revising": revising is not None}
    response = page_or_fragment(request, "lesion", context, "features")
    response.status_code = 200 if revising is None else 422
    return response


def _whole(lesion: Lesion, timeline: PatientTimeline, row: LesionRow, lines: Sequence[LesionReading]) -> Json:
    outlines = outlines_of_lesion(lesion.pk)
    return {
        "row": row,
        "pictures": pictures_of(outlines, lines=lines),
        "provenance": origins(outlines, provenance_of_lesion(lesion.pk)),
        "superseded": superseded_outlines(lesion.pk),
        "alarms": alarms_of_lesion(lesion.pk),
        **hosted_shown.of_lesion(timeline, lesion.pk),
        **noise_lookup.of_lesion(timeline, lesion.pk),
    }


@signed_in
@require_safe
def lesion_drawer(request: HttpRequest, code: UUID) -> HttpResponse:
    """The drawer beside the chart: this lesion's slices of all dates, the clicked one marked.

    `visit` names the visit that is being assessed: a diameter may be drawn on its slices.
    """
    lesion = lesion_for_user(request, code)
    outlines, measured = outlines_of_lesion(lesion.pk), request.GET.get("visit", "")
    pictures = pictures_of(outlines, request.GET.get("outline", ""), lines=_lines(request, lesion), measured=measured)
    is_measured = viewer_of(request).may(Act.ASSESS) and any(picture["may_draw"] for picture in pictures)
    context = {"pictures": pictures, "lesion": lesion, "patient": lesion.patient, "is_measured": is_measured}
    return fragment(request, "drawer", context)


def _lines(request: HttpRequest, lesion: Lesion) -> list[LesionReading]:
    """What readers drew of a lesion, as far as this login may see it."""
    is_reader = viewer_of(request).may(Act.ASSESS)
    return drawn_lines(lesion.patient_id, user_of(request), is_reader=is_reader, lesion_pk=lesion.pk)
