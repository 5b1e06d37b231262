"""The course of a feature in a few numbers, each with its unit, or the reason why it is not there."""

from monitoring.charts.theme import short
from patients.concluded.change_findings import Derived
from patients.concluded.trusted import Trajectory


def trajectory_shown(found: Trajectory | None, unit: str) -> list[tuple[str, str]]:
    """Name and words of each number; `unit` is the feature's, empty where it has none. Empty without a course."""
    if found is None:
        return []
    after = f" {unit}" if unit else ""
    per_month = " per month, of its logarithm" if found.is_log else f"{after} per month"
    return [
        ("Course", f"{found.visits} visits, {found.days} days"),
        ("Slope", _said(found.slope_per_month, per_month, is_signed=True)),
        ("Mean log-ratio", _said(found.mean_log_ratio, is_signed=True)),
        ("Highest", _said(found.highest, after)),
        ("Highest after", _said(found.days_to_highest, " days")),
        ("Turns", _said(found.turns)),
        ("Variation", _said(found.variation)),
    ]


def _said(one: Derived, after: str = "", *, is_signed: bool = False) -> str:
    if one.value is None:
        return one.absence.label if one.absence else ""
    return f"{'+' if is_signed and one.value > 0 else ''}{short(one.value)}{after}"
