"""A sparkline as inline SVG: a few points of a sum, drawn by the server, without a script."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from decimal import Decimal
from html import escape

from monitoring.charts.theme import Markup
from patients.written_dates import day

Point = tuple[date, Decimal | float | None]

WIDTH, HEIGHT, AIR = 136.0, 32.0, 4.0


def sparkline(points: Sequence[Point], title: str = "", apart: Collection[int] = ()) -> Markup:
    """The points over time as an inline picture with a title for those who cannot see it.

    Time is to scale, heights run from 0 (or from the least, where that is negative) to the largest value. A
    missing value breaks the line, and a hollow mark stands at the foot where it would be. Without any value there
    is no picture: an empty text. `apart`: the places of points that no line leads to from the one before.
    """
    known = [(on, float(value)) for on, value in points if value is not None]
    if not known:
        return Markup("")
    scale = _Scale([on for on, _ in points], [value for _, value in known])
    label = escape(title or _told(points))
    drawn = "".join(_drawn(points, scale, apart))
    last_x, last_y = scale.place(*known[-1])
    return Markup(
        f'<svg class="spark" role="img" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" '
        f'aria-label="{label}"><title>{label}</title>{drawn}'
        f'<circle cx="{last_x:.1f}" cy="{last_y:.1f}" r="3.2" fill="currentColor"/></svg>'
    )


class _Scale:
    """Dates and values to places in the picture."""

    def __init__(self, dates: Sequence[date], values: Sequence[float]) -> None:
        self.first, self.days = min(dates), (max(dates) - min(dates)).days
        self.low = min(0.0, *values)
        self.range = max(0.0, *values) - self.low

    def place(self, on: date, value: float) -> tuple[float, float]:
        across = (on - self.first).days / self.days if self.days else 0.5
        up = (value - self.low) / self.range if self.range else 0.0
        return AIR + across * (WIDTH - 2 * AIR), HEIGHT - AIR - up * (HEIGHT - 2 * AIR)


def _drawn(points: Sequence[Point], scale: _Scale, apart: Collection[int]) -> Iterator[str]:
    """Each unbroken stretch as a line, a single point as a dot, a missing value as a ring at the foot."""
    for on, value in points:
        if value is None:
            x, y = scale.place(on, scale.low)
            yield (
                f'<circle class="missing" cx="{x:.1f}" cy="{y:.1f}" r="2.4" '
                'fill="none" stroke="currentColor" stroke-width="1.2"/>'
            )
    for stretch in _stretches(points, apart):
        places = [scale.place(on, value) for on, value in stretch]
        if len(places) == 1:
            x, y = places[0]
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2" fill="currentColor"/>'
        else:
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
            yield f'<polyline points="{path}" fill="none" stroke="currentColor" stroke-width="1.8"/>'


def _stretches(points: Sequence[Point], apart: Collection[int]) -> Iterator[list[tuple[date, float]]]:
    stretch: list[tuple[date, float]] = []
    for place, (on, value) in enumerate(points):
        if place in apart and stretch:
            yield stretch
            stretch = []
        if value is not None:
            stretch.append((on, float(value)))
        elif stretch:
            yield stretch
            stretch = []
    if stretch:
        yield stretch


def _told(points: Sequence[Point]) -> str:
    """The points in words."""
    return "; ".join(f"{day(on)}: {'no value' if value is None else f'{value:.4g}'}" for on, value in points)
