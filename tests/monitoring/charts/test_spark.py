"""A sparkline: small, to scale, with words."""

from datetime import timedelta
from decimal import Decimal
from xml.etree import ElementTree

from monitoring.charts.spark import Point, sparkline
from tests.timelines import FIRST_ON


def points(*values: float | None, days: int = 56) -> list[Point]:
    return [(FIRST_ON + timedelta(days * n), value) for n, value in enumerate(values)]


def drawn(*values: float | None, title: str = "") -> ElementTree.Element:
    return ElementTree.fromstring(sparkline(points(*values), title))


def test_a_line_to_scale() -> None:
    (line,) = drawn(50.0, 100.0, 0.0).findall("polyline")
    assert line.get("points") == "4.0,16.0 68.0,4.0 132.0,28.0"


def test_decimals_are_drawn_as_they_are() -> None:
    assert sparkline([(FIRST_ON, Decimal("12.5"))]) == sparkline([(FIRST_ON, 12.5)])


def test_a_missing_value_breaks_the_line() -> None:
    picture = drawn(50.0, 40.0, None, 30.0)
    assert len(picture.findall("polyline")) == 1
    assert len([mark for mark in picture.findall("circle") if mark.get("class") != "missing"]) == 2


def test_a_missing_value_is_a_ring_at_the_foot_and_in_the_words() -> None:
    picture = drawn(50.0, None, 30.0)
    (ring,) = [mark for mark in picture.findall("circle") if mark.get("class") == "missing"]
    assert (ring.get("fill"), ring.get("cx"), ring.get("cy")) == ("none", "68.0", "28.0")
    assert "no value" in (picture.get("aria-label") or "")


def test_two_missing_values_make_one_gap() -> None:
    assert len(drawn(50.0, 40.0, None, None, 30.0, 20.0).findall("polyline")) == 2


def test_a_gap_at_the_end_leaves_the_last_value_marked() -> None:
    ring, last = drawn(50.0, 40.0, None).findall("circle")
    assert (ring.get("class"), last.get("class"), last.get("cx")) == ("missing", None, "68.0")


def test_negative_values_have_their_own_floor() -> None:
    (line,) = drawn(-10.0, 10.0).findall("polyline")
    assert line.get("points") == "4.0,28.0 132.0,4.0"


def test_one_value_or_a_zero_is_a_dot() -> None:
    assert len(drawn(0.0).findall("circle")) == 2


def test_nothing_is_no_picture() -> None:
    assert sparkline([]) == sparkline(points(None, None)) == ""


def test_it_tells_itself_and_escapes_its_title() -> None:
    assert drawn(60.0, None).get("aria-label") == "1 Jan 2024: 60; 26 Feb 2024: no value"
    assert "<b>" not in sparkline(points(1.0), 'a "<b>" title')
    picture = drawn(1.0, title='a "<b>" title')
    assert picture.get("aria-label") == 'a "<b>" title'
    assert [title.text for title in picture.findall("title")] == ['a "<b>" title']


def test_no_line_leads_to_a_point_that_stands_apart() -> None:
    values = points(50.0, 40.0, 30.0, 20.0)
    picture = ElementTree.fromstring(sparkline(values, apart=[2]))
    assert len(picture.findall("polyline")) == 2
    assert len(ElementTree.fromstring(sparkline(values, apart=[0])).findall("polyline")) == 1
