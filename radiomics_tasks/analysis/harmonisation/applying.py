"""Frozen parameters on rows: the same digits every time; what the model has not seen is said, never guessed."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from patients.words.harmonisation_words import Covariate, HarmonisedNote, NotHarmonised
from radiomics_tasks.analysis.harmonisation.cohort import CovariateValue
from radiomics_tasks.analysis.harmonisation.design import row_columns
from radiomics_tasks.analysis.harmonisation.frozen import BatchSeen, FeatureSeen, FrozenModel
from radiomics_tasks.analysis.harmonisation.longitudinal import intercepts


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row to be harmonised: values by feature name, None where there is none; the volume in mL."""

    batch: str
    covariates: Mapping[Covariate, CovariateValue]
    names: tuple[str, ...]
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Harmonised:
    """Harmonised values in the order of the raw ones, each None with its reason or a number with none."""

    values: tuple[float | None, ...]
    reasons: tuple[NotHarmonised | None, ...]
    notes: tuple[HarmonisedNote, ...] = ()


@dataclass(frozen=True, slots=True)
class _Place:
    """Where one row stands in a model."""

    batch: BatchSeen
    columns: tuple[float, ...]


def harmonised(model: FrozenModel, row: RawRow) -> Harmonised:
    """One row under a frozen model; of a longitudinal one, a subject seen once."""
    return subject_harmonised(model, [row])[0]


def subject_harmonised(model: FrozenModel, rows: Sequence[RawRow]) -> list[Harmonised]:
    """All rows of one subject under a frozen model.

    A longitudinal model predicts the subject's own intercept from the rows given, so they belong together; for
    any other each row stands alone.
    """
    places = [_place(model, row) for row in rows]
    known = {feature.name: at for at, feature in enumerate(model.features)}
    columns = [_logs(model, known, row) for row in rows]
    own = _own_intercepts(model, places, columns)
    return [_one(model, known, row, place, own) for row, place in zip(rows, places, strict=True)]


def _place(model: FrozenModel, row: RawRow) -> _Place | NotHarmonised:
    if not row.batch:
        return NotHarmonised.BATCH_UNKNOWN
    batch = next((one for one in model.batches if one.label == row.batch), None)
    if batch is None:
        return NotHarmonised.BATCH_NOT_IN_MODEL
    columns = row_columns(model.covariates, row.covariates)
    return columns if isinstance(columns, NotHarmonised) else _Place(batch, columns)


def _one(
    model: FrozenModel,
    known: Mapping[str, int],
    row: RawRow,
    place: _Place | NotHarmonised,
    own: Sequence[float],
) -> Harmonised:
    if isinstance(place, NotHarmonised):
        return Harmonised((None,) * len(row.values), (place,) * len(row.values))
    found = [
        _value(model, known.get(name), value, place, own) for name, value in zip(row.names, row.values, strict=True)
    ]
    values, reasons = zip(*found, strict=True) if found else ((), ())
    return Harmonised(values, reasons, _notes(model, place))


def _value(
    model: FrozenModel, at: int | None, value: float | None, place: _Place, own: Sequence[float]
) -> tuple[float | None, NotHarmonised | None]:
    if at is None:
        return None, NotHarmonised.FEATURE_NOT_IN_MODEL
    feature = model.features[at]
    number, reason = _on_scale(feature, value)
    if number is None:
        return None, reason
    expected = _expected(feature, place) + own[at]
    z = (number - expected) / feature.sigma
    moved = (z - place.batch.gamma[at]) / math.sqrt(place.batch.delta[at]) * feature.sigma + expected
    try:
        back = math.exp(moved) if feature.is_log else moved
    except OverflowError:
        return None, NotHarmonised.NONFINITE
    return (back, None) if math.isfinite(back) else (None, NotHarmonised.NONFINITE)


def _on_scale(feature: FeatureSeen, value: float | None) -> tuple[float | None, NotHarmonised | None]:
    if value is None or not math.isfinite(value):
        return None, NotHarmonised.NO_RAW_VALUE
    if feature.is_log and value <= 0:
        return None, NotHarmonised.NOT_POSITIVE
    return (math.log(value) if feature.is_log else value), None


def _expected(feature: FeatureSeen, place: _Place) -> float:
    expected = feature.grand
    for column, slope in zip(place.columns, feature.slopes, strict=True):
        expected += column * slope
    return expected


def _logs(model: FrozenModel, known: Mapping[str, int], row: RawRow) -> list[float | None]:
    """The row's values on the model's scale, in the model's order of features."""
    found: list[float | None] = [None] * len(model.features)
    for name, value in zip(row.names, row.values, strict=True):
        if name in known:
            found[known[name]] = _on_scale(model.features[known[name]], value)[0]
    return found


def _own_intercepts(
    model: FrozenModel, places: Sequence[_Place | NotHarmonised], columns: Sequence[Sequence[float | None]]
) -> list[float]:
    if not model.is_longitudinal:
        return [0.0] * len(model.features)
    own = []
    for at, feature in enumerate(model.features):
        left = [
            number - _expected(feature, place) - place.batch.effects[at]
            for place, number in zip(places, (column[at] for column in columns), strict=True)
            if isinstance(place, _Place) and number is not None
        ]
        rows = np.array(left, dtype=np.float64).reshape(-1, 1)
        own.append(float(intercepts(rows, np.array([feature.subject_ratio]))[0]))
    return own


def _notes(model: FrozenModel, place: _Place) -> tuple[HarmonisedNote, ...]:
    notes = [HarmonisedNote.MEAN_ONLY] if place.batch.is_mean_only else []
    at = 0
    for one in model.covariates:
        if one.covariate.is_number and not one.low <= place.columns[at] <= one.high:
            notes.append(HarmonisedNote.OUTSIDE_RANGE)
        at += one.width
    return tuple(notes)
