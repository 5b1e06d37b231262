"""The shared horizontal axis: calendar dates, or days since therapy started."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from monitoring.charts.theme import FONT_PX, GRID, SOFT, Json, plain_text
from patients.timeline import Course, PatientTimeline

# About as wide as a plot is on a small laptop: only how steeply a line passes a word hangs on it.
PLOT_PX = 700


class AxisKind(StrEnum):
    """How time is written."""

    CALENDAR = "calendar"
    DAYS = "days"


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """Dates to places on the axis; `zero_on` is day zero, `zero_is` says of what, `is_treated` if of therapy."""

    kind: AxisKind
    first_on: date
    last_on: date
    zero_on: date
    zero_is: str
    is_treated: bool

    @classmethod
    def of(cls, timeline: PatientTimeline, kind: AxisKind, until: date | None = None) -> "TimeAxis":
        """The axis that holds all visits and the courses near them, with some air at both ends.

        `until`: a day after the visits that it must hold too.

        Raises ValueError for a patient without visits.
        """
        if not timeline.timepoints:
            raise ValueError("a patient without visits has no time axis")
        seen = [day for visit in timeline.timepoints for day in (visit.first_on, visit.last_on)]
        first, last = min(seen), max([*seen, *([until] if until else [])])
        air = timedelta(max(10, round((last - first).days * 0.04)))
        starts = [course.started_on for course in timeline.courses if _is_near(course, first)]
        stops = [course.stopped_on for course in timeline.courses if course.stopped_on]
        first, last = min([first, *starts]), max([last, *starts, *(stop for stop in stops if stop > first)])
        return cls(kind, first - air, last + air, *day_zero(timeline), bool(timeline.courses))

    def place(self, on: date) -> str | int:
        """Where a date lies: an ISO date, or whole days since day zero."""
        return on.isoformat() if self.kind is AxisKind.CALENDAR else self.day(on)

    def day(self, on: date) -> int:
        """Whole days since day zero."""
        return (on - self.zero_on).days

    def across_px(self, earlier: date, later: date) -> float:
        """About how far apart two dates lie on the screen, whichever comes first."""
        return abs((later - earlier).days) / (self.last_on - self.first_on).days * PLOT_PX

    def clipped(self, on: date) -> date:
        """The date, or the end of the axis that it lies beyond."""
        return min(max(on, self.first_on), self.last_on)

    def layout(self, anchor: str) -> Json:
        """The axis for Plotly, below the lane `anchor`."""
        calendar = self.kind is AxisKind.CALENDAR
        title = "Date" if calendar else f"Days since {plain_text(self.zero_is)}"
        return {
            "type": "date" if calendar else "linear",
            "range": [self.place(self.first_on), self.place(self.last_on)],
            "anchor": anchor,
            "title": {"text": title, "standoff": 10, "font": {"size": FONT_PX, "color": SOFT}},
            "tickformatstops": [
                {"dtickrange": [None, 86400000 * 21], "value": "%-d %b\n%Y"},
                {"dtickrange": [86400000 * 21, "M12"], "value": "%b\n%Y"},
                {"dtickrange": ["M12", None], "value": "%Y"},
            ]
            if calendar
            else [],
            "nticks": 10,
            "gridcolor": GRID,
            "zeroline": False,
            "tickfont": {"size": FONT_PX, "color": SOFT},
            "tickangle": 0,
        }


def day_zero(timeline: PatientTimeline) -> tuple[date, str]:
    """Day zero and what it is: the start of the current course, else the first visit.

    Raises ValueError for a patient without courses and visits.
    """
    course, baseline = timeline.current_course, timeline.baseline
    if course:
        return course.started_on, f"start of {course.name}"
    if baseline is None:
        raise ValueError("a patient without courses and visits has no day zero")
    return baseline.first_on, "first visit"


def _is_near(course: Course, first_on: date) -> bool:
    """Whether a course still matters for the picture: it began within half a year before the first scan, or later."""
    return course.started_on >= first_on - timedelta(182)
