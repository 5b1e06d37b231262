"""A patient's course in one picture: therapy, scans, the target sum and chosen features over one time axis."""

from collections.abc import Sequence

from monitoring.charts import theme
from monitoring.charts.events import scans_lane, therapy_lane
from monitoring.charts.features import Quantity, Readings, feature_lane
from monitoring.charts.lanes import stacked
from monitoring.charts.sums import sum_lane
from monitoring.charts.table import cards, course_table
from monitoring.charts.theme import Drawing
from monitoring.charts.time_axis import AxisKind, TimeAxis
from patients.findings import PatientFindings
from patients.timeline import PatientTimeline

MOST_FEATURES = 3


def course_figure(
    timeline: PatientTimeline,
    findings: PatientFindings,
    features: Sequence[str] = (),
    axis: str = AxisKind.CALENDAR,
) -> Drawing:
    """The whole course as one figure.

    Parameters
    ----------
    features : up to three quantities, each in a lane of its own: full feature names, `size_mm` or `volume_ml`.
    axis : `calendar` for dates, `days` for days since therapy started.

    Raises
    ------
    ValueError : for a patient without visits, for more than three features, for another axis.
    """
    if len(features) > MOST_FEATURES:
        raise ValueError(f"at most {MOST_FEATURES} features fit the chart")
    time = TimeAxis.of(timeline, AxisKind(axis))
    quantities = [Quantity(name) for name in features]
    therapy = therapy_lane(timeline, time)
    lanes = [
        *([therapy] if therapy else []),
        scans_lane(timeline, time),
        sum_lane(timeline, findings, time),
        *(feature_lane(timeline, quantity, time) for quantity in quantities),
    ]
    data, layout = stacked(lanes, time)
    readings = [Readings.of(timeline, quantity, timeline.targets) for quantity in quantities]
    return Drawing(data, layout, course_label(timeline, findings), cards(course_table(timeline, findings), readings))


def course_label(timeline: PatientTimeline, findings: PatientFindings) -> str:
    """What the picture shows, in one sentence."""
    sums = [
        f"{theme.day(response.assessed_on)} {response.sum_mm:.1f} mm, {response.category.label}"
        if response.sum_mm is not None
        else f"{theme.day(response.assessed_on)} no complete sum, {response.category.label}"
        for response in findings.responses
    ]
    told = "; ".join(sums) or "no target sum yet"
    return f"Course of {timeline.pseudonym}, target lesions only: {told}. The same numbers stand in the table."
