"""The pseudoprogression model as data: read, checked, digested; immutable once read."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from patients.words.trust_words import Comparability
from radiomics_tasks.analysis.trust.digests import content_digest
from radiomics_tasks.errors import Refusal

_DEFAULT = Path(__file__).with_name("psp_score_v0.2.json")
CARD_FIELDS = (
    "intended_use",
    "excluded_use",
    "training_data",
    "missing_data",
    "performance",
    "calibration",
    "subgroups",
    "limitations",
    "licence",
    "author",
    "approver",
    "written_on",
    "status",
)
STATUSES = ("draft", "shadow", "active", "retired")
KINDS = ("code", "log", "log2", "steps")
Ratio = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Transform:
    """How a value becomes x: a code taken as it is, a clipped logarithm, or steps. Outside its range it is refused."""

    kind: str
    values: tuple[float, ...] = ()
    centre: float = 1.0
    spread: float = 1.0
    clip: tuple[float, float] = (-math.inf, math.inf)
    below: tuple[tuple[float, float], ...] = ()
    above: float = 0.0
    allowed: tuple[float, float] = (-math.inf, math.inf)
    unit: str = ""

    def x(self, item: str, value: float) -> float:
        """The transformed value; Refusal E_SCORE_INPUT where it is not one of the codes, or out of range.

        Examples
        --------
        >>> Transform("log2", clip=(-0.5, 2.0)).x("ldh", 8.0)
        2.0
        """
        if self.kind == "code":
            if value not in self.values:
                codes = ", ".join(f"{code:g}" for code in self.values)
                raise Refusal("E_SCORE_INPUT", f"{item} must be one of {codes}.")
            return float(value)
        if not (math.isfinite(value) and self.allowed[0] <= value <= self.allowed[1]):
            low, high = self.allowed
            raise Refusal("E_SCORE_INPUT", f"{item} must lie between {low:g} and {high:g} ({self.unit}).")
        if self.kind == "steps":
            return next((x for limit, x in self.below if value < limit), self.above)
        scaled = math.log2(value) if self.kind == "log2" else math.log(value / self.centre) / self.spread
        return min(max(scaled, self.clip[0]), self.clip[1])


@dataclass(frozen=True, slots=True)
class Item:
    """One item: its weights for x from zero up and below zero, their standard errors, and where they come from.

    A weight is per unit of x: where a file gives what x = -1 adds (`w_neg`), the weight below zero is its negative.
    """

    name: str
    domain: str
    is_counted: bool
    grade: str
    rule: str
    basis: str
    weights: tuple[float, float]
    errors: tuple[float, float]
    transform: Transform
    tumours: frozenset[str] = frozenset()
    published: Mapping[str, Ratio] | None = None
    used: Mapping[str, float] | None = None

    def weight(self, x: float) -> float:
        """The weight on x's side of zero."""
        return self.weights[1 if x < 0 else 0]

    def error(self, x: float) -> float:
        """The standard error of that weight."""
        return self.errors[1 if x < 0 else 0]

    def ratios(self, x: float) -> tuple[Ratio | None, float | None]:
        """The published likelihood ratio with its interval and the one in use, for a favourable or unfavourable x."""
        side = "favourable" if x > 0 else "unfavourable" if x < 0 else ""
        return (self.published or {}).get(side), (self.used or {}).get(side)


@dataclass(frozen=True, slots=True)
class PspModel:
    """One version of the score. Priors are a probability and the standard error of its logit, by tumour."""

    model_id: str
    version: str
    digest: str
    priors: Mapping[str, tuple[float, float]]
    items: tuple[Item, ...]
    caps: Mapping[str, float]
    kappa: float
    z_interval: float
    largest_se: float
    oldest_days: int
    aged_domains: frozenset[str]
    driver_domains: Mapping[str, str]
    blocked_domains: Mapping[Comparability, frozenset[str]]
    display_range: tuple[float, float]
    required_sentences: tuple[str, ...]
    card: Mapping[str, str]
    reference_pairs: tuple[Mapping[str, Any], ...]

    def prior(self, tumour: str) -> tuple[float, float]:
        """The tumour's prior; the pooled one where none is named, that of other tumours where it is not listed."""
        return self.priors[tumour if tumour in self.priors else "other" if tumour else "default"]

    @classmethod
    def parse(cls, text: str) -> "PspModel":
        """The model of a JSON file with its card.

        Raises
        ------
        Refusal
            E_MODEL, naming what is missing or wrong.
        """
        try:
            return _model(json.loads(text))
        except json.JSONDecodeError as error:
            raise Refusal("E_MODEL", f"The model is not JSON (line {error.lineno}).") from error
        except KeyError as error:
            raise Refusal("E_MODEL", f"The model lacks {error.args[0]}. Add it.") from error
        except (TypeError, ValueError, AttributeError) as error:
            raise Refusal("E_MODEL", f"The model holds something unexpected: {error}.") from error


