"""Whatever people may type: Plotly takes none of it for markup."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from monitoring.charts.course import course_figure
from monitoring.charts.deltas import feature_figure
from monitoring.charts.features import SIZE
from monitoring.charts.theme import Drawing
from patients.findings import PatientFindings
from patients.timeline import PatientTimeline
from tests.monitoring.charts.pictures import CONTRAST, MEAN, concluded

HOSTILE = '<a href="https://elsewhere.example">x</a><b>&amp;'


def hostile() -> tuple[PatientTimeline, PatientFindings]:
    known, findings = concluded()
    visits = [
        replace(visit, scans=tuple(replace(scan, description=HOSTILE, unit=HOSTILE) for scan in visit.scans))
        for visit in known.timepoints
    ]
    return replace(
        known,
        pseudonym=HOSTILE,
        courses=tuple(replace(course, name=HOSTILE) for course in known.courses),
        timepoints=tuple(visits),
        tracks=tuple(replace(track, tracking_id=HOSTILE) for track in known.tracks),
    ), findings


def texts(of: Any) -> Iterator[str]:
    if isinstance(of, str):
        yield of
    for inner in of.values() if isinstance(of, dict) else of if isinstance(of, list | tuple) else ():
        yield from texts(inner)


def assert_plain(drawing: Drawing) -> None:
    drawn = list(texts([list(drawing.data), drawing.layout, dict(drawing.cards)]))
    assert any("&lt;a href" in text for text in drawn)
    assert not [text for text in drawn if "<a" in text or "<b>" in text or "<b>&amp;" in text]


@pytest.mark.parametrize("axis", ["calendar", "days"])
def test_the_course_takes_no_text_for_markup(axis: str) -> None:
    assert_plain(course_figure(*hostile(), [SIZE, MEAN, CONTRAST], axis))


@pytest.mark.parametrize("axis", ["calendar", "days"])
def test_a_lesions_chart_takes_no_text_for_markup(axis: str) -> None:
    known, _ = hostile()
    assert_plain(feature_figure(known, known.tracks[0], MEAN, (), axis))
