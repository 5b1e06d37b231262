"""The settings: typed, named, and one digest for equal rules."""

from decimal import Decimal

import pytest

from radiomics_tasks.analysis.criteria.protocol import Protocol, ProtocolRefused


def test_equal_rules_have_equal_digests() -> None:
    changed = Protocol().with_settings({"progression_percent": 25})
    assert Protocol().digest == Protocol().with_settings({"pr_persistence": "eortc"}).digest
    assert changed.digest != Protocol().digest
    assert changed.title == f"RECIST 1.1 and iRECIST, version 1 ({changed.digest[:8]})"


def test_numbers_are_exact_decimals() -> None:
    protocol = Protocol().with_settings({"progression_mm": 4.1, "sum_mdc_fall_pct": Decimal("12.25"), "max_ne": 2})
    assert (protocol.progression_mm, protocol.sum_mdc_fall_pct, protocol.max_ne) == (
        Decimal("4.1"),
        Decimal("12.25"),
        2,
    )


def test_words_and_regions() -> None:
    protocol = Protocol().with_settings({"name": "Trial 7", "required_regions": ["LIVER"], "accept_sd": True})
    assert (protocol.name, protocol.required_regions, protocol.accept_sd) == ("Trial 7", ("LIVER",), True)
    assert protocol.with_settings({"required_regions": None}).required_regions is None


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"mood": 1}, "no setting named mood"),
        ({"post_cr": "maybe"}, "post_cr must be one of pd, off"),
        ({"accept_sd": 1}, "accept_sd must be true or false"),
        ({"max_ne": True}, "max_ne must be a number"),
        ({"max_ne": -1}, "max_ne must be a number from 0"),
        ({"max_ne": "two"}, "max_ne must be a number from 0"),
        ({"progression_mm": float("nan")}, "progression_mm must be a number from 0"),
    ],
)
def test_a_setting_that_is_not_one_is_refused_with_a_sentence(settings, words: str) -> None:
    with pytest.raises(ProtocolRefused, match=words):
        Protocol().with_settings(settings)
