"""One patient's course: the verdict, the shared axis, the lesions, the lines of therapy."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from monitoring.access import NOT_FOUND, patient_for_user, signed_in, user_of, viewer_of
from monitoring.charts.beside import event_table, lab_tables
from monitoring.charts.blood import MOST_LABS, default_labs, lab_series, series_label
from monitoring.charts.comparability import PairMarks
from monitoring.charts.course import MOST_FEATURES, Wanted, called_figure, time_axis
from monitoring.charts.response.burden import burdens
from monitoring.charts.table import CourseRow, course_table, feature_table, latest_concluded
from monitoring.charts.time_axis import AxisKind, day_zero
from monitoring.forms import CourseForm
from monitoring.fragments import fragment, page_or_fragment, wants_fragment
from monitoring.shown.blood.lab_entries import lab_context
from monitoring.shown.response.assessments import rows_for
from monitoring.shown.response.calls_shown import ShownCalls, booking_words, shown_calls
from monitoring.shown.response.response_table import response_table
from monitoring.shown.response.verdicts import verdict_of
from monitoring.shown.trust import hosted_shown, noise_lookup
from monitoring.shown.trust.pairs_shown import against_baseline, visit_pairs
from patients.feature_names import FeatureName
from patients.models import Patient
from patients.reads.identity.moves import moves_of
from patients.reads.identity.withheld import hidden_now
from patients.reads.integrity.standing import standing_faults
from patients.reads.scans.outlines import feature_names_of_patient, voxel_units_of_patient
from patients.reads.timelines import patient_timeline
from patients.reads.trusting.trust import comparisons_of
from patients.timeline import PatientTimeline
from patients.written_dates import days

PICKER_ROWS = 12
AXES = tuple(kind.value for kind in AxisKind)


@dataclass(frozen=True, slots=True)
class Choice:
    """What the figure shows; it lives in the address, so a link shows the same.

    `course` is the code of a line of therapy, empty for the current one.
    """

    features: tuple[str, ...]
    axis: str
    has_burden: bool = False
    course: str = ""
    labs: tuple[str, ...] | None = None

    def address(self, **changed: Any) -> str:
        """The query string of this choice, changed in places."""
        features = changed.get("features", self.features)
        parts = [("feature", name) for name in features]
        parts.append(("axis", changed.get("axis", self.axis)))
        parts += [("burden", "on")] if changed.get("has_burden", self.has_burden) else []
        labs = changed.get("labs", self.labs)
        parts += [("lab", key) for key in labs or ["none"]] if labs is not None else []
        course = changed.get("course", self.course)
        return urlencode([*parts, *([("course", course)] if course else [])])


def choice_of(request: HttpRequest, known: Sequence[str]) -> Choice:
    """At most three features that exist, one of the two axes, and what else is asked for."""
    wanted = [name for name in dict.fromkeys(request.GET.getlist("feature")) if name in set(known)]
    axis = request.GET.get("axis", AXES[0])
    return Choice(
        tuple(wanted[:MOST_FEATURES]),
        axis if axis in AXES else AXES[0],
        request.GET.get("burden") == "on",
        course_code(request.GET.get("course", "")),
        tuple(dict.fromkeys(request.GET.getlist("lab")))[:MOST_LABS] if "lab" in request.GET else None,
    )


def course_code(text: str) -> str:
    """The code of a line of therapy as it stands in addresses; empty for what is none."""
    try:
        return str(UUID(text))
    except ValueError:
        return ""


@signed_in
@require_safe
def patient_page(request: HttpRequest, code: UUID) -> HttpResponse:
    """The course; htmx asks for the figure alone when features or axis change."""
    patient = patient_for_user(request, code)
    choice = choice_of(request, feature_names_of_patient(patient.pk))
    timeline = patient_timeline(patient.pk, choice.features)
    courses = list(patient.courses.all())
    shown = shown_calls(request, timeline, courses, timezone.localdate())
    context = {"place": "cohort", "patient": patient, **_figure(shown, choice)}
    if not wants_fragment(request):
        context |= _around(request, patient, shown, context) | {"courses": courses}
    return page_or_fragment(request, "patient", context, "course")


def _figure(shown: ShownCalls, choice: Choice) -> dict[str, Any]:
    calls = shown.calls
    timeline = calls.timeline
    visits = course_table(timeline, calls.findings) if timeline.timepoints else ()
    compared = comparisons_of(timeline.patient_pk)
    pairs = PairMarks.of(timeline, compared)
    noise = noise_lookup.of_course(timeline, choice.features)
    wanted = Wanted(choice.features, choice.axis, choice.has_burden, shown.bookings, choice.labs, pairs, noise)
    time = time_axis(calls, wanted) if timeline.timepoints else None
    return {
        "comparisons": compared,
        "pair_dots": against_baseline(timeline, compared),
        "figure": called_figure(calls, wanted) if timeline.timepoints else None,
        "choice": choice,
        "chips": [
            {
                "label": FeatureName.parse(name).label,
                "without": choice.address(features=[other for other in choice.features if other != name]),
            }
            for name in choice.features
        ],
        "axes": [(axis, choice.address(axis=axis), axis == choice.axis) for axis in AXES],
        "lab_chips": lab_chips(timeline, choice),
        "burden_address": choice.address(has_burden=not choice.has_burden),
        "lines": [(line, choice.address(course=line.code)) for line in shown.lines],
        "is_full": len(choice.features) >= MOST_FEATURES,
        "feature_tables": [feature_table(timeline, name, noise) for name in choice.features],
        "burdens": burdens(timeline, pairs.sizes_apart) if choice.has_burden else (),
        "lab_tables": lab_tables(calls, choice.labs, time) if time else (),
        "event_table": event_table(calls, time) if time else (),
        "visits": visits,
        "twin": [(row, calls.overall.get(row.timepoint_pk), calls.immune.get(row.timepoint_pk)) for row in visits],
        "day_zero": day_zero(timeline)[1] if timeline.timepoints else "",
        "timeline": timeline,
        "calls": calls,
    }


def lab_chips(timeline: PatientTimeline, choice: Choice) -> list[tuple[str, str, bool]]:
    """Each series of results with the address that shows or hides it, and whether it is shown."""
    known = lab_series(timeline)
    shown = default_labs(timeline) if choice.labs is None else tuple(key for key in choice.labs if key in known)
    chips = []
    for key, labs in known.items():
        others = tuple(other for other in shown if other != key)
        wanted = others if key in shown else (*others[: MOST_LABS - 1], key)
        chips.append((series_label(labs), choice.address(labs=wanted), key in shown))
    return chips


def _around(request: HttpRequest, patient: Patient, shown: ShownCalls, figure: dict[str, Any]) -> dict[str, Any]:
    visits: Sequence[CourseRow] = figure["visits"]
    target = latest_concluded(visits)
    verdict = verdict_of(shown.calls)
    window = shown.windows.get(verdict.block.opened_on) if verdict and verdict.block else None
    hidden = shown.calls.blinding.hidden
    return {
        "verdict": target,
        "is_latest_visit": target is None or target is visits[-1],
        "called": verdict,
        "window": window,
        "window_words": booking_words(window) if window else "",
        "table": response_table(shown.calls) if shown.calls.overall else None,
        "by_reader": shown.by_reader,
        "differ": shown.differ,
        "hidden_visits": [visit for visit in visits if visit.timepoint_pk in hidden],
        "assessments": rows_for(patient, viewer_of(request), user_of(request)),
        **noise_lookup.of_patient(shown.calls.timeline, visits, figure["comparisons"]),
        "course_form": CourseForm(),
        "damaged": standing_faults(patient.pk),
        "withheld": hidden_now(patient.pk),
        "moves": moves_of(patient.pk, viewer_of(request).teams) if viewer_of(request).may_upload else [],
        **lab_context(patient, can_see_outcomes=not hidden),
        **hosted_shown.of_patient(shown.calls.timeline),
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
    compared = visit_pairs(timeline, comparisons_of(patient.pk), visit.pk)
    return fragment(request, "drawer", {"when": when, "pictures": pictures, "tracks": tracks, "compared": compared})
