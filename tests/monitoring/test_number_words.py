"""Numbers as a person reads them."""

from decimal import Decimal

import pytest

from monitoring import number_words

THIN = "\u202f"


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (number_words.mm(Decimal("34.60")), f"34.6{THIN}mm"),
        (number_words.mm(None), "–"),
        (number_words.tenths(22.04), "22.0"),
        (number_words.tenths(None), "–"),
        (number_words.whole(-7), "−7"),
        (number_words.whole(None), "–"),
        (number_words.ml(9.876), f"9.88{THIN}mL"),
        (number_words.ml(123.4), f"123.4{THIN}mL"),
        (number_words.ml(None), "–"),
        (number_words.signed_mm(-25.24), f"−25.2{THIN}mm"),
        (number_words.signed_mm(-0.01), f"0.0{THIN}mm"),
        (number_words.signed_mm(None), "–"),
        (number_words.percent(Decimal("-0.4221")), f"−42.2{THIN}%"),
        (number_words.percent(0.2), f"+20.0{THIN}%"),
        (number_words.percent(None), "–"),
        (number_words.size_of_file(0), f"0{THIN}B"),
        (number_words.size_of_file(526_336), f"526{THIN}kB"),
        (number_words.size_of_file(33_700_000), f"33.7{THIN}MB"),
        (number_words.size_of_file(2_500_000_000), f"2.50{THIN}GB"),
    ],
)
def test_numbers_for_reading(shown, words):
    assert shown == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (1234.5678, "1235"),
        (-3.0, "−3.000"),
        (0.0, "0"),
        (0.00123, "0.001230"),
        (1.2345e-5, "1.234×10⁻⁵"),
        (-6.56e7, "−6.560×10⁷"),
        (None, "–"),
    ],
)
def test_a_feature_has_four_digits_that_count(value, words):
    assert number_words.number(value) == words


def test_what_a_template_did_not_find_is_no_number():
    assert number_words.is_absent("") and number_words.is_absent(None)
    assert not number_words.is_absent(0.0)


def test_a_change_has_its_sign():
    assert (number_words.signed(0.5), number_words.signed(-0.5), number_words.signed(0.0)) == (
        "+0.5000",
        "−0.5000",
        "0",
    )
    assert number_words.signed(None) == "–"
