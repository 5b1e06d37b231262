"""Cohorts for harmonisation: the golden ones as ours, and made-up ones with a planted scanner effect."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from patients.words.harmonisation_words import Covariate
from radiomics_tasks.analysis.harmonisation.applying import RawRow
from radiomics_tasks.analysis.harmonisation.cohort import Cohort, CohortRow

GOLDEN = Path(__file__).parent / "golden"
NAMES = ("original_firstorder_Mean", "original_glcm_Contrast", "original_ngtdm_Coarseness")


def golden(name: str) -> dict[str, Any]:
    return json.loads((GOLDEN / f"combat_{name}.json").read_text())


def golden_cohort(data: dict[str, Any]) -> Cohort:
    covariates = {"organ": Covariate.ORGAN, "log_volume": Covariate.VOLUME}
    rows = tuple(
        CohortRow(str(at), str(at), batch, {Covariate.ORGAN: organ, Covariate.VOLUME: volume_ml}, tuple(raw))
        for at, (batch, organ, volume_ml, raw) in enumerate(
            zip(data["batch"], data["organ"], data["volume_ml"], data["raw"], strict=True)
        )
    )
    units = ("",) * len(data["features"])
    return Cohort(tuple(data["features"]), units, rows, tuple(covariates[name] for name in data["covariates"]))


def made_up(sizes=(22, 25), names=NAMES, seed=1, covariates=(Covariate.ORGAN, Covariate.VOLUME)) -> Cohort:
    """Scanners "A", "B", … of these sizes; each shifts every feature by its position."""
    random = np.random.default_rng(seed)
    batches = [chr(ord("A") + at) for at, size in enumerate(sizes) for _ in range(size)]
    rows = []
    for at, batch in enumerate(batches):
        values = tuple(float(10 + ord(batch) - ord("A") + one) for one in random.normal(0, 1, len(names)))
        known = {Covariate.ORGAN: ("LIVER", "LUNG")[at % 2], Covariate.VOLUME: math.exp(random.normal(1, 1))}
        rows.append(CohortRow(f"row {at}", f"patient {at}", batch, known, values))
    return Cohort(names, ("HU", "", "")[: len(names)], tuple(rows), covariates)


def raw(cohort: Cohort, at: int, **changes: Any) -> RawRow:
    row = cohort.rows[at]
    known = {"batch": row.batch, "covariates": row.covariates, "names": cohort.features, "values": row.values}
    return RawRow(**{**known, **changes})
