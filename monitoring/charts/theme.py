"""Colours, letters and numbers of every chart; a figure leaves as plain JSON that the browser may re-colour.

A figure names its colours by token (`@ink`, `@series0`); the page's script puts in the light, the dark or the
print palette, so a change of theme needs no reload. Plotly's Python package is not loaded: figures are plain
dictionaries in Plotly.js's own words. Texts hold no markup but `<br>`: Plotly turns every other tag into a
style attribute, which the page's security policy refuses.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

from patients.vocabulary import Modality, ResponseCategory

Json = dict[str, Any]

INK, SOFT, GRID, SURFACE = "@ink", "@soft", "@grid", "@surface"
BETTER, WORSE, THERAPY, ON_THERAPY = "@better", "@worse", "@therapy", "@on_therapy"
NOTHING = "rgba(0,0,0,0)"

# Okabe and Ito's colours, darkened or lightened where they would lie under 3:1 against the page.
_SERIES = {
    "light": ("#0072b2", "#d55e00", "#007a59", "#b0558a", "#8f6400", "#3c4653"),
    "dark": ("#56b4e9", "#e69f00", "#2fc69a", "#e09cc4", "#f0e442", "#c3ccd7"),
    "print": ("#00507d", "#b34e00", "#00604a", "#8f3f6d", "#7a5600", "#000000"),
}
_PALETTES = {
    "light": ("#17202b", "#4d5a6b", "#e2e7ed", "#ffffff", "#007a59", "#c14f00", "#d5e3f0", "#17202b"),
    "dark": ("#e6ebf1", "#a5b1c0", "#2b3643", "#182029", "#2fc69a", "#ff9a4d", "#27405a", "#e6ebf1"),
    "print": ("#000000", "#333333", "#cccccc", "#ffffff", "#00604a", "#b34e00", "#dddddd", "#000000"),
}
_TOKENS = (INK, SOFT, GRID, SURFACE, BETTER, WORSE, THERAPY, ON_THERAPY)
THEMES: dict[str, dict[str, str]] = {
    name: dict(zip(_TOKENS, palette, strict=True)) | {f"@series{i}": c for i, c in enumerate(_SERIES[name])}
    for name, palette in _PALETTES.items()
}

# Colour is never the only difference: each lesion also has its own dash and its own marker.
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "star")
MODALITY_SYMBOLS = {Modality.CT: "square", Modality.MR: "diamond", Modality.PT: "hexagon"}
CATEGORY_MARKS = {
    ResponseCategory.BASELINE: ("square", INK),
    ResponseCategory.CR: ("star", BETTER),
    ResponseCategory.PR: ("triangle-down", BETTER),
    ResponseCategory.SD: ("circle", INK),
    ResponseCategory.PD: ("triangle-up", WORSE),
}
FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif'
FONT_PX = 13


class Markup(str):
    """Text that may stand in a page as it is; templates know it by `__html__` and leave it alone."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A finished chart: traces and layout in Plotly.js's words, a hover card for each timepoint, and what it
    shows in one sentence, for those who cannot see it.
    """

    data: tuple[Json, ...]
    layout: Json
    label: str
    cards: Mapping[str, str] = field(default_factory=dict)

    def as_dict(self) -> Json:
        """What the page's script reads."""
        figure = {"data": list(self.data), "layout": self.layout}
        return {"figure": figure, "cards": dict(self.cards), "label": self.label, "themes": THEMES}

    @property
    def json(self) -> Markup:
        """The same as JSON that may stand inside a `<script>` element: it holds no `<`, `>` or `&`."""
        text = json.dumps(self.as_dict(), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))


def series_colour(index: int) -> str:
    """The colour token of the lesion at a place in the list of targets."""
    return f"@series{index % len(SYMBOLS)}"


def themed(part: Any, theme: str) -> Any:
    """A figure, or any part of one, with its tokens replaced by the colours of one theme."""
    if isinstance(part, dict):
        return {key: themed(value, theme) for key, value in part.items()}
    if isinstance(part, list | tuple):
        return [themed(value, theme) for value in part]
    return THEMES[theme].get(part, part) if isinstance(part, str) else part


def base_layout(height_px: int) -> Json:
    """What every chart shares: letters, paper, and a hover label that reads as one card."""
    return {
        "height": height_px,
        "font": {"family": FONT, "size": FONT_PX, "color": INK},
        "paper_bgcolor": NOTHING,
        "plot_bgcolor": NOTHING,
        "showlegend": False,
        "hovermode": "closest",
        "hoverdistance": 24,
        "hoverlabel": {
            "bgcolor": SURFACE,
            "bordercolor": SOFT,
            "align": "left",
            "font": {"family": FONT, "size": FONT_PX, "color": INK},
        },
        "dragmode": "zoom",
        "modebar": {"bgcolor": NOTHING, "color": SOFT, "activecolor": INK},
        "margin": {"l": 80, "r": 146, "t": 14, "b": 52, "pad": 0},
    }


def value_axis(title: str, low: float, high: float, domain: tuple[float, float]) -> Json:
    """A vertical axis that stays where it is, with its unit as title."""
    return {
        "title": {"text": plain_text(title), "standoff": 8, "font": {"size": FONT_PX - 1, "color": SOFT}},
        "range": [low, high],
        "domain": list(domain),
        "fixedrange": True,
        "nticks": 5,
        "gridcolor": GRID,
        "zeroline": False,
        "tickfont": {"size": FONT_PX - 1, "color": SOFT},
    }


def plain_text(text: str) -> str:
    """Text from elsewhere, so that nothing in it is taken for markup."""
    return escape(text, quote=False)


def short(value: float) -> str:
    """A number for reading, four figures.

    >>> short(1234567.0), short(12.3456), short(-0.000123456)
    ('1 234 567', '12.35', '−0.0001235')
    """
    text = f"{value:,.0f}".replace(",", " ") if abs(value) >= 1000 else f"{value:.4g}"
    return text.replace("-", "−")


def signed(value: float, decimals: int = 1) -> str:
    """A change for reading, with its sign.

    >>> signed(14.2), signed(-0.04)
    ('+14.2', '0.0')
    """
    text = f"{value:+.{decimals}f}"
    return text[1:] if float(text) == 0 else text.replace("-", "−")
