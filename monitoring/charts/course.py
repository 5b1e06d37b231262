"""A patient's course in one picture: therapy, calls, scans, the target sum and chosen features over one time axis."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from monitoring.charts.beside import lanes_beside, tells
from monitoring.charts.blood import lab_cards
from monitoring.charts.comparability import PairMarks, change_lines, folded, pair_cards, pairs_lane
from monitoring.charts.events import scans_lane, therapy_lane
from monitoring.charts.feature_lane import NO_NOISE, LaneNoise, card_lines, feature_lane
from monitoring.charts.features import Quantity, Readings
from monitoring.charts.happenings import event_cards
from monitoring.charts.lanes import Lane, clear_spans, stacked
from monitoring.charts.response.burden import burden_lane, new_sum
from monitoring.charts.response.calls import CourseCalls, course_calls
from monitoring.charts.response.lane import calls_lane, letters_of, window_bands
from monitoring.charts.sums import sum_lane
from monitoring.charts.table import cards, course_table
from monitoring.charts.theme import Drawing, plain_text
from monitoring.charts.time_axis import AxisKind, TimeAxis
from patients.findings import PatientFindings
from patients.timeline import PatientTimeline
from patients.words.reading_words import NewDisease
from patients.written_dates import day

MOST_FEATURES = 3
# Blood that is taken long after the last scan must not press the course together.
NEAR = timedelta(120)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the picture shall show.

    `features`: up to three quantities, each in a lane of its own: full feature names, `size_mm` or `volume_ml`.
    `axis`: `calendar` for dates, `days` for days since therapy started. `has_burden`: the volume of all outlined
    lesions in a lane. `bookings`: by the day of an unconfirmed progression, where its confirming scan stands.
    `labs`: up to three series of results by their keys; None for those that matter most. `pairs`: what is known of
    the scans behind the numbers. `noise`: what is known of the noise of the features.
    """

    features: Sequence[str] = ()
    axis: str = AxisKind.CALENDAR
    has_burden: bool = False
    bookings: Mapping[date, str] = field(default_factory=dict)
    labs: Sequence[str] | None = None
    pairs: PairMarks = field(default_factory=PairMarks)
    noise: LaneNoise = NO_NOISE


def course_figure(
    timeline: PatientTimeline,
    findings: PatientFindings,
    features: Sequence[str] = (),
    axis: str = AxisKind.CALENDAR,
) -> Drawing:
    """The whole course of the current line of therapy as one figure, with everything that was called.

    Raises ValueError for a patient without visits, for more than three features, for another axis.
    """
    return called_figure(course_calls(timeline, findings.responses, findings.summaries), Wanted(features, axis))


def called_figure(calls: CourseCalls, wanted: Wanted) -> Drawing:
    """One line of therapy as one figure, with what the viewer may know of its calls.

    Raises ValueError for a patient without visits, for more than three features, for another axis.
    """
    if len(wanted.features) > MOST_FEATURES:
        raise ValueError(f"at most {MOST_FEATURES} features fit the chart")
    timeline, findings = calls.timeline, calls.findings
    time = time_axis(calls, wanted)
    quantities = [Quantity(name) for name in wanted.features]
    lanes = list(_lanes(calls, wanted, time, quantities))
    data, layout = stacked(lanes, time)
    layout["shapes"] += change_lines(wanted.pairs, time, clear_spans(lanes, layout))
    readings = [Readings.of(timeline, quantity, timeline.targets) for quantity in quantities]
    told = cards(course_table(timeline, findings), readings)
    visits = {
        pk: card + _noise(readings, int(pk), wanted.noise) + _called(calls, int(pk)) + _compared(wanted.pairs, int(pk))
        for pk, card in told.items()
    }
    return Drawing(
        data,
        layout,
        course_label(calls),
        {
            **visits,
            **pair_cards(wanted.pairs),
            **lab_cards(timeline.labs),
            **event_cards(timeline, lambda event: tells(event, calls)),
        },
    )


def time_axis(calls: CourseCalls, wanted: Wanted) -> TimeAxis:
    """The axis under the picture. Raises ValueError for a patient without visits."""
    return TimeAxis.of(calls.timeline, AxisKind(wanted.axis), _last_needed(calls))


