"""Many lesions, one patient: named aggregates of a change, heterogeneity between lesions, opposite responses."""

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum

from patients.concluded.change_findings import Derived, DissociatedResponse, PatientAggregates
from patients.words.noise_words import Undefined

SHRUNK_RATIO = Decimal("0.7")
GROWN_RATIO = Decimal("1.2")
GROWN_MM = 5


@dataclass(frozen=True, slots=True)
class LesionChange:
    """The change of one feature in one lesion, None where it is not defined, and the lesion's volume at baseline.

    `is_new`: the lesion was not there at the reference and has no change.
    """

    lesion_pk: int
    change: float | None
    baseline_volume_ml: float | None
    is_new: bool = False


class Worse(IntEnum):
    """In which direction a feature gets worse: a size by growing; of most features nobody knows."""

    UP = 1
    DOWN = -1
    UNKNOWN = 0


def patient_aggregates(changes: Sequence[LesionChange], worse: Worse) -> PatientAggregates:
    """Every aggregate of one change over a patient's lesions, each with its reason where it does not exist.

    Weights are volumes at baseline, so that the outcome does not choose them; one lesion without a weight leaves no
    weighted mean. Deviation (n - 1) and spread (largest less smallest) need two lesions. Lesions without the
    change, and new ones, are counted and are in no number.

    Examples
    --------
    >>> lesions = [LesionChange(1, 0.1, 9.0), LesionChange(2, -0.5, 1.0), LesionChange(3, None, 2.0)]
    >>> found = patient_aggregates(lesions, Worse.UP)
    >>> f"{found.volume_weighted_mean.value:.2f} {found.mean.value:.2f} {found.largest_absolute.value}"
    '0.04 -0.20 -0.5'
    >>> found.largest_pk, found.worst_pk, found.lesions, found.without_change
    (1, 1, 2, 1)
    """
    known = [(one, one.change) for one in changes if one.change is not None and not one.is_new]
    values = [change for _, change in known]
    deviation = _of_several(values, statistics.stdev)
    largest = _largest_at_baseline(known)
    absolute = max(known, key=lambda pair: abs(pair[1]), default=None)
    worst = max(known, key=lambda pair: pair[1] * worse, default=None)
    return PatientAggregates(
        volume_weighted_mean=_weighted_mean(known),
        mean=Derived(statistics.fmean(values)) if values else Derived(None, Undefined.NO_LESIONS),
        largest=Derived(None, _why_no_largest(known)) if largest is None else Derived(largest[1]),
        largest_absolute=Derived(None, Undefined.NO_LESIONS) if absolute is None else Derived(absolute[1]),
        worst=_worst(worst, worse),
        deviation=deviation,
        spread=_of_several(values, lambda them: max(them) - min(them)),
        lesions=len(known),
        without_change=sum(one.change is None and not one.is_new for one in changes),
        new=sum(one.is_new for one in changes),
        largest_pk=None if largest is None else largest[0].lesion_pk,
        largest_absolute_pk=None if absolute is None else absolute[0].lesion_pk,
        worst_pk=None if worst is None or worse is Worse.UNKNOWN else worst[0].lesion_pk,
    )


_Known = Sequence[tuple[LesionChange, float]]


def _weighted_mean(known: _Known) -> Derived:
    if not known:
        return Derived(None, Undefined.NO_LESIONS)
    weights = [one.baseline_volume_ml for one, _ in known]
    present = [weight for weight in weights if weight is not None]
    total = math.fsum(present)
    if len(present) < len(weights) or not total > 0:
        return Derived(None, Undefined.WEIGHT_MISSING)
    return Derived(math.fsum(weight * change for weight, (_, change) in zip(present, known, strict=True)) / total)


def _largest_at_baseline(known: _Known) -> tuple[LesionChange, float] | None:
    """The lesion with the largest baseline volume; a lesion without one might be it, and then nobody knows."""
    sized = [(one.baseline_volume_ml, (one, change)) for one, change in known if one.baseline_volume_ml is not None]
    if len(sized) < len(known):
        return None
    return max(sized, key=lambda item: item[0], default=(0.0, None))[1]


def _why_no_largest(known: _Known) -> Undefined:
    return Undefined.WEIGHT_MISSING if known else Undefined.NO_LESIONS


def _worst(worst: tuple[LesionChange, float] | None, worse: Worse) -> Derived:
    if worse is Worse.UNKNOWN:
        return Derived(None, Undefined.NO_WORSE_DIRECTION)
    return Derived(None, Undefined.NO_LESIONS) if worst is None else Derived(worst[1])


def _of_several(values: Sequence[float], number: Callable[[Sequence[float]], float]) -> Derived:
    if not values:
        return Derived(None, Undefined.NO_LESIONS)
    return Derived(None, Undefined.TOO_FEW_LESIONS) if len(values) < 2 else Derived(number(values))


def inter_lesion_heterogeneity(volumes_ml: Sequence[tuple[float | None, float | None]]) -> Derived:
    """How differently a patient's lesions grow: the deviation (n - 1) of the logarithms of their volume ratios.

    Volumes at the reference and now, one pair a lesion; those without both, or with one of zero, are left out.

    Examples
    --------
    >>> f"{inter_lesion_heterogeneity([(10.0, 20.0), (10.0, 5.0)]).value:.4f}"
    '0.9803'
    >>> inter_lesion_heterogeneity([(10.0, 20.0), (10.0, 0.0)]).absence.label
    'needs at least two lesions'
    """
    logs = [math.log(now) - math.log(then) for then, now in volumes_ml if then and now]
    return Derived(statistics.stdev(logs)) if len(logs) > 1 else Derived(None, Undefined.TOO_FEW_LESIONS)


@dataclass(frozen=True, slots=True)
class DiameterPair:
    """The longest diameters of one lesion at the reference and now, None where not measured; `is_new`: none then."""

    lesion_pk: int
    then_mm: Decimal | None
    now_mm: Decimal | None
    is_new: bool = False


def dissociated_response(lesions: Sequence[DiameterPair]) -> DissociatedResponse:
    """Whether one lesion shrank by at least 30 % while another grew by at least 20 % and 5 mm, or is new.

    At least two lesions must be measured at both dates or be new. One that was gone and is back has grown.

    References
    ----------
    Humbert O et al. Front Oncol 2020;10:566297 (the concept); the limits are those of RECIST 1.1.

    Examples
    --------
    >>> def pair(pk, then, now):
    ...     return DiameterPair(pk, Decimal(then), Decimal(now))
    >>> dissociated_response([pair(1, 30, 21), pair(2, 25, 30)]).is_present
    True
    >>> dissociated_response([pair(1, 30, 21), pair(2, 20, 24)]).is_present  # only +4 mm
    False
    >>> dissociated_response([pair(1, 30, 21), DiameterPair(2, None, Decimal(9), is_new=True)]).new
    (2,)
    """
    new = tuple(one.lesion_pk for one in lesions if one.is_new)
    pairs = [
        (one.lesion_pk, one.then_mm, one.now_mm)
        for one in lesions
        if one.then_mm is not None and one.now_mm is not None and not one.is_new
    ]
    if len(pairs) + len(new) < 2:
        return DissociatedResponse(None, Undefined.TOO_FEW_LESIONS)
    shrunk = tuple(pk for pk, then, now in pairs if then > 0 and now <= SHRUNK_RATIO * then)
    grown = tuple(pk for pk, then, now in pairs if now >= GROWN_RATIO * then and now - then >= GROWN_MM)
    return DissociatedResponse(bool(shrunk and (grown or new)), None, shrunk, grown, new)
