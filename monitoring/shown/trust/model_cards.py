"""A registered model as its page shows it: every field of the card, its coefficients or items, its replayed pairs."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from patients.models import HostedModel
from patients.words.hosted_words import ModelKind, Source

CARD_ORDER = (
    "estimand",
    "intended_use",
    "excluded_use",
    "missing_data",
    "calibration",
    "subgroups",
    "limitations",
    "sources",
    "licence",
    "author",
    "approver",
    "trained_on",
    "written_on",
    "status",
)
# Names of a score's file that are abbreviations; others are words.
ABBREVIATIONS = {
    "ldh": "LDH",
    "s100b": "S100B",
    "nlr": "NLR",
    "ctdna": "ctDNA",
    "tgr_ratio": "TGR ratio",
    "anti_ctla4": "Anti-CTLA-4",
    "nsclc": "NSCLC",
    "rcc": "RCC",
}
TRAINING_ORDER = ("n", "events", "sites", "dates", "scanners", "inclusion")


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One item of a pseudoprogression score: weights above and below zero of x, with their standard errors."""

    name: str
    domain: str
    is_counted: bool
    grade: str
    rule: str
    basis: str
    weights: str
    ratios: tuple[tuple[str, str, str], ...]


def model_page(model: HostedModel) -> dict[str, Any]:
    """What the page of one model needs."""
    data = json.loads(model.text)
    is_score = model.kind == ModelKind.PSP
    performance = model.card.get("performance", "")
    training = model.card.get("training_data", "")
    return {
        "model": model,
        "is_score": is_score,
        "fields": [(name, model.card[name]) for name in CARD_ORDER if name in model.card],
        "training": [(name, training[name]) for name in TRAINING_ORDER] if isinstance(training, dict) else [],
        "training_words": training if isinstance(training, str) else "",
        "figures": performance if isinstance(performance, list) else [],
        "performance_words": performance if isinstance(performance, str) else "",
        "pairs": [_pair(number, pair) for number, pair in enumerate(model.replay, start=1)],
        **(_score(data) if is_score else _coefficients(data)),
    }


def _pair(number: int, pair: Mapping[str, Any]) -> dict[str, Any]:
    """Registered means replayed: a pair that did not agree is in no registered model."""
    return {
        "number": number,
        "inputs": _flat(pair["inputs"]),
        "expected": _said(pair["expected"]),
        "found": _said(pair["found"]),
    }


def _flat(inputs: Mapping[str, Any]) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for name, value in inputs.items():
        if isinstance(value, dict):
            rows += _flat(value)
        else:
            rows.append((name, ", ".join(map(str, value)) if isinstance(value, list) else _number(value)))
    return rows


def _said(answer: Mapping[str, Any]) -> str:
    """A status, its reason, and the numbers with their digits."""
    numbers = [_number(answer[name]) for name in ("value", "probability") if answer.get(name) is not None]
    if answer.get("low") is not None:
        numbers.append(f"({_number(answer['low'])} to {_number(answer['high'])})")
    return " ".join([str(answer.get("status", "OK")), str(answer.get("reason") or ""), *numbers]).replace("  ", " ")


def _number(value: Any) -> str:
    """A number with its digits and a true minus; words as they are."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    text = f"{value:.10g}"
    return f"−{text[1:]}" if text.startswith("-") else text


def _coefficients(data: Mapping[str, Any]) -> dict[str, Any]:
    calibration = data.get("calibration") or {"intercept": 0, "slope": 1}
    return {
        "family": data["kind"],
        "level": data["level"],
        "aggregate": data.get("aggregate", ""),
        "link": data["link"],
        "intercept": _number(data["intercept"]),
        "calibration": [(name, _number(calibration[name])) for name in ("intercept", "slope")],
        "prevalence": data.get("prevalence"),
        "has_spread": data.get("spread") is not None,
        "missing": data["missing"],
        "terms": [_term(term) for term in data["terms"]],
    }


def _term(term: Mapping[str, Any]) -> dict[str, Any]:
    numbers = ("center", "scale", "beta")
    return {
        "feature": term["feature"],
        "source": Source(term["source"]).label,
        "form": f"{term['form']} against {term['reference']}" if term.get("form") else "",
        "age": term.get("max_age_days"),
        "unit": term["unit"],
        "transform": term["transform"],
        **{name: _number(term[name]) for name in numbers},
        **{name: " to ".join(_number(limit) for limit in term[name]) for name in ("range", "training")},
    }


def _score(data: Mapping[str, Any]) -> dict[str, Any]:
    rows = [_item(name, row) for name, row in data["items"].items()]
    return {
        "items": [row for row in rows if row.is_counted],
        "not_counted": [row for row in rows if not row.is_counted],
        "priors": [(item_name(name), *pair) for name, pair in data["prior"].items()],
        "grades": list(data.get("grades", {}).items()),
        "caps": list(data["domain_caps"].items()),
        "kappa": data["kappa"],
        "sentences": data["required_sentences"],
    }


def item_name(name: str) -> str:
    """A name of the file for people."""
    return ABBREVIATIONS.get(name, name.replace("_", " ").capitalize())


def _item(name: str, row: Mapping[str, Any]) -> ItemRow:
    if row.get("role") == "gate":
        weights = "gate"
    elif "w" in row:
        weights = f"{row['w']:+g} ({row['se']:g})"
    else:
        errors = (row["se"], row["se"]) if "se" in row else (row["se_pos"], row["se_neg"])
        weights = f"{row['w_pos']:+g} ({errors[0]:g}) / {row['w_neg']:+g} ({errors[1]:g})"
    published, used = row.get("lr_published", {}), row.get("lr_used", {})
    ratios = tuple(
        (side, f"{value[0]:g} ({value[1]:g} to {value[2]:g})", f"{used[side]:g}" if side in used else "–")
        for side, value in published.items()
    )
    return ItemRow(
        item_name(name),
        item_name(row["domain"]),
        bool(row["counted"]),
        row["grade"],
        row["rule"],
        row["basis"],
        weights.replace("-", "−"),
        ratios,
    )
