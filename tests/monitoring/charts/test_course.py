"""The whole course as one figure that Plotly accepts, light enough for the page."""

import json

import pytest

from monitoring.charts.course import course_figure
from monitoring.charts.features import SIZE
from radiomics_tasks.analysis.conclude import conclude
from tests.monitoring.charts.pictures import CONTRAST, MEAN, VOLUME, check_with_plotly, concluded, trace
from tests.timelines import followed, timeline


@pytest.mark.parametrize("axis", ["calendar", "days"])
def test_plotly_accepts_the_figure(axis: str) -> None:
    check_with_plotly(course_figure(*concluded(), [SIZE, MEAN, CONTRAST], axis))


def test_one_lane_each_with_its_unit() -> None:
    layout = course_figure(*concluded(), [SIZE, MEAN, CONTRAST]).layout
    titles = [layout[name]["title"]["text"] for name in sorted(layout) if name.startswith("yaxis")]
    assert titles == ["", "", "mm", "mm", "HU", "no unit"]
    assert layout["xaxis"]["title"]["text"] == "Date"


def test_in_days_every_point_is_a_number_of_days() -> None:
    drawing = course_figure(*concluded(), [MEAN], "days")
    assert trace(drawing, "Target sum")["x"] == [-7, 53, 113, 293]


def test_every_point_one_can_click_knows_its_visit_and_has_a_card() -> None:
    drawing = course_figure(*concluded(), [MEAN])
    clickable = [one for one in drawing.data if one.get("hoverinfo") != "skip"]
    for one in clickable:
        assert len(one["customdata"]) == len(one["x"]) == len(one["y"])
        assert all(str(point["timepoint"]) in drawing.cards for point in one["customdata"])


def test_no_text_needs_a_style_attribute() -> None:
    known, findings = concluded()
    text = json.dumps(course_figure(known, findings, [MEAN]).as_dict())
    assert not [tag for tag in ("<b>", "<i>", "<sup>", "<a ", "<span") if tag in text]


def test_the_label_tells_the_course() -> None:
    label = course_figure(*concluded()).label
    assert label.startswith("Course of SYN-1, target lesions only: 1 Jan 2024 60.0 mm, Baseline; 1 Mar 2024 45.0 mm")
    assert "no complete sum, Not evaluable" in label


def test_a_patient_with_one_visit_and_no_lesion_has_a_figure() -> None:
    known = timeline(followed([1.0]).timepoints, [], [])
    drawing = course_figure(known, conclude(known), [VOLUME])
    check_with_plotly(drawing)
    assert "no target sum yet" not in drawing.label
    assert "No target lesions" in drawing.label


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="at most 3 features"):
        course_figure(*concluded(), [MEAN] * 4)
    with pytest.raises(ValueError, match="not a valid AxisKind"):
        course_figure(*concluded(), [], "weeks")
    with pytest.raises(ValueError, match="without visits"):
        course_figure(timeline([], []), conclude(timeline([], [])))


def test_five_lesions_and_eight_visits_fit_the_page() -> None:
    known = followed(*([20.0 + lesion + visit for visit in range(8)] for lesion in range(5)))
    assert len(course_figure(known, conclude(known), ["size_mm", "volume_ml"]).json.encode()) < 60_000
