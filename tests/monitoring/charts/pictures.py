"""What the chart tests share: a patient with a gap, a missing target, two lines of therapy and three features."""

from datetime import date, timedelta
from typing import Any

from monitoring.charts.theme import THEMES, Drawing, themed
from patients.findings import PatientFindings
from patients.timeline import LesionTrack, Observation, PatientTimeline
from patients.vocabulary import Modality
from radiomics_tasks.analysis.conclude import conclude
from tests.timelines import FIRST_ON, NAMES, Size, course, features, observation, timeline, track, visit

DATES = [FIRST_ON + timedelta(days) for days in (0, 60, 120, 300)]
SIZES: dict[int, list[Size]] = {1: [40.0, 30.0, None, 50.0], 2: [20.0, 15.0, 14.0, 15.0]}
VOLUME, MEAN, CONTRAST = NAMES


def seen(lesion: int, number: int, size: Size) -> Observation:
    values = features(10 * lesion + number, (100.0 * number, 40.0 - number, None if number == 2 else 1.0 * number))
    return observation(number, DATES[number - 1], size, values if size is not None else None, scan_pk=10 * number)


def lesions() -> list[LesionTrack]:
    return [track(pk, [seen(pk, n, size) for n, size in enumerate(row, start=1)]) for pk, row in SIZES.items()]


def patient() -> PatientTimeline:
    """Two targets over four visits; the third visit lacks one, the fourth comes half a year later."""
    visits = [visit(number, on) for number, on in enumerate(DATES, start=1)]
    visits[1] = visit(2, DATES[1], DATES[1] + timedelta(3), modality=Modality.CT)
    earlier = course(FIRST_ON - timedelta(100), "first <line>", 1, FIRST_ON - timedelta(20))
    return timeline(visits, lesions(), [earlier, course(FIRST_ON + timedelta(7), pk=2)])


def concluded() -> tuple[PatientTimeline, PatientFindings]:
    known = patient()
    return known, conclude(known)


def trace(drawing: Drawing, name: str) -> dict[str, Any]:
    """The one trace of a name."""
    (found,) = [one for one in drawing.data if one["name"] == name]
    return found


def check_with_plotly(drawing: Drawing) -> None:
    """Plotly's own Python package accepts the figure in every theme: a misspelt attribute raises."""
    from plotly.graph_objects import Figure

    for theme in THEMES:
        Figure(themed({"data": list(drawing.data), "layout": drawing.layout}, theme))


def iso(days: int) -> str:
    return date.fromordinal(FIRST_ON.toordinal() + days).isoformat()