def _last_needed(calls: CourseCalls) -> date | None:
    """The last day that the axis must hold beside visits: of a confirmation window, of blood and events near them."""
    timeline = calls.timeline
    seen = max((visit.last_on for visit in timeline.timepoints), default=None)
    days = [lab.taken_on for lab in timeline.labs] + [event.started_on for event in timeline.events]
    near = [on for on in days if seen is not None and on <= seen + NEAR]
    return max([block.confirm_until for block in calls.blocks] + near, default=None)


def _lanes(calls: CourseCalls, wanted: Wanted, time: TimeAxis, quantities: Sequence[Quantity]) -> Iterator[Lane]:
    timeline = calls.timeline
    progressed_on = calls.summary.progressed_on if calls.summary else None
    progressed = {calls.course.pk: progressed_on} if calls.course and progressed_on else {}
    therapy = therapy_lane(timeline, time, progressed)
    called = calls_lane(calls, time, wanted.bookings)
    sums = sum_lane(timeline, calls.findings, time, list(new_sum(calls, time)), is_lettered=called is None)
    yield from [therapy] if therapy else []
    yield scans_lane(timeline, time, wanted.pairs.unlike)
    pairs = pairs_lane(wanted.pairs, time)
    yield from [pairs] if pairs else []
    yield from [called] if called else []
    if any(mm for trace in sums.traces for mm in trace["y"]):
        yield replace(sums, shapes=[*sums.shapes, *window_bands(calls, time, sums)])
    if wanted.has_burden:
        yield burden_lane(timeline, time, wanted.pairs.sizes_apart)
    yield from (feature_lane(timeline, quantity, time, wanted.pairs.apart, wanted.noise) for quantity in quantities)
    yield from lanes_beside(calls, wanted.labs, time)


def _compared(pairs: PairMarks, visit: int) -> str:
    """The line of a visit's card that tells whether its scan may be compared with baseline."""
    return "".join(f"<br>{plain_text(line)}" for line in folded([pairs.by_visit.get(visit, "")]))


def _noise(lanes: Sequence[Readings], visit: int, noise: LaneNoise) -> str:
    """The lines of a visit's card that tell which changes of the drawn features can be measured."""
    lines = [line for readings in lanes for line in card_lines(readings, visit, noise)]
    return "".join(f"<br>{plain_text(line)}" for line in folded(lines))


def _called(calls: CourseCalls, visit: int) -> str:
    """The lines of a visit's card that tell what was called."""
    overall, immune = calls.overall.get(visit), calls.immune.get(visit)
    if overall is None or immune is None:
        return ""
    said = calls.judgements.get(visit)
    lines = [f"RECIST 1.1: {_flat(letters_of(overall))}", f"iRECIST: {_flat(letters_of(immune))}"]
    if said is None:
        return "<br>not assessed"
    new = [f"{said.new.label}"] if said.new is not NewDisease.NO else []
    return "".join(f"<br>{line}" for line in [*lines, *new])


def _flat(letters: str) -> str:
    return letters.replace("<br>", " ").replace("/ ", "/")


def course_label(calls: CourseCalls) -> str:
    """What the picture shows, in one sentence."""
    sums = [
        f"{day(response.assessed_on)} {response.sum_mm:.1f} mm, {response.category.label}"
        if response.sum_mm is not None
        else f"{day(response.assessed_on)} no complete sum, {response.category.label}"
        for response in calls.sums.values()
    ]
    told = "; ".join(sums) or "no target sum yet"
    called = [
        f"{day(visit.last_on)} RECIST 1.1 {_flat(letters_of(calls.overall[visit.pk]))}, "
        f"iRECIST {_flat(letters_of(calls.immune[visit.pk]))}"
        for visit in calls.called_visits
        if visit.pk in calls.immune
    ]
    overall = f" Overall: {'; '.join(called)}." if called else ""
    what = "target lesions" if called else "target lesions only"
    return f"Course of {calls.timeline.pseudonym}, {what}: {told}.{overall} The same numbers stand in the table."
