"""One lesion: its slices of all dates, and every feature with its trajectory and its changes."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from monitoring.access import Act, lesion_for_user, signed_in
from monitoring.charts.deltas import feature_figure
from monitoring.charts.features import NO_UNIT, Quantity, Reading, Readings
from monitoring.charts.spark import sparkline
from monitoring.forms import OpeningForm
from monitoring.fragments import fragment, page_or_fragment
from monitoring.lesion_table import lesion_row
from monitoring.templatetags.clinical import words
from patients.feature_names import DEFAULT_PANEL, FeatureName
from patients.models import FeatureSnapshot, Lesion, Segmentation
from patients.reads.changes import FeatureChange, feature_changes
from patients.reads.outlines import (
    feature_names_of_lesion,
    outlines_of_lesion,
    provenance_of_lesion,
    superseded_outlines,
)
from patients.reads.timelines import patient_timeline
from patients.timeline import LesionTrack, PatientTimeline, Timepoint
from patients.vocabulary import Absence, LesionRole, Organ, Reference, Step
from patients.writes.lesions import LesionRefused, revise_lesion
from radiomics_tasks import runs

FEATURES_A_PAGE = 14
SHOWN_ABOVE = ("mask_digest", "volume_digest", "profile")
UNITS = {"mm": "mm", "hu": "HU"}


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
    context = {
        "place": "cohort",
        "lesion": lesion,
        "patient": lesion.patient,
        "search": search,
        "found": len(found),
        "first": start + 1,
        "last": start + len(listed),
        "earlier": _address(search, start - FEATURES_A_PAGE, chosen) if start else "",
        "later": _address(search, start + FEATURES_A_PAGE, chosen) if start + len(listed) < len(found) else "",
        "features": [_listed(timeline, track, name, search, start, chosen) for name in listed],
        **_detail(timeline, track, chosen),
    }
    if request.headers.get("HX-Request") != "true":
        context |= _whole(lesion, timeline, track)
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
    if asked in names:
        return asked
    return listed[0] if listed else None


def _address(search: str, start: int, chosen: str | None) -> str:
    return urlencode({"search": search, "from": max(0, start), "feature": chosen or ""})


def _listed(
    timeline: PatientTimeline, track: LesionTrack, name: str, search: str, start: int, chosen: str | None
) -> dict[str, Any]:
    readings = Readings.of(timeline, Quantity(name), [track])
    cells = [(row.on, row.value, row.absence) for row in readings.rows if row.seen is not None]
    value, reason = cells[-1][1:] if cells else (None, "")
    return {
        "name": name,
        "label": FeatureName.parse(name).label,
        "unit": "" if readings.unit == NO_UNIT else readings.unit,
        "value": value,
        "reason": reason,
        "spark": sparkline([(on, None if cell is None else Decimal(repr(cell))) for on, cell, _ in cells]),
        "address": _address(search, start, name),
        "is_chosen": name == chosen,
    }


def _detail(timeline: PatientTimeline, track: LesionTrack, chosen: str | None) -> dict[str, Any]:
    """The chosen feature: its chart, and its changes visit by visit."""
    if chosen is None:
        return {"chosen": None}
    parsed = FeatureName.parse(chosen)
    readings = Readings.of(timeline, Quantity(chosen), [track])
    rows = {row.timepoint.pk: row for row in readings.rows}
    # A visit may hold CT and PET of this lesion: a change belongs to the value it stands beside.
    counted = {row.seen.features.snapshot_pk for row in readings.rows if row.seen and row.seen.features}
    changes = tuple(change for change in feature_changes(track.lesion_pk, chosen) if change.snapshot_pk in counted)
    by_place = {(change.timepoint_pk, change.reference): change for change in changes}
    return {
        "chosen": chosen,
        "chosen_label": parsed.label,
        "chosen_note": parsed.ibsi_note,
        "chosen_unit": "" if readings.unit == NO_UNIT else readings.unit,
        "figure": feature_figure(timeline, track, chosen, changes),
        "references": list(Reference),
        "changes": [_visit(visit, rows.get(visit.pk), by_place) for visit in timeline.timepoints],
    }


def _visit(
    visit: Timepoint, row: Reading | None, changes: dict[tuple[int, Reference], FeatureChange]
) -> dict[str, Any]:
    """One visit with its value and a cell for each reference, in the order of the vocabulary."""
    return {
        "on": row.on if row else visit.first_on,
        "value": row.value if row else None,
        "reason": row.absence if row else Absence.NOT_OUTLINED.label,
        "cells": [_against(changes.get((visit.pk, reference))) for reference in Reference],
    }


def _against(change: FeatureChange | None) -> dict[str, Any] | None:
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


def _whole(lesion: Lesion, timeline: PatientTimeline, track: LesionTrack) -> dict[str, Any]:
    outlines = outlines_of_lesion(lesion.pk)
    return {
        "row": lesion_row(timeline, track),
        "pictures": pictures_of(outlines),
        "provenance": _provenance(outlines, provenance_of_lesion(lesion.pk)),
        "superseded": superseded_outlines(lesion.pk),
    }


def pictures_of(outlines: Sequence[Segmentation], current: str = "") -> list[dict[str, Any]]:
    """What a strip of slices needs of each date; the last date is the current one unless another is named."""
    codes = [str(outline.code) for outline in outlines]
    shown = current if current in codes else (codes[-1] if codes else "")
    return [
        {
            "code": str(outline.code),
            "title": "",
            "on": outline.scan.acquired_on,
            "sizes": getattr(outline, "measurement", None),
            "is_current": str(outline.code) == shown,
            "is_synthetic": outline.scan.is_synthetic,
        }
        for outline in outlines
    ]


def _provenance(
    outlines: Sequence[Segmentation], snapshots: dict[int, FeatureSnapshot]
) -> list[tuple[Segmentation, FeatureSnapshot | None, list[tuple[str, Any]]]]:
    return [(outline, found, _recorded(found)) for outline in outlines for found in [snapshots.get(outline.pk)]]


def _recorded(snapshot: FeatureSnapshot | None) -> list[tuple[str, Any]]:
    """What the engine recorded, with units in words; what has a line of its own on the page is left out."""
    kept = snapshot.provenance.items() if snapshot else ()
    return [(_named(name), _told(value)) for name, value in kept if value is not None and name not in SHOWN_ABOVE]


def _named(name: str) -> str:
    stem, _, unit = name.rpartition("_")
    return f"{words(stem)} ({UNITS[unit]})" if unit in UNITS else words(name)


def _told(value: Any) -> Any:
    """A warning's sentence, "none" for an empty list, everything else as it is."""
    if isinstance(value, list) and value and all(isinstance(one, dict) and "sentence" in one for one in value):
        return " ".join(one["sentence"] for one in value)
    return "none" if value in ([], {}, "") else value


@signed_in
@require_safe
def lesion_drawer(request: HttpRequest, code: UUID) -> HttpResponse:
    """The drawer beside the chart: this lesion's slices of all dates, the clicked one marked."""
    lesion = lesion_for_user(request, code)
    pictures = pictures_of(outlines_of_lesion(lesion.pk), request.GET.get("outline", ""))
    return fragment(request, "drawer", {"pictures": pictures, "lesion": lesion, "patient": lesion.patient})
