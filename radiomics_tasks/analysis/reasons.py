"""The sentences behind a target response: numbers are rounded here, for reading, and nowhere else."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from patients.findings import LesionContribution
from patients.timeline import PatientTimeline, Timepoint
from patients.vocabulary import Absence
from patients.written_dates import day

PROGRESSION_LIMIT = "progression needs at least +20 % and at least +5 mm over the nadir"
RESPONSE_LIMIT = "partial response needs at least −30 % from baseline"
NO_TARGETS = "No target lesions are recorded"
ALL_GONE = "every target is gone: nodes have a short axis under 10 mm, all others measure 0 mm"

_PERCENT_LIMITS = (Decimal(20), Decimal(-30))
_MM_LIMITS = (Decimal(5),)


def rounded(value: Decimal, limits: tuple[Decimal, ...] = ()) -> str:
    """A number for reading: one decimal, or as many as it takes not to jump over a limit.

    Examples
    --------
    >>> rounded(Decimal("23.7416"))
    '23.7'
    >>> rounded(Decimal("19.96"), (Decimal(20),)), rounded(Decimal("-29.99"), (Decimal(-30),))
    ('19.96', '−29.99')
    """
    candidates = (value.quantize(Decimal(1).scaleb(-places)) for places in range(1, 20))
    text = next(shown for shown in candidates if all(_beyond(shown, at) == _beyond(value, at) for at in limits))
    return str(abs(text) if text == 0 else text).replace("-", "−")


def _beyond(value: Decimal, limit: Decimal) -> bool:
    return value >= limit if limit > 0 else value <= limit


def signed(value: Decimal, limits: tuple[Decimal, ...] = ()) -> str:
    """The same with its sign: +14.2, −3.0, 0.0."""
    text = rounded(value, limits)
    return f"+{text}" if value > 0 and text != "0.0" else text


def _percent(change: Decimal, of: Decimal) -> str:
    return f"{signed(change * 100 / of, _PERCENT_LIMITS)} %"


def over_nadir(sum_mm: Decimal, nadir_mm: Decimal, nadir_on: date) -> str:
    """How far a sum lies over the nadir; without a percentage where the nadir is 0 mm."""
    change = sum_mm - nadir_mm
    percent = f"{_percent(change, nadir_mm)} and " if nadir_mm else ""
    where = "over" if change > 0 else "against"
    return f"{percent}{signed(change, _MM_LIMITS)} mm {where} the nadir of {rounded(nadir_mm)} mm ({day(nadir_on)})"


def from_baseline(sum_mm: Decimal, baseline_mm: Decimal, baseline_on: date) -> str:
    """How far a sum lies from the baseline; in millimetres where the baseline is 0 mm."""
    change = sum_mm - baseline_mm
    amount = _percent(change, baseline_mm) if baseline_mm else f"{signed(change)} mm"
    return f"{amount} from the baseline of {rounded(baseline_mm)} mm ({day(baseline_on)})"


def change_from(change_mm: Decimal, of_mm: Decimal, what: str) -> str:
    """A change as a share of something; in millimetres where that is 0 mm.

    >>> change_from(Decimal("-25"), Decimal("100"), "baseline")
    '−25.0 % from baseline'
    """
    return f"{_percent(change_mm, of_mm) if of_mm else signed(change_mm) + ' mm'} from {what}"


def counted(number: int, singular: str) -> str:
    """A number with its noun."""
    return f"{number} {singular}" if number == 1 else f"{number} {singular}s"


def without_size(target: LesionContribution, *, at_baseline: bool = False) -> str:
    """Why a target brings nothing to the sum."""
    if at_baseline:
        return f"{target.tracking_id} has no size at baseline"
    absence = Absence(target.absence or Absence.NOT_OUTLINED)
    if absence is Absence.NOT_OUTLINED:
        return f"{target.tracking_id} not outlined on this visit"
    return f"{target.tracking_id}: {absence.label}"


def circumstances(timeline: PatientTimeline, timepoint: Timepoint) -> Iterator[str]:
    """What a reader must know beside the numbers: outlines that wait, a baseline that had to be chosen."""
    waiting = dict(timeline.waiting_by_timepoint).get(timepoint.pk, 0)
    if waiting:
        yield f"{counted(waiting, 'outline')} of this visit {'waits' if waiting == 1 else 'wait'} to be linked"
    course = timeline.current_course
    if course is None:
        yield "First visit taken as baseline: no treatment course is recorded"
    elif not timeline.baseline_is_before_treatment:
        start = f"{course.name} ({day(course.started_on)})"
        yield f"First visit taken as baseline: no scan on or before the start of {start}"
