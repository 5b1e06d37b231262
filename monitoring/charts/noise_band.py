"""The band within which a change is smaller than what can be measured, drawn around no change."""

from collections.abc import Sequence
from datetime import date

from monitoring.charts import theme
from monitoring.charts.lanes import rule
from monitoring.charts.theme import Json
from monitoring.charts.time_axis import TimeAxis
from patients.noise_beside import NoiseBeside, ratio_limits

NAME = "smaller than what can be measured here, against baseline"


def band_limits(beside: NoiseBeside, ratio: float | None, *, in_percent: bool) -> tuple[float, float] | None:
    """How far down and up a change is within noise, in the unit in which changes are drawn; None: not known.

    `ratio` is the change as a fraction. A band of an absolute change is that fraction's share of it.

    Examples
    --------
    >>> import math
    >>> from patients.words.noise_words import NoiseVerdict
    >>> log = NoiseBeside(NoiseVerdict.INSIDE, is_log=True, change=0.1, limit=math.log(2))
    >>> [round(one) for one in band_limits(log, 0.1, in_percent=True)]
    [-50, 100]
    >>> band_limits(NoiseBeside(NoiseVerdict.INSIDE, change=4.0, limit=8.0), None, in_percent=False)
    (-8.0, 8.0)
    """
    limit = beside.limit
    if limit is None:
        return None
    if not in_percent:
        return None if beside.is_log else (-limit, limit)
    if beside.is_log:
        down, up = ratio_limits(limit)
        return 100 * down, 100 * up
    if not ratio or not beside.change:
        return None
    share = 100 * limit * abs(ratio / beside.change)
    return -share, share


def band_trace(limits: Sequence[tuple[date, tuple[float, float]]], begins_on: date, time: TimeAxis) -> Json | None:
    """A filled area from the baseline on; `limits` are down and up of each visit, in the order of dates."""
    if not limits:
        return None
    points = [(begins_on, limits[0][1]), *limits] if begins_on < limits[0][0] else list(limits)
    across = [time.place(on) for on, _ in points]
    heights = [up for _, (_, up) in points] + [down for _, (down, _) in reversed(points)]
    trace = rule([*across, *reversed(across)], heights, theme.GRID, "solid", NAME)
    return trace | {"fill": "toself", "fillcolor": theme.GRID, "line": {"width": 0}}
