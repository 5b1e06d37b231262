"""Which later visit confirms a response, and how long a response stands."""

from datetime import date, timedelta

import pytest

from patients.vocabulary import ResponseCategory
from radiomics_tasks.analysis.criteria.protocol import Protocol
from radiomics_tasks.analysis.criteria.rules.confirmation import Called, confirmed_pairs, is_response_standing


def series(text: str, days: int = 28) -> list[Called]:
    """Categories so many days apart."""
    first = date(2024, 1, 1)
    return [Called(ResponseCategory(word), first + timedelta(days=days * n)) for n, word in enumerate(text.split())]


def confirmed(text: str, days: int = 28, **settings) -> set[str]:
    return {pair.category.value for pair in confirmed_pairs(series(text, days), Protocol().with_settings(settings))}


PAIRS = [
    ("CR CR", {"CR"}),
    ("PR PR", {"PR"}),
    ("PR CR", {"PR"}),
    ("CR PR", set()),
    ("SD SD", set()),
    ("PR PD PR", set()),
    ("CR NE CR", {"CR"}),
    ("CR NE NE CR", set()),
    ("CR PR CR", {"PR"}),
    ("PR NE PR", {"PR"}),
    ("PR NE NE PR", set()),
    ("PR NE PR NE PR", {"PR"}),
    ("PR SD PR", set()),
    ("NED NED", set()),
    ("PR NON_CR_NON_PD PR", set()),
]


@pytest.mark.parametrize(("text", "expected"), PAIRS)
def test_pairs(text: str, expected: set[str]) -> None:
    assert confirmed(text) == expected


def test_one_stable_visit_between_where_the_protocol_accepts_it() -> None:
    assert confirmed("PR SD PR", accept_sd=True) == {"PR"}
    assert confirmed("PR SD SD PR", accept_sd=True) == set()
    assert confirmed("CR SD CR", accept_sd=True) == set()


def test_days_are_counted_inclusively() -> None:
    assert confirmed("PR PR", days=27) == set()
    assert confirmed("PR PR PR", days=14) == {"PR"}
    assert confirmed("PR PR", days=27, confirm_days=27) == {"PR"}


def test_no_partial_response_after_a_complete_one_inside_the_window() -> None:
    assert confirmed("PR CR PR", days=14) == set()
    assert confirmed("PR CR PR CR", days=14) == set()


STANDING = [
    ("PR PR", True),
    ("PR CR", True),
    ("CR PR", True),
    ("PR", False),
    ("PR SD PR", False),
    ("PR NE NE NE PR", True),
    ("PR PR SD SD", True),
    ("PR PR PD", False),
    ("PR PD PR", False),
    ("", False),
]


@pytest.mark.parametrize(("text", "expected"), STANDING)
def test_a_confirmed_response_stands_until_progression(text: str, expected) -> None:
    assert is_response_standing(series(text), Protocol()) is expected


def test_without_confirmation_any_response_stands() -> None:
    protocol = Protocol(confirmation=False)
    assert is_response_standing(series("PR SD"), protocol)
    assert not is_response_standing(series("PR PD SD"), protocol)
    assert not is_response_standing(series("SD SD"), protocol)


def test_strict_never_stands() -> None:
    assert not is_response_standing(series("PR PR"), Protocol(pr_persistence="strict"))


def test_a_response_too_soon_does_not_stand_yet() -> None:
    assert not is_response_standing(series("PR PR", days=27), Protocol())
    assert is_response_standing(series("PR PR PR", days=14), Protocol())
