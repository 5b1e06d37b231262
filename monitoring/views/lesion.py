"""One lesion: its slices of all dates, and every feature with its trajectory and its changes."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from monitoring.access import lesion_for_user, signed_in, user_of, viewer_of
from monitoring.charts.comparability import lesions_apart
from monitoring.charts.deltas import feature_figure, readings_spark
from monitoring.charts.features import NO_UNIT, Apart, Quantity, Reading, Readings
from monitoring.charts.theme import Json
from monitoring.forms import OpeningForm
from monitoring.fragments import fragment, page_or_fragment
from monitoring.roles import Act
from monitoring.shown.response.lesion_origin import origins
from monitoring.shown.response.lesion_table import LesionRow, lesion_row
from monitoring.shown.trust import hosted_shown, noise_lookup
from monitoring.shown.trust.pairs_shown import PairBook, pairs_context
from monitoring.shown.trust.sizes_apart import SizesApart
from monitoring.slice_pictures import pictures_of
from patients.feature_names import DEFAULT_PANEL, FeatureName
from patients.models import Lesion, LesionReading
from patients.reads.changes import FeatureChange, feature_changes
from patients.reads.readings.lines import drawn_lines
from patients.reads.scans.outlines import (
    feature_names_of_lesion,
    outlines_of_lesion,
    provenance_of_lesion,
    superseded_outlines,
)
from patients.reads.timelines import patient_timeline
from patients.reads.trusting.harmonisation import harmonised_cells
from patients.reads.trusting.recomputations import alarms_of_lesion
from patients.reads.trusting.trust import comparisons_of_lesion
from patients.timeline import LesionTrack, PatientTimeline, Timepoint
from patients.vocabulary import Absence, LesionRole, Modality, Organ, Reference, Step
from patients.writes.lesions import LesionRefused, revise_lesion
from radiomics_tasks import runs

FEATURES_A_PAGE = 14


@dataclass(frozen=True, slots=True)
class Place:
    """Where on the page somebody is; it goes along in every address of the page."""

    search: str = ""
    start: int = 0
    feature: str = ""
    kind: str = ""

    def address(self, **elsewhere: str | int) -> str:
        """The query of this place, or of another one."""
        said = {**asdict(self), **elsewhere}
        kind = {"kind": said["kind"]} if said["kind"] else {}
        return urlencode({"search": said["search"], "from": said["start"], "feature": said["feature"], **kind})


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
    names = _panel_first(feature_names_of_lesion(lesion.pk))
    search = request.GET.get("search", "")[:80]
    found = _matching(names, search)
    start = _start(request, len(found))
    listed = found[start : start + FEATURES_A_PAGE]
    chosen = _chosen(request, names, listed)
    timeline = patient_timeline(lesion.patient_id, list(dict.fromkeys([*listed, *([chosen] if chosen else [])])))
    track = next(track for track in timeline.tracks if track.lesion_pk == lesion.pk)
    kinds = _kinds(track)
    kind = _chosen_kind(request, track, kinds)
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
        "features": [_listed(timeline, _of_kind(track, kind), name, place, apart) for name in listed],
        **_detail(timeline, track, kind, chosen, apart),
    }
    book = PairBook(timeline, comparisons)
    book.stand_beside(timeline, _of_kind(track, kind), context.get("changes", ()))
    if request.headers.get("HX-Request") != "true":
        row = lesion_row(timeline, track, SizesApart(comparisons))
        context |= pairs_context(lesion, book) | _whole(lesion, timeline, row, _lines(request, lesion))
        context |= {"revising": revising or OpeningForm.of(lesion), "is_revising": revising is not None}
    response = page_or_fragment(request, "lesion", context, "features")
    response.status_code = 200 if revising is None else 422
    return response


def _panel_first(names: Sequence[str]) -> list[str]:
    """The default panel in its own order, then everything else as extracted."""
    return [*(name for name in DEFAULT_PANEL if name in names), *(name for name in names if name not in DEFAULT_PANEL)]


def _matching(names: Sequence[str], search: str) -> list[str]:
    words = search.lower().split()
    return [name for name in names if all(word in f"{name} {FeatureName.parse(name).label}".lower() for word in words)]


def _start(request: HttpRequest, count: int) -> int:
    asked = request.GET.get("from", "0")
    return min(int(asked), max(0, count - 1)) if asked.isdecimal() and len(asked) < 6 else 0


def _chosen(request: HttpRequest, names: Sequence[str], listed: Sequence[str]) -> str | None:
    asked = request.GET.get("feature", "")
    return asked if asked in names else next(iter(listed), None)


def _kinds(track: LesionTrack) -> list[Modality]:
    """The kinds of scan that features of this lesion come from, where there are several."""
    found = {seen.modality for seen in track.observations if seen.features is not None}
    return [kind for kind in Modality if kind in found] if len(found) > 1 else []


def _chosen_kind(request: HttpRequest, track: LesionTrack, kinds: Sequence[Modality]) -> Modality | None:
    """The kind of scan that was asked for, else the one its sizes are followed on; None where there is one only."""
    asked = request.GET.get("kind", "")
    usual = track.usual_modality if track.usual_modality in kinds else next(iter(kinds), None)
    return next((kind for kind in kinds if kind == asked), usual)


def _of_kind(track: LesionTrack, kind: Modality | None) -> LesionTrack:
    """The lesion as it was seen on one kind of scan alone."""
    seen = tuple(seen for seen in track.observations if kind is None or seen.modality is kind)
    return replace(track, observations=seen)


def _listed(timeline: PatientTimeline, track: LesionTrack, name: str, place: Place, apart: Apart) -> Json:
    readings = Readings.of(timeline, Quantity(name), [track])
    cells = [(row.value, row.absence) for row in readings.rows if row.seen is not None]
    value, reason = cells[-1] if cells else (None, "")
    return {
        "name": name,
        "label": FeatureName.parse(name).label,
        "unit": "" if readings.unit == NO_UNIT else readings.unit,
        "value": value,
        "reason": reason,
        "spark": readings_spark(readings, apart),
        "address": place.address(feature=name),
        "is_chosen": name == place.feature,
    }


def _detail(
    timeline: PatientTimeline, whole: LesionTrack, kind: Modality | None, chosen: str | None, apart: Apart
) -> Json:
    """The chosen feature on one kind of scan: its chart, and its changes visit by visit."""
    if chosen is None:
        return {"chosen": None}
    track = _of_kind(whole, kind)
    elsewhere = {seen.timepoint_pk for seen in whole.observations}
    parsed = FeatureName.parse(chosen)
    readings = Readings.of(timeline, Quantity(chosen), [track])
    rows = {row.timepoint.pk: row for row in readings.rows}
    # A visit may hold CT and PET of this lesion: a change belongs to the value it stands beside.
    counted = {row.seen.features.snapshot_pk for row in readings.rows if row.seen and row.seen.features}
    changes = tuple(change for change in feature_changes(track.lesion_pk, chosen) if change.snapshot_pk in counted)
    noises = noise_lookup.of_feature(track.lesion_pk, chosen, readings)
    by_place = {(change.timepoint_pk, change.reference): change for change in changes}
    harmonised = harmonised_cells(counted, chosen)
    return {
        "chosen": chosen,
        "chosen_label": parsed.label,
        "chosen_note": parsed.ibsi_note,
        **noise_lookup.told_of_feature(track.lesion_pk, chosen, readings),
        "chosen_unit": "" if readings.unit == NO_UNIT else readings.unit,
        "figure": feature_figure(timeline, track, chosen, changes, noises=noises, apart=apart),
        "references": list(Reference),
        "harmonisation": max((cell.version for cell in harmonised.values()), default=None),
        "changes": [
            {
                **_visit(visit, rows.get(visit.pk), elsewhere),
                "compared": zip(
                    [_against(by_place.get((visit.pk, reference))) for reference in Reference],
                    noise_lookup.at_visit(noises, visit.pk, readings.unit),
                    strict=True,
                ),
                "harmonised": harmonised.get(_taken(rows, visit)),
            }
            for visit in timeline.timepoints
        ],
    }


def _taken(rows: dict[int, Reading], visit: Timepoint) -> int | None:
    """The snapshot that a visit's value comes from."""
    row = rows.get(visit.pk)
    return row.seen.features.snapshot_pk if row and row.seen and row.seen.features else None


def _visit(visit: Timepoint, row: Reading | None, outlined: Collection[int]) -> Json:
    """One visit with its value; `outlined`: where it has an outline of any kind."""
    nothing = Absence.PROFILE_DIFFERS if visit.pk in outlined else Absence.NOT_OUTLINED
    return {
        "on": row.on if row else visit.first_on,
        "value": row.value if row else None,
        "outline": row.seen.segmentation_code if row and row.seen else "",
        "reason": row.absence if row and row.seen else nothing.label,
    }


def _against(change: FeatureChange | None) -> Json | None:
    if change is None:
        return None
    value, why = change.absolute
    ratio, why_no_ratio = change.relative_ratio
    return {
        "value": value,
        "ratio": ratio,
        "reason": Absence(why).label if why else "",
        "no_ratio": Absence(why_no_ratio).label if why_no_ratio else "",
        "days": change.interval_days,
        "build_differs": change.build_differs,
    }


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
