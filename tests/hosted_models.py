"""A made-up model of coefficients for tests, and the ways in which one can be wrong."""

import copy
import json
import math
from collections.abc import Callable
from typing import Any

PROFILE = "c" * 64
GLCM = "original_glcm_JointEntropy"
MEAN_CHANGE = "original_firstorder_Mean absolute BASELINE"


def card() -> dict[str, Any]:
    texts = ("estimand", "intended_use", "excluded_use", "missing_data", "calibration", "subgroups", "limitations")
    return {
        **{name: f"The {name.replace('_', ' ')} of a made-up model." for name in texts},
        "licence": "CC-BY-4.0",
        "author": "A made-up group",
        "approver": "Nobody yet",
        "written_on": "2026-01-31",
        "trained_on": "2025-12-01",
        "status": "draft",
        "training_data": {
            "n": 240,
            "events": 60,
            "sites": "Two made-up sites",
            "dates": "2019 to 2023",
            "scanners": "CT of two makers",
            "inclusion": "At least one measurable lesion",
        },
        "performance": [
            {
                "measure": "AUC",
                "on": "external, made up",
                "value": 0.67,
                "low": 0.57,
                "high": 0.77,
                "n": 119,
                "events": 40,
            }
        ],
    }


def term(feature: str, source: str = "snapshot", **changed: Any) -> dict[str, Any]:
    known = {
        "feature": feature,
        "source": source,
        "unit": "1",
        "center": 4.0,
        "scale": 0.5,
        "transform": "identity",
        "beta": 0.8,
        "range": [0, 20],
        "training": [2, 7],
    }
    return known | changed


def model() -> dict[str, Any]:
    """Logistic, of a lesion: one feature, one change, one laboratory result."""
    link = 0.1 + 0.9 * (-1.2 + 0.8 - 0.5 + 0.6)
    return {
        "id": "made-up-signature",
        "version": "1.0.0",
        "title": "A made-up signature",
        "kind": "logistic",
        "level": "lesion",
        "intercept": -1.2,
        "link": "logit",
        "calibration": {"intercept": 0.1, "slope": 0.9},
        "prevalence": 0.25,
        "profile_digest": PROFILE,
        "terms": [term(GLCM), change(), ldh()],
        "missing": {"rule": "refuse"},
        "tier": "external",
        "card": card(),
        "reference_pairs": [
            {"inputs": {GLCM: 4.5, MEAN_CHANGE: 10, "lab LDH": 2}, "expect": {"value": expit(link)}},
            {"inputs": {GLCM: 9, MEAN_CHANGE: 10, "lab LDH": 2}, "expect": {"status": "NOT_RELIABLE"}},
        ],
    }


def change() -> dict[str, Any]:
    form = {"form": "absolute", "reference": "BASELINE", "unit": "HU", "range": [-500, 500], "training": [-60, 60]}
    return term("original_firstorder_Mean", "delta", center=0, scale=10, beta=-0.5, **form)


def ldh() -> dict[str, Any]:
    kept = {"unit": "xULN", "range": [0.05, 200], "training": [0.4, 6], "max_age_days": 14}
    return term("LDH", "lab", transform="log2", center=0, scale=1, beta=0.6, **kept)


def expit(link: float) -> float:
    return 1 / (1 + math.exp(-link))


def text(change: Callable[[dict[str, Any]], object] = lambda _: None) -> str:
    """The model as JSON, changed in one place."""
    data = copy.deepcopy(model())
    change(data)
    return json.dumps(data)
