"""One feature of one lesion over all its visits in a few numbers; what was not seen is left out, never carried on."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from patients.concluded.change_findings import Derived
from patients.concluded.trusted import LesionTrajectories, Trajectory
from patients.feature_names import DEFAULT_PANEL
from patients.vocabulary import Reference
from patients.words.noise_words import Undefined
from radiomics_tasks.analysis.change.followed import Pairing
from radiomics_tasks.analysis.change.growth import DAYS_A_MONTH
from radiomics_tasks.analysis.change.noise.bands import is_log_scale

FEWEST_VISITS = 3
Floats = npt.NDArray[np.float64]


def trajectory(feature: str, days: Sequence[int], values: Sequence[float | None]) -> Trajectory:
    """The trajectory of a feature whose values were taken `days` after the lesion's baseline, the first of them.

    Three values are needed, the first among them for what is a ratio to it. Between two values the course is a
    straight line, whether or not a visit without one lies between them: the last value is never carried forward.
    Ratios and the variation exist for features that are compared as ratios. A flat stretch is no turn.

    Raises
    ------
    ValueError
        Where days do not rise: two scans of one day are a test and a retest, no course.

    Examples
    --------
    >>> found = trajectory("original_glcm_Contrast", [0, 60, 120, 180], [1.0, 2.0, None, 1.0])
    >>> found.visits, found.highest.value, found.days_to_highest.value, found.turns.value
    (3, 2.0, 60.0, 1.0)
    >>> f"{found.mean_log_ratio.value:.6f} {found.variation.value:.6f}"
    '0.346574 0.433013'
    >>> trajectory("original_glcm_Contrast", [0, 60], [1.0, 2.0]).slope_per_month.absence.label
    'needs three visits with this value'
    """
    if any(later <= earlier for earlier, later in pairwise(days)):
        raise ValueError("the days of a trajectory must rise")
    known = [(day, value) for day, value in zip(days, values, strict=True) if value is not None]
    is_log = is_log_scale(feature)
    if len(known) < FEWEST_VISITS:
        none = Derived(None, Undefined.TOO_FEW_VISITS)
        return Trajectory(feature, is_log, len(known), _span(known), *(none,) * 6)
    on, taken = (np.array(side, dtype=np.float64) for side in zip(*known, strict=True))
    has_ratio = is_log and bool((taken > 0).all())
    top = int(taken.argmax())
    return Trajectory(
        feature=feature,
        is_log=is_log,
        visits=len(known),
        days=_span(known),
        slope_per_month=_slope(on, np.log(taken) if has_ratio else taken) if has_ratio or not is_log else _NO_RATIO,
        mean_log_ratio=_mean_log_ratio(on, taken) if has_ratio and values[0] is not None else _NO_RATIO,
        highest=Derived(float(taken[top])),
        days_to_highest=Derived(float(on[top])),
        turns=Derived(float(_turns(taken))),
        variation=Derived(float(taken.std(ddof=1) / taken.mean())) if has_ratio else _NO_RATIO,
    )


_NO_RATIO = Derived(None, Undefined.NO_RATIO)


def _span(known: Sequence[tuple[int, float]]) -> int:
    return known[-1][0] - known[0][0] if known else 0


def _slope(on: Floats, heights: Floats) -> Derived:
    """Ordinary least squares on time, per month of 30.4375 days."""
    time = (on - on.mean()) / DAYS_A_MONTH
    return Derived(float(time @ (heights - heights.mean()) / (time @ time)))


def _mean_log_ratio(on: Floats, taken: Floats) -> Derived:
    """The area under ln(value / first value) by trapezoids, over its duration."""
    heights = np.log(taken / taken[0])
    area = ((heights[1:] + heights[:-1]) / 2 * np.diff(on)).sum()
    return Derived(float(area / (on[-1] - on[0])))


def _turns(taken: Floats) -> int:
    """How often the sign of the change from one value to the next is another than before."""
    signs = np.sign(np.diff(taken))
    signs = signs[signs != 0]
    return int((signs[1:] != signs[:-1]).sum())


def panel_trajectories(comparable: Sequence[Pairing]) -> tuple[LesionTrajectories, ...]:
    """The default panel of every lesion and kind of scan, over its baseline and what may be compared with it.

    `comparable`: pairs between which texture may be seen; those against other references, and under another feature
    set than the baseline's, are left out. Lesions of two visits have none.
    """
    courses: dict[tuple[int, int], list[Pairing]] = defaultdict(list)
    for one in comparable:
        then, now = one.then.observation.features, one.now.observation.features
        if one.reference is Reference.BASELINE and then and now and then.feature_set_pk == now.feature_set_pk:
            courses[one.track.lesion_pk, now.feature_set_pk].append(one)
    return tuple(
        LesionTrajectories(lesion, feature_set, _panel(course))
        for (lesion, feature_set), course in courses.items()
        if len(course) >= FEWEST_VISITS - 1
    )


def _panel(course: Sequence[Pairing]) -> tuple[Trajectory, ...]:
    by_day = {0: course[0].then.observation, **{one.interval_days: one.now.observation for one in course}}
    days = sorted(by_day)
    held = [features for day in days if (features := by_day[day].features) is not None]
    places = {name: place for place, name in enumerate(held[0].names)}
    return tuple(
        trajectory(name, days, [features.values[places[name]] for features in held])
        for name in DEFAULT_PANEL
        if name in places
    )
