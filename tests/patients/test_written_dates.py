"""A date is written for a person in one way, and a visit of several days says all of them."""

import doctest
from datetime import date

import pytest

from patients import written_dates
from patients.written_dates import day, days


def test_the_examples_of_the_room():
    assert doctest.testmod(written_dates).failed == 0


@pytest.mark.parametrize(("on", "words"), [(date(2021, 3, 1), "1 Mar 2021"), (date(1999, 12, 31), "31 Dec 1999")])
def test_a_day(on, words):
    assert day(on) == words == days(on, on)


def test_a_visit_over_a_turn_of_the_year():
    assert days(date(2023, 12, 30), date(2024, 1, 2)) == "30 Dec 2023 – 2 Jan 2024"
