"""Inputs through a model: a number that can be taken apart, or why there is none."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from patients.concluded.hosted_findings import HostedOutput, HostedWhy, TermContribution
from patients.words.hosted_words import Family, HostedReason, HostedStatus
from radiomics_tasks.analysis.trust.hosted.model import EXTRACTED, CoefficientModel, Spread
from radiomics_tasks.analysis.trust.hosted.terms import Term

LARGEST_SHARE_OUTSIDE = 0.05
SMALLEST_P = 0.001


@dataclass(frozen=True, slots=True)
class Given:
    """One value as measured: None where there is none and `why` says it.

    `age_days` is that of a laboratory result at the scan (negative: taken after it). `is_blocked`: the scans that a
    change was measured on may not be compared. `source` names the scan, lesion or result it came from.
    """

    value: float | None
    unit: str = ""
    profile_digest: str = ""
    age_days: int | None = None
    is_blocked: bool = False
    source: str = ""
    why: str = ""


ABSENT = Given(None)


def hosted_output(
    model: CoefficientModel, inputs: Mapping[str, Given], timepoint_pk: int, lesion_pk: int | None = None
) -> HostedOutput:
    """What a model says for one set of inputs, by the keys of its terms.

    A wrong unit or profile, a value out of range, one too old or missing: refused, with every reason. More than 5 %
    of the terms outside their training percentiles, or all together too far from the training data (Mahalanobis,
    p below 0.001): not reliable, and no number. Imputed values count as inside.

    Notes
    -----
    link = a + b (intercept + sum of beta x), with a and b the calibration; the contributions are b beta x.
    """
    bare = _bare(model, timepoint_pk, lesion_pk)
    taken = [_taken(term, inputs.get(term.key, ABSENT), model) for term in model.terms]
    values = [one for one in taken if isinstance(one, _Value)]
    # Two terms may take one value: its reason is told once.
    reasons = tuple(dict.fromkeys(one for one in taken if isinstance(one, HostedWhy)))
    if not reasons and all(one.is_imputed for one in values):
        reasons = (HostedWhy(HostedReason.NOTHING_MEASURED),)
    if reasons:
        return replace(bare, status=HostedStatus.REFUSED, reasons=reasons)
    p = _distance_p(model.spread, [one.x for one in values])
    if unlike := _unlike_training(values, p):
        return replace(bare, status=HostedStatus.NOT_RELIABLE, reasons=unlike, distance_p=p)
    contributions = tuple(one.contribution(model.calibration[1]) for one in values)
    return _valued(replace(bare, contributions=contributions, distance_p=p), model.family)


@dataclass(frozen=True, slots=True)
class _Value:
    """One value that a term takes, measured or imputed."""

    term: Term
    value: float
    source: str
    is_imputed: bool = False

    @property
    def x(self) -> float:
        return self.term.x(self.value)

    def contribution(self, slope: float) -> TermContribution:
        link = slope * self.term.beta * self.x
        return TermContribution(
            self.term.key,
            self.value,
            self.term.unit,
            self.x,
            link,
            self.is_imputed,
            "" if self.is_imputed else self.source,
        )


def _taken(term: Term, given: Given, model: CoefficientModel) -> _Value | HostedWhy:
    found = _why_not(term, given, model)
    if found is None and given.value is not None:
        return _Value(term, given.value, given.source)
    if found is not None and _is_missing(found) and term.key in model.imputed:
        return _Value(term, model.imputed[term.key], "", is_imputed=True)
    return found or HostedWhy(HostedReason.MISSING_INPUT, term.key)


def _bare(model: CoefficientModel, timepoint_pk: int, lesion_pk: int | None) -> HostedOutput:
    shift, slope = model.calibration
    return HostedOutput(
        model_id=model.model_id,
        model_version=model.version,
        model_digest=model.digest,
        level=model.level,
        lesion_pk=lesion_pk,
        timepoint_pk=timepoint_pk,
        tier=model.tier,
        status=HostedStatus.OK,
        title=model.title,
        unit=model.unit,
        intercept=shift + slope * model.intercept,
        reference=model.prevalence,
    )


def _why_not(term: Term, given: Given, model: CoefficientModel) -> HostedWhy | None:
    """The first reason why a value cannot be used."""
    if given.is_blocked:
        return HostedWhy(HostedReason.NOT_COMPARABLE, term.key)
    if given.value is None or not math.isfinite(given.value):
        return HostedWhy(HostedReason.MISSING_INPUT, term.key, given.why)
    if term.source in EXTRACTED and given.profile_digest != model.profile_digest:
        return HostedWhy(HostedReason.PROFILE_DIFFERS, term.key)
    if given.unit != term.unit:
        return HostedWhy(
            HostedReason.UNIT_DIFFERS, term.key, f"it takes {term.unit}, here it is {given.unit or 'none'}"
        )
    if not term.allowed[0] <= given.value <= term.allowed[1]:
        return HostedWhy(HostedReason.OUT_OF_RANGE, term.key, f"{term.allowed[0]:g} to {term.allowed[1]:g} {term.unit}")
    if term.oldest_days is not None and not 0 <= (given.age_days or 0) <= term.oldest_days:
        return HostedWhy(HostedReason.TOO_OLD, term.key, f"{given.age_days} days, at most {term.oldest_days}")
    return None


def _is_missing(found: HostedWhy) -> bool:
    return found.reason in (HostedReason.MISSING_INPUT, HostedReason.TOO_OLD)


def _unlike_training(values: Sequence[_Value], p: float | None) -> tuple[HostedWhy, ...]:
    """Terms outside their training percentiles, where they are more than 5 % of all; and all together too far away."""
    outside = [one.term for one in values if not one.term.training[0] <= one.value <= one.term.training[1]]
    found = tuple(
        HostedWhy(HostedReason.OUTSIDE_TRAINING, term.key, f"{term.training[0]:g} to {term.training[1]:g} {term.unit}")
        for term in (outside if len(outside) > LARGEST_SHARE_OUTSIDE * len(values) else ())
    )
    if p is not None and p < SMALLEST_P:
        return (*found, HostedWhy(HostedReason.FAR_FROM_TRAINING, detail="Mahalanobis distance, p below 0.001"))
    return found


def _distance_p(spread: Spread | None, x: Sequence[float]) -> float | None:
    """How likely a case of the training data lies at least this far from their middle (chi-squared)."""
    if spread is None:
        return None
    away = np.array(x) - spread.mean
    squared = float(away @ np.linalg.solve(spread.covariance, away))
    return float(special.chdtrc(len(x), squared))


def _valued(output: HostedOutput, family: Family) -> HostedOutput:
    link = math.fsum([output.intercept, *(one.link for one in output.contributions)])
    try:
        value = INVERSE_LINKS[family](link)
    except OverflowError:
        value = math.inf
    if not (math.isfinite(link) and math.isfinite(value)):
        why = HostedWhy(HostedReason.OVERFLOW)
        return replace(output, status=HostedStatus.REFUSED, reasons=(why,), contributions=())
    return replace(output, link=link, value=value)


def _expit(link: float) -> float:
    return 1.0 / (1.0 + math.exp(-link)) if link >= 0 else math.exp(link) / (1.0 + math.exp(link))


INVERSE_LINKS: dict[Family, Callable[[float], float]] = {
    Family.LOGISTIC: _expit,
    Family.LINEAR: float,
    Family.COX: math.exp,
}
