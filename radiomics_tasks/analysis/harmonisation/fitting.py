"""From a cohort to a frozen model: sifted, logarithms taken, standardised, shrunk; each doubt in words."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from radiomics_tasks.analysis.change.semantics import semantics
from radiomics_tasks.analysis.harmonisation.cohort import Cohort, Floats, allowed_covariates
from radiomics_tasks.analysis.harmonisation.combat import BatchEffects, Standard, batch_effects, standard
from radiomics_tasks.analysis.harmonisation.design import (
    CovariateSeen,
    batch_positions,
    covariate_matrix,
    overlap_warnings,
    refuse_confounded,
    seen_in,
)
from radiomics_tasks.analysis.harmonisation.frozen import BatchSeen, FeatureSeen, FrozenModel
from radiomics_tasks.analysis.harmonisation.longitudinal import Mixed, mixed
from radiomics_tasks.analysis.harmonisation.sieves import ENOUGH, sifted
from radiomics_tasks.errors import Refusal


@dataclass(frozen=True, eq=False)
class _Numbers:
    """What a fit yields before it is frozen: the fixed part, the batches' effects and the subjects' share."""

    fixed: Standard
    effects: BatchEffects
    subject_ratio: Floats


def fit(cohort: Cohort, scope: Mapping[str, str], *, is_longitudinal: bool = False) -> FrozenModel:
    """Parametric empirical-Bayes ComBat of a cohort, frozen.

    Positive features enter as logarithms. Batches of 10 to 19 rows are mean-only; smaller ones, lone rows and
    gaps are left out by name. With `is_longitudinal` each subject has a random intercept (several visits).

    Raises
    ------
    Refusal
        E_COVARIATE, E_ROWS_TWICE, E_NO_FEATURES, E_BATCHES, E_CONFOUNDED, E_FEW_ROWS, E_NOT_CONVERGED, or
        E_NOT_REPEATED where a longitudinal model is asked for and no subject was seen twice.
    """
    allowed_covariates(cohort.covariates)
    whole = sifted(cohort)
    kept, seen = whole.cohort, seen_in(whole.cohort)
    refuse_confounded(kept, seen)
    is_log = logarithmic(kept)
    values = kept.values
    values[:, is_log] = np.log(values[:, is_log])
    at_batch, counts = batch_positions(kept), Counter(row.batch for row in kept.rows)
    columns = covariate_matrix(kept, seen)
    if len(kept.rows) <= len(kept.batches) + columns.shape[1] + 1:
        raise Refusal(
            "E_FEW_ROWS", "There are as many covariates and scanners as lesions. Nothing is left to estimate."
        )
    is_mean_only = np.array([counts[batch] < ENOUGH for batch in kept.batches])
    subjects = np.unique([row.subject for row in kept.rows], return_inverse=True)[1]
    numbers = _numbers(values, at_batch, columns, is_mean_only, subjects if is_longitudinal else None)
    return FrozenModel(
        is_longitudinal=is_longitudinal,
        scope=tuple(sorted(scope.items())),
        features=_features(kept, is_log, numbers),
        batches=_batches(kept, counts, is_mean_only, numbers),
        covariates=seen,
        rows=len(kept.rows),
        subjects=int(subjects.max()) + 1,
        omissions=whole.omissions,
        warnings=tuple(_warnings(kept, seen, counts, numbers.effects, is_longitudinal=is_longitudinal)),
    )


def logarithmic(cohort: Cohort) -> npt.NDArray[np.bool_]:
    """Which features enter as logarithms: those whose scale allows one, and that are positive in every row."""
    allows = np.array([semantics(name).has_log for name in cohort.features], dtype=bool)
    return allows & (cohort.values > 0).all(axis=0)


def _numbers(
    values: Floats,
    at_batch: npt.NDArray[np.int64],
    columns: Floats,
    is_mean_only: npt.NDArray[np.bool_],
    at_subject: npt.NDArray[np.int64] | None,
) -> _Numbers:
    if at_subject is None:
        fixed = standard(values, at_batch, columns)
        standardised = (values - fixed.mean(columns)) / fixed.sigma
        return _Numbers(fixed, batch_effects(standardised, at_batch, is_mean_only), np.zeros(values.shape[1]))
    if int(np.bincount(at_subject).max()) < 2:
        raise Refusal("E_NOT_REPEATED", "No patient was seen twice: take the plain harmonisation.")
    model = mixed(values, at_batch, columns, at_subject)
    own = model.predicted_intercepts(values, at_batch, columns, at_subject)
    # By the mean square of what is left, not by the REML variance: predicted intercepts take up a share of the spread,
    # and a patient's own changes would be blown up by it (by a fifth with three visits).
    fixed = replace(model.fixed, sigma=_root_mean_square(values - model.fixed.mean(columns) - own, model, at_batch))
    standardised = (values - fixed.mean(columns) - own) / fixed.sigma
    return _Numbers(fixed, batch_effects(standardised, at_batch, is_mean_only), model.subject_ratio)


def _root_mean_square(left: Floats, model: Mixed, at_batch: npt.NDArray[np.int64]) -> Floats:
    squares: Floats = np.square(left - model.fixed.effects[at_batch]).sum(axis=0)
    return np.asarray(np.sqrt(squares / len(left)), dtype=np.float64)


def _features(cohort: Cohort, is_log: npt.NDArray[np.bool_], numbers: _Numbers) -> tuple[FeatureSeen, ...]:
    fixed = numbers.fixed
    return tuple(
        FeatureSeen(
            name=name,
            unit=cohort.units[at],
            is_log=bool(is_log[at]),
            grand=float(fixed.grand[at]),
            sigma=float(fixed.sigma[at]),
            slopes=tuple(fixed.slopes[:, at].tolist()),
            subject_ratio=float(numbers.subject_ratio[at]),
        )
        for at, name in enumerate(cohort.features)
    )


def _batches(
    cohort: Cohort, counts: Mapping[str, int], is_mean_only: npt.NDArray[np.bool_], numbers: _Numbers
) -> tuple[BatchSeen, ...]:
    return tuple(
        BatchSeen(
            label=batch,
            rows=counts[batch],
            is_mean_only=bool(is_mean_only[at]),
            is_shrunk=numbers.effects.is_shrunk[at],
            gamma=tuple(numbers.effects.gamma[at].tolist()),
            delta=tuple(numbers.effects.delta[at].tolist()),
            effects=tuple(numbers.fixed.effects[at].tolist()),
        )
        for at, batch in enumerate(cohort.batches)
    )


def _warnings(
    cohort: Cohort,
    seen: tuple[CovariateSeen, ...],
    counts: Mapping[str, int],
    effects: BatchEffects,
    *,
    is_longitudinal: bool,
) -> list[str]:
    said = [
        f"{batch}: {counts[batch]} lesions, fewer than {ENOUGH}: mean-only, its spread is left as it is."
        for batch in cohort.batches
        if counts[batch] < ENOUGH
    ]
    said += [
        f"{batch}: its own means and spreads are taken as they are, for the features tell no prior."
        for batch, is_shrunk in zip(cohort.batches, effects.is_shrunk, strict=True)
        if not is_shrunk
    ]
    said += overlap_warnings(cohort, seen)
    patients = len({row.subject for row in cohort.rows})
    if not is_longitudinal and patients < len(cohort.rows):
        said.append(f"{len(cohort.rows)} lesions of {patients} patients: lesions of one patient count as independent.")
    return said
