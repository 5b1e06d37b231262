"""One lesion: its slices of all dates, and every feature with its trajectory and its changes."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from monitoring.access import lesion_for_user, signed_in
from monitoring.charts.deltas import feature_figure
from monitoring.charts.spark import sparkline
from monitoring.fragments import fragment, page_or_fragment
from monitoring.tables import feature_cell, lesion_row
from patients.feature_names import FeatureName
from patients.models import FeatureSnapshot, Lesion, Segmentation
from patients.reads.changes import FeatureChange, feature_changes
from patients.reads.outlines import (
    feature_names_of_lesion,
    outlines_of_lesion,
    provenance_of_lesion,
    superseded_outlines,
)
from patients.reads.timelines import patient_timeline
from patients.timeline import LesionTrack, Observation, PatientTimeline, Timepoint
from patients.vocabulary import Absence, Reference

FEATURES_A_PAGE = 14


@signed_in
@require_safe
def lesion_page(request: HttpRequest, code: UUID) -> HttpResponse:
    """Slices and features; htmx asks for the features alone."""
    lesion = lesion_for_user(request, code)
    names = feature_names_of_lesion(lesion.pk)
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
        "features": [_listed(track, name, search, start, chosen) for name in listed],
        **_detail(timeline, track, chosen),
    }
    if request.headers.get("HX-Request") != "true":
        context |= _whole(lesion, timeline, track)
    return page_or_fragment(request, "lesion", context, "features")


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


def _listed(track: LesionTrack, name: str, search: str, start: int, chosen: str | None) -> dict[str, Any]:
    cells = [(seen.observed_on, *feature_cell(seen, name)) for seen in track.observations]
    value, reason = cells[-1][1:] if cells else (None, "")
    return {
        "name": name,
        "label": FeatureName.parse(name).label,
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
    changes = feature_changes(track.lesion_pk, chosen)
    units = {scan.pk: scan.unit for visit in timeline.timepoints for scan in visit.scans}
    unit = next((parsed.unit(units[seen.scan_pk]) for seen in reversed(track.observations) if seen.features), "")
    by_place = {(change.timepoint_pk, change.reference): change for change in changes}
    return {
        "chosen": chosen,
        "chosen_label": parsed.label,
        "chosen_note": parsed.ibsi_note,
        "chosen_unit": unit,
        "figure": feature_figure(timeline, track, chosen, changes),
        "references": list(Reference),
        "changes": [_visit(visit, track.at(visit.pk), chosen, by_place) for visit in timeline.timepoints],
    }


def _visit(
    visit: Timepoint, seen: Observation | None, chosen: str, changes: dict[tuple[int, Reference], FeatureChange]
) -> dict[str, Any]:
    """One visit with its value and a cell for each reference, in the order of the vocabulary."""
    value, reason = feature_cell(seen, chosen)
    return {
        "on": seen.observed_on if seen else visit.first_on,
        "value": value,
        "reason": reason,
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
) -> list[tuple[Segmentation, FeatureSnapshot | None]]:
    return [(outline, snapshots.get(outline.pk)) for outline in outlines]


@signed_in
@require_safe
def lesion_drawer(request: HttpRequest, code: UUID) -> HttpResponse:
    """The drawer beside the chart: this lesion's slices of all dates, the clicked one marked."""
    lesion = lesion_for_user(request, code)
    pictures = pictures_of(outlines_of_lesion(lesion.pk), request.GET.get("outline", ""))
    return fragment(request, "drawer", {"pictures": pictures, "lesion": lesion, "patient": lesion.patient})
