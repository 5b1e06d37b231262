"""A cohort as harmonisation sees it: rows with batch, covariates and values; and what was left out of it, by name."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from patients.words.harmonisation_words import Covariate, LeftOut
from radiomics_tasks.errors import Refusal

Floats = npt.NDArray[np.float64]
CovariateValue = str | float | None


@dataclass(frozen=True, slots=True)
class CohortRow:
    """One lesion on one scan: `values` in the cohort's order of features, None where there is none.

    `batch` is empty where it cannot be told; `covariates` holds texts, and the volume in mL.
    """

    key: str
    subject: str
    batch: str
    covariates: Mapping[Covariate, CovariateValue]
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Cohort:
    """Rows over one list of features with their units, and the covariates that shall survive."""

    features: tuple[str, ...]
    units: tuple[str, ...]
    rows: tuple[CohortRow, ...]
    covariates: tuple[Covariate, ...] = ()

    @property
    def values(self) -> Floats:
        """Rows by features; NaN where there is no value or none that is finite."""
        shape = (len(self.rows), len(self.features))
        table = np.array([row.values for row in self.rows], dtype=np.float64).reshape(shape)
        return np.where(np.isfinite(table), table, np.nan)

    @property
    def batches(self) -> tuple[str, ...]:
        """The batches that occur, in the order of their labels."""
        return tuple(sorted({row.batch for row in self.rows}))

    def without_rows(self, keys: Collection[str]) -> "Cohort":
        """The cohort less some rows."""
        return replace(self, rows=tuple(row for row in self.rows if row.key not in keys))

    def without_features(self, names: Collection[str]) -> "Cohort":
        """The cohort less some features."""
        kept = [at for at, name in enumerate(self.features) if name not in names]
        rows = tuple(replace(row, values=tuple(row.values[at] for at in kept)) for row in self.rows)
        features, units = (tuple(column[at] for at in kept) for column in (self.features, self.units))
        return replace(self, features=features, units=units, rows=rows)

    def without_covariates(self, names: Collection[Covariate]) -> "Cohort":
        """The cohort less some covariates."""
        return replace(self, covariates=tuple(one for one in self.covariates if one not in names))


@dataclass(frozen=True, slots=True)
class Omission:
    """Something that is not in the model: what kind of thing, its name, and why."""

    kind: str
    name: str
    why: LeftOut

    def as_dict(self) -> dict[str, str]:
        """Plain data."""
        return {"kind": self.kind, "name": self.name, "why": self.why.value}


def allowed_covariates(names: Iterable[str]) -> tuple[Covariate, ...]:
    """These covariates, in the order of the closed list.

    Raises
    ------
    Refusal
        E_COVARIATE for any other: harmonising under an outcome writes the outcome into the features.

    Examples
    --------
    >>> [one.value for one in allowed_covariates(["volume", "organ"])]
    ['organ', 'volume']
    >>> allowed_covariates(["response"])
    Traceback (most recent call last):
        ...
    radiomics_tasks.errors.Refusal: E_COVARIATE: response may not be a covariate of harmonisation: ...
    """
    wanted = list(names)
    for name in wanted:
        if name not in list(Covariate):
            sentence = (
                f"{name} may not be a covariate of harmonisation: only tumour, organ and volume may. An outcome, or "
                "what follows from one, would be written into the features."
            )
            raise Refusal("E_COVARIATE", sentence)
    return tuple(one for one in Covariate if one in wanted)


def covariate_texts(rows: Sequence[CohortRow], covariate: Covariate) -> list[str]:
    """A covariate of kinds for each row; empty where it is not known."""
    return [str(row.covariates.get(covariate) or "") for row in rows]


def covariate_numbers(rows: Sequence[CohortRow], covariate: Covariate) -> Floats:
    """The natural logarithm of a covariate that is a number, for each row; NaN where unknown or not positive."""
    found = [row.covariates.get(covariate) for row in rows]
    numbers = np.array([value if isinstance(value, float | int) else np.nan for value in found], dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        logs = np.log(np.where(numbers > 0, numbers, np.nan))
    return np.where(np.isfinite(logs), logs, np.nan)
