from datetime import date

import pytest

from patients.labs.seen import Event, Lab
from patients.labs.words import Analyte, Bound, EventKind, Standing

DAY = date(2024, 1, 8)


def lab(value: float, bound: Bound = Bound.EXACT, low: float | None = 135.0, high: float | None = 250.0) -> Lab:
    return Lab(1, "", Analyte.LDH, "LDH", DAY, value, "U/L", bound, low, high)


@pytest.mark.parametrize(
    "value, bound, standing",
    [
        (134.9, Bound.EXACT, Standing.LOW),
        (135.0, Bound.EXACT, Standing.NORMAL),
        (250.0, Bound.EXACT, Standing.NORMAL),
        (250.1, Bound.EXACT, Standing.HIGH),
        (120.0, Bound.BELOW, Standing.LOW),
        (300.0, Bound.BELOW, Standing.UNKNOWN),
        (300.0, Bound.ABOVE, Standing.HIGH),
        (100.0, Bound.ABOVE, Standing.UNKNOWN),
    ],
)
def test_a_result_stands_beside_its_range(value, bound, standing):
    assert lab(value, bound).standing is standing


def test_without_a_range_nothing_is_said_of_it():
    bare = lab(500.0, low=None, high=None)
    assert (bare.standing, bare.limit_ratio) == (Standing.UNKNOWN, None)
    assert lab(125.0).limit_ratio == 0.5


def test_what_was_not_detected_is_at_level_zero():
    assert (lab(0.1, Bound.BELOW).level, lab(0.1).level) == (0.0, 0.1)


def test_an_event_without_end_goes_on():
    going = Event(1, "", EventKind.STEROID, DAY, value=40.0)
    ended = Event(2, "", EventKind.STEROID, DAY, date(2024, 1, 20), value=40.0)
    assert (going.covers(date(2030, 1, 1)), going.covers(date(2024, 1, 7))) == (True, False)
    assert (ended.covers(date(2024, 1, 20)), ended.covers(date(2024, 1, 21))) == (True, False)
