"""The target sum over time, between the line of response and the line of progression."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from monitoring.charts import theme
from monitoring.charts.lanes import EndLabel, Lane, clear_shift, marks, on_surface, rule
from monitoring.charts.theme import Json
from monitoring.charts.time_axis import TimeAxis
from patients.findings import PatientFindings, Response
from patients.timeline import PatientTimeline, Timepoint
from patients.vocabulary import ResponseCategory

Called = Sequence[tuple[Timepoint, Response]]

# A limit that never moves is drawn from two points.
FLAT = 2


def sum_lane(
    timeline: PatientTimeline,
    findings: PatientFindings,
    axis: TimeAxis,
    beside: Sequence[tuple[Json, EndLabel]] = (),
    *,
    is_lettered: bool = True,
) -> Lane:
    """The target sum with its categories and both lines; a visit without a complete sum breaks the line.

    `beside`: other sums for the same scale. `is_lettered`: whether the target response stands at each point, or
    only what is special about it.
    """
    called = [(visit, r) for visit in timeline.timepoints if (r := findings.response_at(visit.pk))]
    called = [(visit, r) for visit, r in called if r.category is not ResponseCategory.NA]
    traces: list[Json] = []
    labels: list[EndLabel] = []
    for trace, label in _limits(called, axis):
        traces.append(trace)
        labels.append(label)
    limits = list(traces)
    traces += [_sums(called, axis), *_partial_sums(called, axis), *(trace for trace, _ in beside)]
    labels += [label for _, label in beside]
    tallest = max((y for trace in traces for y in trace["y"] if y is not None), default=1.0)
    heading = "Target sum" if called or not beside else "New lesions (mm)"
    lane = Lane(250, "mm", 0.0, tallest * 1.16 or 1.0, traces, heading, labels=labels)
    letters = zip(called, _letters(called, axis, lane, limits), strict=True)
    return replace(lane, notes=[note for (_, response), note in letters if is_lettered or _is_special(response)])


def _is_special(response: Response) -> bool:
    return response.sum_mm is None or response.category is ResponseCategory.BASELINE


def _sums(called: Called, axis: TimeAxis) -> Json:
    looks = [_look(r) for _, r in called]
    trace = marks(
        [axis.place(r.assessed_on) for _, r in called],
        [None if r.sum_mm is None else float(r.sum_mm) for _, r in called],
        "Target sum",
    )
    trace |= {"mode": "lines+markers", "connectgaps": False, "line": {"color": theme.INK, "width": 2}}
    trace["marker"] = {"symbol": [look for look, _ in looks], "color": [colour for _, colour in looks], "size": 12}
    trace["customdata"] = [{"timepoint": visit.pk} for visit, _ in called]
    return trace


def _look(response: Response) -> tuple[str, str]:
    return theme.CATEGORY_MARKS.get(response.category, ("circle", theme.INK))


def _partial_sums(called: Called, axis: TimeAxis) -> Iterator[Json]:
    """A hollow tick where a target is missing: what the measured ones add up to."""
    partial = [(visit, r) for visit, r in called if r.sum_mm is None]
    if not partial:
        return
    sums = [float(r.partial_sum_mm) for _, r in partial]
    trace = marks([axis.place(r.assessed_on) for _, r in partial], sums, "Partial sum")
    trace["marker"] = {"symbol": "line-ew-open", "size": 14, "color": theme.SOFT, "line": {"width": 2}}
    trace["customdata"] = [{"timepoint": visit.pk} for visit, _ in partial]
    yield trace


def _letters(called: Called, axis: TimeAxis, lane: Lane, limits: Sequence[Json]) -> Iterator[Json]:
    """What was called, beside each point where neither line nor limit runs."""
    points = [_height(r) for _, r in called]
    for at, (_, response) in enumerate(called):
        y_px = lane.px(points[at])
        bars = [_passed(limit["y"], at, lane) for limit in limits]
        beside = [near for near in (at - 1, at + 1) if 0 <= near < len(called)]
        runs = [
            (axis.across_px(called[near][1].assessed_on, response.assessed_on), lane.px(points[near]) - y_px)
            for near in beside
            if response.sum_mm is not None and called[near][1].sum_mm is not None
        ]
        words, font = _words(response)
        shift = clear_shift(words, y_px, lane.height_px, bars, runs)
        yield on_surface(words, axis.place(response.assessed_on), points[at], shift, font)


def _height(response: Response) -> float:
    return float(response.partial_sum_mm if response.sum_mm is None else response.sum_mm)


def _passed(heights_mm: Sequence[float], at: int, lane: Lane) -> tuple[float, float]:
    """From and to which height a limit passes a visit: a flat one lies at one, a stepping one may fall there."""
    around = heights_mm if len(heights_mm) == FLAT else heights_mm[max(0, at - 1) : at + 1]
    return lane.px(min(around)), lane.px(max(around))


def _words(response: Response) -> tuple[str, Json]:
    category = response.category
    letters = "baseline" if category is ResponseCategory.BASELINE else category.value
    if response.sum_mm is None:
        return f"{letters} (partial)", {"size": 12, "color": theme.SOFT}
    return letters, {"size": 13, "weight": "bold", "color": _look(response)[1]}


def _limits(called: Called, axis: TimeAxis) -> Iterator[tuple[Json, EndLabel]]:
    """The −30 % line from baseline, and the progression line, which moves after each visit that sets a new nadir."""
    baseline_mm = called[0][1].baseline_sum_mm if called else None
    if baseline_mm is None:
        return
    places = [axis.place(r.assessed_on) for _, r in called] + [axis.place(axis.last_on)]
    response_mm = float(baseline_mm * 7 / 10)
    flat = rule([places[0], places[-1]], [response_mm] * 2, theme.BETTER, "dash", "−30 % from baseline")
    yield flat, EndLabel(response_mm, f"−30 % from baseline<br>{response_mm:.1f} mm", theme.BETTER)
    heights = [float(progression_mm(nadir)) for nadir in nadirs_after([r for _, r in called], baseline_mm)]
    step = rule(places, [*heights, heights[-1]], theme.WORSE, "dot", "Progression line")
    step["line"]["shape"] = "hv"
    yield step, EndLabel(heights[-1], f"progression line<br>{heights[-1]:.1f} mm", theme.WORSE)


def nadirs_after(responses: Sequence[Response], baseline_mm: Decimal) -> list[Decimal]:
    """The nadir that the next visit will be compared with, after each visit."""
    nadir, after = baseline_mm, []
    for response in responses:
        nadir = nadir if response.sum_mm is None else min(nadir, response.sum_mm)
        after.append(nadir)
    return after


def progression_mm(nadir_mm: Decimal) -> Decimal:
    """The smallest sum that is progression over a nadir: 20 % and 5 mm more, whichever is larger.

    >>> progression_mm(Decimal(20)), progression_mm(Decimal(100))
    (Decimal('25'), Decimal('120'))
    """
    return max(nadir_mm * 12 / 10, nadir_mm + 5)
