"""A fitted harmonisation, frozen: parameters as plain data under a digest, with what it saw. Never refitted."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from patients.words.harmonisation_words import Covariate, LeftOut
from radiomics_tasks.analysis.harmonisation.cohort import Omission
from radiomics_tasks.analysis.harmonisation.design import CovariateSeen
from radiomics_tasks.analysis.trust.digests import content_digest
from radiomics_tasks.errors import Refusal

SCHEMA = 1
Numbers = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class FeatureSeen:
    """What a model knows of one feature, whatever the scanner; of the logarithm where `is_log`.

    `slopes` has one number a covariate column; `subject_ratio` is the
    variance between subjects as a multiple of the one within, zero unless the model is longitudinal.
    """

    name: str
    unit: str
    is_log: bool
    grand: float
    sigma: float
    slopes: Numbers
    subject_ratio: float = 0.0


@dataclass(frozen=True, slots=True)
class BatchSeen:
    """What a model knows of one batch: how many rows, and for each feature the additive and multiplicative effect.

    `gamma` and `delta` (a variance) are in standardised units; `effects` are the batch's own means, as fitted
    before shrinking. `is_shrunk`: whether strength was borrowed from all features.
    """

    label: str
    rows: int
    is_mean_only: bool
    is_shrunk: bool
    gamma: Numbers
    delta: Numbers
    effects: Numbers


@dataclass(frozen=True, slots=True)
class FrozenModel:
    """A harmonisation as it was fitted once. `scope` says of what: profile, its digest, modality, engine build.

    `rows` and `subjects` count what it was fitted on.
    """

    is_longitudinal: bool
    scope: tuple[tuple[str, str], ...]
    features: tuple[FeatureSeen, ...]
    batches: tuple[BatchSeen, ...]
    covariates: tuple[CovariateSeen, ...]
    rows: int
    subjects: int
    omissions: tuple[Omission, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of the content."""
        return content_digest(self.as_data())

    def as_data(self) -> dict[str, Any]:
        """Plain data; JSON keeps each double to the bit."""
        return {
            "schema": SCHEMA,
            "is_longitudinal": self.is_longitudinal,
            "scope": dict(self.scope),
            "features": [_plain(one) for one in self.features],
            "batches": [_plain(one) for one in self.batches],
            "covariates": [_plain(one) for one in self.covariates],
            "rows": self.rows,
            "subjects": self.subjects,
            "omissions": [one.as_dict() for one in self.omissions],
            "warnings": list(self.warnings),
        }

    def as_json(self) -> str:
        """The same as text."""
        return json.dumps(self.as_data(), sort_keys=True, allow_nan=False)

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> "FrozenModel":
        """The model from plain data.

        Raises
        ------
        Refusal
            E_MODEL where something is missing, not finite or of another length.
        """
        try:
            if data["schema"] != SCHEMA:
                raise Refusal("E_MODEL", f"The harmonisation has format {data['schema']}; this version reads {SCHEMA}.")
            model = _read(data)
            _check(model)
        except KeyError as error:
            raise Refusal("E_MODEL", f"The harmonisation lacks {error.args[0]}.") from error
        except (TypeError, ValueError, AttributeError) as error:
            raise Refusal("E_MODEL", f"The harmonisation holds something unexpected: {error}.") from error
        return model


def _plain(one: FeatureSeen | BatchSeen | CovariateSeen) -> dict[str, Any]:
    fields = {name: getattr(one, name) for name in one.__dataclass_fields__}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in fields.items()}


def _read(data: Mapping[str, Any]) -> FrozenModel:
    return FrozenModel(
        is_longitudinal=bool(data["is_longitudinal"]),
        scope=tuple(sorted((str(name), str(value)) for name, value in data["scope"].items())),
        features=tuple(
            FeatureSeen(**{**row, "slopes": _numbers(row["slopes"]), "grand": float(row["grand"])})
            for row in data["features"]
        ),
        batches=tuple(
            BatchSeen(**{**row, **{name: _numbers(row[name]) for name in ("gamma", "delta", "effects")}})
            for row in data["batches"]
        ),
        covariates=tuple(
            CovariateSeen(**{**row, "covariate": Covariate(row["covariate"]), "levels": tuple(row["levels"])})
            for row in data["covariates"]
        ),
        rows=int(data["rows"]),
        subjects=int(data["subjects"]),
        omissions=tuple(Omission(row["kind"], row["name"], LeftOut(row["why"])) for row in data["omissions"]),
        warnings=tuple(str(sentence) for sentence in data["warnings"]),
    )


def _numbers(values: Sequence[float]) -> Numbers:
    return tuple(float(value) for value in values)


def _check(model: FrozenModel) -> None:
    width = sum(one.width for one in model.covariates)
    for feature in model.features:
        numbers = (feature.grand, feature.sigma, feature.subject_ratio, *feature.slopes)
        if len(feature.slopes) != width or not all(map(math.isfinite, numbers)) or not feature.sigma > 0:
            raise Refusal("E_MODEL", f"The harmonisation's numbers for {feature.name} are not whole.")
    for batch in model.batches:
        rows = (batch.gamma, batch.delta, batch.effects)
        are_whole = all(len(row) == len(model.features) and all(map(math.isfinite, row)) for row in rows)
        if not are_whole or not all(value > 0 for value in batch.delta):
            raise Refusal("E_MODEL", f"The harmonisation's numbers for {batch.label} are not whole.")
