"""One patient's course: the verdict, the shared axis, the lesions, the lines of therapy."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from monitoring.access import NOT_FOUND, patient_for_user, signed_in
from monitoring.charts.course import MOST_FEATURES, course_figure
from monitoring.charts.table import CourseRow, course_table, feature_table, latest_concluded
from monitoring.charts.theme import Drawing, days
from monitoring.charts.time_axis import AxisKind, day_zero
from monitoring.forms import CourseForm
from monitoring.fragments import fragment, page_or_fragment
from monitoring.lesion_table import lesion_rows
from patients.feature_names import FeatureName
from patients.findings import PatientFindings
from patients.models import Patient
from patients.reads.findings import responses_of
from patients.reads.outlines import feature_names_of_patient, voxel_units_of_patient
from patients.reads.timelines import patient_timeline
from patients.timeline import PatientTimeline

PICKER_ROWS = 12
AXES = tuple(kind.value for kind in AxisKind)


@dataclass(frozen=True, slots=True)
class Choice:
    """What the figure shows; it lives in the address, so a link shows the same."""

    features: tuple[str, ...]
    axis: str

    def address(self, **changed: Any) -> str:
        """The query string of this choice, changed in places."""
        features = changed.get("features", self.features)
        axis = changed.get("axis", self.axis)
        return urlencode([*(("feature", name) for name in features), ("axis", axis)])


def choice_of(request: HttpRequest, known: Sequence[str]) -> Choice:
    """At most three features that exist, and one of the two axes."""
    wanted = [name for name in dict.fromkeys(request.GET.getlist("feature")) if name in set(known)]
    axis = request.GET.get("axis", AXES[0])
    return Choice(tuple(wanted[:MOST_FEATURES]), axis if axis in AXES else AXES[0])


@signed_in
@require_safe
def patient_page(request: HttpRequest, code: UUID) -> HttpResponse:
    """The course; htmx asks for the figure alone when features or axis change."""
    patient = patient_for_user(request, code)
    choice = choice_of(request, feature_names_of_patient(patient.pk))
    timeline = patient_timeline(patient.pk, choice.features)
    findings = PatientFindings(patient.pk, (), responses_of(patient.pk))
    context = {"place": "cohort", "patient": patient, **_figure(timeline, findings, choice)}
    context |= _around(patient, timeline, context["visits"])
    return page_or_fragment(request, "patient", context, "course")


def _figure(timeline: PatientTimeline, findings: PatientFindings, choice: Choice) -> dict[str, Any]:
    return {
        "figure": _drawing(timeline, findings, choice),
        "choice": choice,
        "chips": [
            {
                "label": FeatureName.parse(name).label,
                "without": choice.address(features=[other for other in choice.features if other != name]),
            }
            for name in choice.features
        ],
        "axes": [(axis, choice.address(axis=axis), axis == choice.axis) for axis in AXES],
        "is_full": len(choice.features) >= MOST_FEATURES,
        "feature_tables": [feature_table(timeline, name) for name in choice.features],
        "visits": course_table(timeline, findings) if timeline.timepoints else (),
        "day_zero": day_zero(timeline)[1] if timeline.timepoints else "",
        "timeline": timeline,
    }


def _drawing(timeline: PatientTimeline, findings: PatientFindings, choice: Choice) -> Drawing | None:
    if not timeline.timepoints:
        return None
    return course_figure(timeline, findings, choice.features, choice.axis)


def _around(patient: Patient, timeline: PatientTimeline, visits: Sequence[CourseRow]) -> dict[str, Any]:
    verdict = latest_concluded(visits)
    return {
        "verdict": verdict,
        "is_latest_visit": verdict is None or verdict is visits[-1],
        "lesions": lesion_rows(timeline),
        "courses": list(patient.courses.all()),
        "course_form": CourseForm(),
    }


@signed_in
@require_safe
def feature_options(request: HttpRequest, code: UUID) -> HttpResponse:
    """Features to add to the figure, as one types."""
    patient = patient_for_user(request, code)
    known = feature_names_of_patient(patient.pk)
    choice = choice_of(request, known)
    units = voxel_units_of_patient(patient.pk)
    found = matching(known, request.GET.get("search", ""))
    options = [
        {
            "name": name,
            "label": FeatureName.parse(name).label,
            "unit": _units(name, units),
            "note": FeatureName.parse(name).ibsi_note,
            "with": choice.address(features=[*choice.features, name]),
        }
        for name in found
        if name not in choice.features
    ]
    context = {"patient": patient, "options": options[:PICKER_ROWS], "more": max(0, len(options) - PICKER_ROWS)}
    return fragment(request, "feature_options", context)


def _units(name: str, voxel_units: Sequence[str]) -> str:
    """The unit of a feature; where this patient's kinds of scan give it several, each of them."""
    return " or ".join(sorted({FeatureName.parse(name).unit(unit) for unit in voxel_units} - {""}))


def matching(names: Sequence[str], search: str) -> list[str]:
    """The names that hold every typed word, in the label or in the engine's spelling."""
    words = search.lower().split()
    return [name for name in names if all(word in f"{name} {FeatureName.parse(name).label}".lower() for word in words)]


@signed_in
@require_safe
def visit_drawer(request: HttpRequest, code: UUID, timepoint: int) -> HttpResponse:
    """The pictures behind a point of the sum: every lesion of one visit."""
    patient = patient_for_user(request, code)
    timeline = patient_timeline(patient.pk, ())
    visit = next((found for found in timeline.timepoints if found.pk == timepoint), None)
    if visit is None:
        raise Http404(NOT_FOUND)
    seen = [(track, timeline.at(track, visit)) for track in timeline.tracks]
    pictures = [
        {"code": found.segmentation_code, "title": track.tracking_id, "on": found.observed_on, "sizes": found.sizes,
         "is_synthetic": patient.is_synthetic}
        for track, found in seen
        if found is not None and found.segmentation_code
    ]  # fmt: skip
    tracks = [track for track, found in seen if found is not None and found.segmentation_code]
    when = days(visit.first_on, visit.last_on)
    return fragment(request, "drawer", {"when": when, "pictures": pictures, "tracks": tracks})
