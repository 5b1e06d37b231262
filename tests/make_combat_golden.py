"""Writes golden/combat_*.json: a made-up cohort and what neuroCombat 0.2.12 makes of it. Not a test.

`python tests/make_combat_golden.py` in an environment with neuroCombat, numpy and pandas (none of them need be ours).
"""

import importlib
import json
import math
from pathlib import Path
from typing import Any

import numpy as np

SEED = 20261124
COMMAND = "pip install neuroCombat==0.2.12 numpy==2.4.6 pandas==3.1.1 && python tests/make_combat_golden.py"
GOLDEN = Path(__file__).with_name("golden")
# Whether neuroCombat is given the logarithm: of what is positive by definition.
FEATURES = {
    "original_firstorder_Mean": False,
    "original_firstorder_Entropy": True,
    "original_firstorder_Skewness": False,
    "original_glcm_Contrast": True,
    "original_glcm_JointEntropy": True,
    "original_glszm_ZoneEntropy": True,
    "original_ngtdm_Coarseness": True,
    "wavelet-LLH_firstorder_Mean": False,
}
BATCHES = {"scanner a": 24, "scanner b": 31, "scanner c": 22}
SMALL = {"scanner a": 14, "scanner b": 25, "scanner c": 19}
ORGANS = ("LIVER", "LUNG", "LYMPH_NODE")


def made_up(sizes: dict[str, int], seed: int) -> dict[str, Any]:
    """Batches, organs, logarithms of volume (exact in 32 bits, as neuroCombat rounds them) and values on its scale."""
    random = np.random.default_rng(seed)
    batch = np.repeat(np.arange(len(sizes)), list(sizes.values()))
    organ = random.integers(0, len(ORGANS), len(batch))
    log_volume = np.float32(random.normal(1.5, 1.0, len(batch))).astype(float)
    shift, scale = (
        random.normal(0, 0.8, (len(sizes), len(FEATURES))),
        random.gamma(8, 1 / 8, (len(sizes), len(FEATURES))),
    )
    biology = random.normal(0, 0.5, (len(ORGANS), len(FEATURES)))[organ] + 0.3 * log_volume[:, None]
    values = 2 + biology + shift[batch] + np.sqrt(scale[batch]) * random.normal(0, 1, (len(batch), len(FEATURES)))
    labels = [list(sizes)[at] for at in batch]
    return {"batch": labels, "organ": [ORGANS[at] for at in organ], "log_volume": log_volume, "values": values}


def harmonised(cohort: dict[str, Any], covariates: list[str], *, is_mean_only: bool) -> dict[str, Any]:
    """What neuroCombat answers, rows by features again."""
    table = importlib.import_module("pandas").DataFrame({key: cohort[key] for key in ("batch", "organ", "log_volume")})
    answer = importlib.import_module("neuroCombat").neuroCombat(
        cohort["values"].T,
        table,
        "batch",
        categorical_cols=[name for name in covariates if name == "organ"],
        continuous_cols=[name for name in covariates if name == "log_volume"],
        mean_only=is_mean_only,
    )
    found = answer["estimates"]
    stars = {"gamma": np.array(found["gamma.star"], float), "delta": np.array(found["delta.star"], float)}
    return {"harmonised": answer["data"].T.tolist(), **{name: star.tolist() for name, star in stars.items()}}


def write(name: str, sizes: dict[str, int], covariates: list[str], *, is_mean_only: bool = False) -> None:
    """One golden file; raw values stand as a scanner's features would, before any logarithm."""
    cohort = made_up(sizes, SEED)
    raw = [
        [math.exp(value) if is_log else value for value, is_log in zip(row, FEATURES.values(), strict=True)]
        for row in cohort["values"].tolist()
    ]
    # What is stored is what is harmonised: the logarithm of the stored value, to the bit.
    cohort["values"] = np.array(
        [[math.log(one) if log else one for one, log in zip(row, FEATURES.values(), strict=True)] for row in raw]
    )
    data = {
        "command": COMMAND,
        "seed": SEED,
        "features": FEATURES,
        "covariates": covariates,
        "is_mean_only": is_mean_only,
        "batch": cohort["batch"],
        "organ": cohort["organ"],
        "volume_ml": [math.exp(value) for value in cohort["log_volume"]],
        "raw": raw,
        "expected": harmonised(cohort, covariates, is_mean_only=is_mean_only),
    }
    (GOLDEN / f"combat_{name}.json").write_text(json.dumps(data, indent=None, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    write("covariates", BATCHES, ["organ", "log_volume"])
    write("no_covariates", BATCHES, [])
    write("small_batches", SMALL, ["organ", "log_volume"])
    write("mean_only", SMALL, ["organ", "log_volume"], is_mean_only=True)
