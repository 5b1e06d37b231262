"""What agreement between an expected and an obtained value means."""

from datetime import date
from decimal import Decimal

from patients.vocabulary import ResponseCategory
from radiomics_tasks.analysis.conformance.case import CaseOutcome, plain


def outcome(expected, obtained):
    return CaseOutcome("X1", "", {"value": expected}, {"value": obtained})


def test_numbers_agree_as_exact_decimals() -> None:
    assert outcome(8.2, Decimal("8.2")).is_met
    assert not outcome(8.2, Decimal("8.2000001")).is_met
    assert outcome([None, 3], (None, Decimal(3))).is_met


def test_words_and_dates_agree_with_their_text() -> None:
    assert outcome({"a": "PR"}, {"a": ResponseCategory.PR}).is_met
    assert outcome("2024-01-01", date(2024, 1, 1)).is_met


def test_no_date_is_not_any_date() -> None:
    assert outcome(None, None).is_met
    assert not outcome(None, date(2024, 1, 1)).is_met


def test_a_missing_key_does_not_agree_with_none() -> None:
    assert not CaseOutcome("X1", "", {"pd_date": None}, {}).is_met


def test_a_case_that_expects_nothing_is_not_met() -> None:
    assert not CaseOutcome("X1", "", {}, {"overall": []}).is_met


def test_truth_values_stay() -> None:
    assert plain(True) is True
