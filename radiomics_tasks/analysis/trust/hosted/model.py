"""A model of coefficients as data: read, checked, digested; immutable once read. Nothing of it is code."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from patients.words.hosted_words import Aggregate, Family, Level, Source, Tier
from radiomics_tasks.analysis.trust.digests import content_digest
from radiomics_tasks.analysis.trust.hosted.card import Card, read_card
from radiomics_tasks.analysis.trust.hosted.fields import (
    Fields,
    as_number,
    number,
    only,
    read_json,
    record,
    refuse,
    rows,
    text,
    word,
)
from radiomics_tasks.analysis.trust.hosted.terms import Term, read_term

WHERE = "The model"
MOST_TERMS = 200
MOST_PAIRS = 50
LINKS = {Family.LOGISTIC: "logit", Family.LINEAR: "identity", Family.COX: "log"}
FIELDS = (
    *("id", "version", "title", "kind", "level", "aggregate", "unit", "intercept", "link", "calibration"),
    *("prevalence", "profile_digest", "terms", "missing", "spread", "tier", "card", "reference_pairs"),
)
OF_A_LESION = (Source.SNAPSHOT, Source.DELTA, Source.SIZE, Source.SIZE_DELTA, Source.ORGAN)
EXTRACTED = (Source.SNAPSHOT, Source.DELTA)
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Spread:
    """Mean and covariance of the terms' x in the training data, in the order of the terms."""

    mean: Floats
    covariance: Floats


@dataclass(frozen=True, slots=True, eq=False)
class CoefficientModel:
    """One version of a model: link(value) = calibration of (intercept + sum of beta times x)."""

    model_id: str
    version: str
    digest: str
    title: str
    family: Family
    level: Level
    aggregate: Aggregate | None
    unit: str
    intercept: float
    calibration: tuple[float, float]
    prevalence: float | None
    profile_digest: str
    terms: tuple[Term, ...]
    imputed: Mapping[str, float]
    spread: Spread | None
    tier: Tier
    card: Card
    reference_pairs: tuple[Fields, ...]

    @property
    def asks_labs(self) -> bool:
        """Whether a laboratory result is among its terms."""
        return any(term.source is Source.LAB for term in self.terms)


def parse_model(content: str) -> CoefficientModel:
    """The model of a JSON text with its card; `replay.read_hosted` replays its pairs as well.

    Raises
    ------
    Refusal
        E_MODEL, with the sentence that mends it.
    """
    data = read_json(content)
    only(data, FIELDS, WHERE)
    family, level = word(Family, data, "kind", WHERE), word(Level, data, "level", WHERE)
    terms = _terms(rows(data, "terms", WHERE, MOST_TERMS))
    return CoefficientModel(
        model_id=_matching(data, "id", r"[a-z0-9][a-z0-9.-]{1,59}", "small letters, digits, points and hyphens"),
        version=_matching(data, "version", r"\d{1,5}\.\d{1,5}\.\d{1,5}", "three numbers such as 1.0.0"),
        digest=content_digest(data),
        title=text(data, "title", WHERE, 120),
        family=family,
        level=level,
        aggregate=_aggregate(data, level, terms),
        unit=_unit(data, family),
        intercept=_intercept(data, family),
        calibration=_calibration(data, family),
        prevalence=_prevalence(data, family),
        profile_digest=_profile(data, terms),
        terms=terms,
        imputed=_imputed(data, terms),
        spread=_spread(data, len(terms)),
        tier=word(Tier, data, "tier", WHERE),
        card=read_card(record(data, "card", WHERE)),
        reference_pairs=_pairs(data),
    )


def _matching(data: Fields, name: str, pattern: str, words: str) -> str:
    found = text(data, name, WHERE, 60)
    if not re.fullmatch(pattern, found, re.ASCII):
        refuse(f"{WHERE}: {name} is made of {words}.")
    return found


def _terms(listed: Sequence[object]) -> tuple[Term, ...]:
    terms = tuple(read_term(place, fields) for place, fields in enumerate(listed, start=1))
    seen: dict[str, Term] = {}
    for place, term in enumerate(terms, start=1):
        first = seen.setdefault(term.key, term)
        if first is not term and first.transform is term.transform:
            refuse(f"Term {place} is {term.key} a second time. Add the two up, or take one out.")
        if first is not term and first.unit != term.unit:
            refuse(f"Term {place} takes {term.key} in another unit than the term before. Use one unit.")
    return terms


def _aggregate(data: Fields, level: Level, terms: Sequence[Term]) -> Aggregate | None:
    is_needed = level is Level.PATIENT and any(term.source in OF_A_LESION for term in terms)
    if is_needed:
        if any(term.source is Source.ORGAN for term in terms):
            refuse(f"{WHERE} is of a patient: a term from organ belongs to one lesion. Take it out.")
        return word(Aggregate, data, "aggregate", WHERE)
    if data.get("aggregate") is not None:
        refuse(f"{WHERE} needs no aggregate: take it out, or make it a model of a patient's lesions.")
    return None


