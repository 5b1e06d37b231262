"""Aggregates of change over a patient's lesions for whole feature sets at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from patients.concluded.change_findings import Values
from patients.concluded.trusted import AggregateColumns
from patients.findings import Delta
from radiomics_tasks.analysis.change.noise.verdicts import judged_change

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Lesions:
    """Changes as (lesions, features), NaN where there is none, with the baseline volumes (NaN: unknown)."""

    pks: tuple[int, ...]
    changes: Floats
    weights: Floats


def aggregate_columns(
    deltas: Sequence[Delta], is_log: Flags, baseline_ml: Mapping[int, float], *, without: int = 0, new: int = 0
) -> AggregateColumns:
    """Every aggregate of the changes of one visit against one reference, feature by feature.

    Parameters
    ----------
    deltas : of one visit, reference and feature set, at least one, one a lesion.
    is_log : which features are compared as a ratio, in the set's order.
    baseline_ml : volumes (ml) at baseline by lesion; one that is missing leaves no weighted mean and no largest.
    without, new : lesions that cannot be compared, and those that are new.
    """
    lesions = _Lesions(
        tuple(delta.lesion_pk for delta in deltas),
        np.array([judged_change(delta, is_log) for delta in deltas]),
        np.array([baseline_ml.get(delta.lesion_pk, np.nan) for delta in deltas]),
    )
    known = ~np.isnan(lesions.changes)
    count = known.sum(axis=0)
    is_weighted = bool(np.all(lesions.weights > 0))
    largest = int(np.argmax(lesions.weights)) if is_weighted else None
    first = deltas[0]
    return AggregateColumns(
        timepoint_pk=first.timepoint_pk,
        reference=first.reference,
        feature_set_pk=first.feature_set_pk,
        is_log=tuple(is_log.tolist()),
        volume_weighted_mean=_values(_weighted(lesions, known) if is_weighted else _nothing(count)),
        mean=_values(_over(lesions.changes.copy(), known, count)),
        largest=_values(lesions.changes[largest] if largest is not None else _nothing(count)),
        largest_absolute=_values(_largest_absolute(lesions.changes, known)),
        deviation=_values(_deviation(lesions.changes, known, count)),
        spread=_values(_spread(lesions.changes, known, count)),
        lesions=tuple(count.tolist()),
        without_change=tuple((without + len(deltas) - count).tolist()),
        new=new,
        is_weighted=is_weighted,
        largest_lesion_pk=lesions.pks[largest] if largest is not None else None,
    )


def _nothing(count: npt.NDArray[np.int64]) -> Floats:
    return np.full(count.shape, np.nan)


def _weighted(lesions: _Lesions, known: Flags) -> Floats:
    weights = np.where(known, lesions.weights[:, None], 0.0)
    return _divided((weights * np.where(known, lesions.changes, 0.0)).sum(axis=0), weights.sum(axis=0))


def _over(changes: Floats, known: Flags, count: npt.NDArray[np.int64]) -> Floats:
    return _divided(np.where(known, changes, 0.0).sum(axis=0), count)


def _deviation(changes: Floats, known: Flags, count: npt.NDArray[np.int64]) -> Floats:
    from_mean = np.where(known, changes - _over(changes, known, count), 0.0)
    return np.where(count > 1, np.sqrt(_divided((from_mean**2).sum(axis=0), count - 1)), np.nan)


def _spread(changes: Floats, known: Flags, count: npt.NDArray[np.int64]) -> Floats:
    high = np.where(known, changes, -np.inf).max(axis=0)
    low = np.where(known, changes, np.inf).min(axis=0)
    found: Floats = np.full(count.shape, np.nan)
    np.subtract(high, low, out=found, where=count > 1)
    return found


def _largest_absolute(changes: Floats, known: Flags) -> Floats:
    place = np.where(known, np.abs(changes), -1.0).argmax(axis=0)
    found: Floats = changes[place, np.arange(changes.shape[1])]
    return found


def _divided(above: Floats, below: npt.NDArray[np.float64] | npt.NDArray[np.int64]) -> Floats:
    found: Floats = np.full(above.shape, np.nan)
    np.divide(above, below, out=found, where=below > 0)
    return found


def _values(numbers: Floats) -> Values:
    kept: npt.NDArray[np.object_] = numbers.astype(object)
    kept[np.isnan(numbers)] = None
    return tuple(kept.tolist())
