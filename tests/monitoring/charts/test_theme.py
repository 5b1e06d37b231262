"""Colours by token, numbers for reading, and JSON that may stand in a page."""

import json

import pytest
from django.template import Context, Template

from monitoring.charts.theme import DASHES, SYMBOLS, THEMES, Drawing, Markup, series_colour, short, signed, themed


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", sorted(THEMES))
def test_lines_and_letters_stand_out_from_the_page(theme: str) -> None:
    palette = THEMES[theme]
    for token in (*(f"@series{i}" for i in range(6)), "@better", "@worse"):
        assert contrast(palette[token], palette["@surface"]) >= 3, token
    for token in ("@ink", "@soft"):
        assert contrast(palette[token], palette["@surface"]) >= 4.5, token
    assert contrast(palette["@on_therapy"], palette["@therapy"]) >= 4.5


def test_every_theme_has_every_token() -> None:
    assert {frozenset(palette) for palette in THEMES.values()} == {frozenset(THEMES["light"])}


def test_lesions_differ_by_dash_and_marker_too() -> None:
    assert len(set(DASHES)) == len(set(SYMBOLS)) == 6
    assert series_colour(6) == series_colour(0)


def test_tokens_are_replaced_wherever_they_stand() -> None:
    part = {"a": ["@ink", 1, None], "b": {"c": ("@soft", "text")}}
    assert themed(part, "print") == {"a": ["#000000", 1, None], "b": {"c": ["#333333", "text"]}}


def test_json_may_stand_in_a_script_element() -> None:
    drawing = Drawing(({"name": "</script><b>&"},), {}, "label")
    page = Template("{{ drawing.json }}").render(Context({"drawing": drawing}))
    assert not set("<>&") & set(page)
    assert json.loads(page)["figure"]["data"] == [{"name": "</script><b>&"}]


def test_a_number_that_is_none_never_reaches_the_page() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        _ = Drawing(({"y": [float("nan")]},), {}, "label").json


def test_markup_is_left_alone_by_templates() -> None:
    assert Template("{{ text }}").render(Context({"text": Markup("<svg/>")})) == "<svg/>"


def test_numbers_for_reading() -> None:
    assert (short(0.0), short(12345.6), short(-1.23456)) == ("0", "12 346", "−1.235")
    assert (signed(23.74), signed(-3.0), signed(0.04)) == ("+23.7", "−3.0", "0.0")