@cache
def default_model() -> PspModel:
    """The score that comes with the project.

    Examples
    --------
    >>> default_model().model_id, default_model().version
    ('psp-default', '0.2.0')
    """
    return PspModel.parse(default_text())


def default_text() -> str:
    """The file of the score that comes with the project, for the registry."""
    return _DEFAULT.read_text(encoding="utf-8")


def _model(data: Mapping[str, Any]) -> PspModel:
    items = tuple(_item(name, row, data) for name, row in data["items"].items() if row.get("role") != "gate")
    low, high = data["display_clip"]["range"]
    return PspModel(
        model_id=str(data["id"]),
        version=str(data["version"]),
        digest=content_digest(data),
        priors={name: (float(pair[0]), float(pair[1])) for name, pair in data["prior"].items()},
        items=items,
        caps={name: float(cap) for name, cap in data["domain_caps"].items()},
        kappa=float(data["kappa"]),
        z_interval=float(data["z_interval"]),
        largest_se=float(data["max_se_eta"]),
        oldest_days=int(data["lab_max_age_days"]),
        aged_domains=frozenset(data["aged_domains"]),
        driver_domains=dict(data["driver_domains"]),
        blocked_domains={Comparability(level): frozenset(names) for level, names in data["blocked_domains"].items()},
        display_range=(float(low), float(high)),
        required_sentences=tuple(data["required_sentences"]),
        card=_card(data["card"]),
        reference_pairs=tuple(data["reference_pairs"]),
    )


def _card(card: Mapping[str, Any]) -> Mapping[str, str]:
    for name in CARD_FIELDS:
        if not str(card.get(name, "")).strip():
            raise Refusal("E_MODEL", f"The model card lacks {name}. Fill it in.")
    if card["status"] not in STATUSES:
        raise Refusal("E_MODEL", f"The model's status must be one of {', '.join(STATUSES)}.")
    return {name: str(value) for name, value in card.items()}


def _item(name: str, row: Mapping[str, Any], data: Mapping[str, Any]) -> Item:
    domain = str(row["domain"])
    if domain not in data["domain_caps"]:
        raise Refusal("E_MODEL", f"The item {name} belongs to {domain}, which has no cap. Add one.")
    both, error = row.get("w"), row.get("se")
    published = {side: tuple(ratio) for side, ratio in row.get("lr_published", {}).items()}
    return Item(
        name=name,
        domain=domain,
        is_counted=bool(row["counted"]),
        grade=str(row["grade"]),
        rule=str(row["rule"]),
        basis=str(row["basis"]),
        weights=(float(row["w_pos"]), -float(row["w_neg"])) if both is None else (float(both), float(both)),
        errors=(float(row["se_pos"]), float(row["se_neg"])) if error is None else (float(error), float(error)),
        transform=_transform(name, data["transforms"][name]),
        tumours=frozenset(data["tumours_only"].get(name, ())),
        published=published,
        used={side: float(ratio) for side, ratio in row.get("lr_used", {}).items()},
    )


def _transform(name: str, row: Mapping[str, Any]) -> Transform:
    if row["kind"] not in KINDS:
        raise Refusal("E_MODEL", f"The item {name} asks for the transform {row['kind']}, which is not known here.")
    if row["kind"] == "code":
        return Transform("code", values=tuple(float(value) for value in row["values"]))
    clip = row.get("clip", (-math.inf, math.inf))
    return Transform(
        row["kind"],
        centre=float(row.get("centre", 1.0)),
        spread=float(row.get("sd", 1.0)),
        clip=(float(clip[0]), float(clip[1])),
        below=tuple((float(limit), float(x)) for limit, x in row.get("below", ())),
        above=float(row.get("above", 0.0)),
        allowed=(float(row["range"][0]), float(row["range"][1])),
        unit=str(row["unit"]),
    )