def _unit(data: Fields, family: Family) -> str:
    if family is Family.LINEAR:
        return text(data, "unit", WHERE, 24)
    if data.get("unit") is not None:
        refuse(f"{WHERE}: only a linear model has a unit of its own. Take it out.")
    return "" if family is Family.LOGISTIC else "hazard ratio"


def _intercept(data: Fields, family: Family) -> float:
    link = text(data, "link", WHERE, 24)
    if link != LINKS[family]:
        refuse(f"{WHERE} is {family.value}: its link must be {LINKS[family]}.")
    found = number(data, "intercept", WHERE)
    if family is Family.COX and found != 0:
        refuse(f"{WHERE} is cox, which has no intercept. Set it to 0, and centre the terms on the reference patient.")
    return found


def _calibration(data: Fields, family: Family) -> tuple[float, float]:
    """Intercept and slope on the scale of the link: 0 and 1 where the model was not recalibrated."""
    if data.get("calibration") is None:
        return 0.0, 1.0
    where = f"{WHERE}: calibration"
    fields = record(data, "calibration", WHERE)
    only(fields, ("intercept", "slope"), where)
    intercept, slope = number(fields, "intercept", where), number(fields, "slope", where)
    if slope <= 0:
        refuse(f"{where}: slope must be above 0.")
    if family is Family.COX and intercept != 0:
        refuse(f"{where}: a Cox model has no intercept to calibrate. Set it to 0.")
    return intercept, slope


def _prevalence(data: Fields, family: Family) -> float | None:
    if family is not Family.LOGISTIC:
        if data.get("prevalence") is not None:
            refuse(f"{WHERE}: only a logistic model has a prevalence. Take it out.")
        return None
    found = number(data, "prevalence", WHERE)
    if not 0 < found < 1:
        refuse(f"{WHERE}: prevalence, the share of events it was trained on, must lie between 0 and 1.")
    return found


def _profile(data: Fields, terms: Sequence[Term]) -> str:
    if not any(term.source in EXTRACTED for term in terms):
        if data.get("profile_digest") is not None:
            refuse(f"{WHERE} takes no feature: take profile_digest out.")
        return ""
    found = text(data, "profile_digest", WHERE, 64)
    if not re.fullmatch(r"[0-9a-f]{64}", found):
        refuse(f"{WHERE}: profile_digest is the profile's SHA-256, 64 letters, as each lesion's page states it.")
    return found


def _imputed(data: Fields, terms: Sequence[Term]) -> Mapping[str, float]:
    """What stands for a missing value, by the key of its term; empty where a missing value is refused."""
    where = f"{WHERE}: missing"
    fields = record(data, "missing", WHERE)
    only(fields, ("rule", "values"), where)
    rule = text(fields, "rule", where, 24)
    if rule not in ("refuse", "impute"):
        refuse(f"{where}: rule must be refuse or impute.")
    if rule == "refuse":
        if fields.get("values"):
            refuse(f"{where}: values are for the rule impute only. Take them out.")
        return {}
    values = {key: as_number(value, f"{where}: {key}") for key, value in record(fields, "values", where).items()}
    of_key = {term.key: term for term in terms}
    only(values, tuple(of_key), where)
    for key, value in values.items():
        if not of_key[key].training[0] <= value <= of_key[key].training[1]:
            refuse(f"{where}: {key} must lie within the training range of its term.")
    return values


def _spread(data: Fields, size: int) -> Spread | None:
    if data.get("spread") is None:
        return None
    where = f"{WHERE}: spread"
    fields = record(data, "spread", WHERE)
    only(fields, ("mean", "covariance"), where)
    mean = _numbers(rows(fields, "mean", where, MOST_TERMS), size, where)
    lines = rows(fields, "covariance", where, MOST_TERMS)
    covariance = np.array([_numbers(line, size, where) for line in lines])
    if covariance.shape != (size, size) or not np.array_equal(covariance, covariance.T):
        refuse(f"{where}: covariance must be symmetric, with one row and one column for each term.")
    try:
        np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError:
        refuse(f"{where}: covariance must be positive definite. Drop terms that follow from others.")
    return Spread(np.array(mean), covariance)


def _numbers(line: Any, size: int, where: str) -> list[float]:
    if not isinstance(line, list) or len(line) != size:
        refuse(f"{where}: mean and each row of covariance have one number for each term.")
    return [as_number(value, where) for value in line]


def _pairs(data: Fields) -> tuple[Fields, ...]:
    if not data.get("reference_pairs"):
        refuse(f"{WHERE} has no reference pair. Add inputs with the value that they must give.")
    pairs = rows(data, "reference_pairs", WHERE, MOST_PAIRS)
    if not all(isinstance(pair, dict) for pair in pairs):
        refuse(f"{WHERE}: reference_pairs must be a list of objects.")
    return tuple(pairs)
