"""A model's reference pairs, replayed on every load: a model that does not give its own answers is not used."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from patients.model_text import ModelRefused, model_text
from patients.words.hosted_words import HostedStatus
from radiomics_tasks.analysis.trust.hosted.fields import Fields, number, only, record, word
from radiomics_tasks.analysis.trust.hosted.model import CoefficientModel, parse_model
from radiomics_tasks.analysis.trust.hosted.output import Given, hosted_output
from radiomics_tasks.errors import Refusal

# The last digits of exp and log are the platform's own; a printed example has few digits and says so.
TOLERANCE = 1e-9
LARGEST_TOLERANCE = 0.01


@dataclass(frozen=True, slots=True)
class Replayed:
    """One reference pair: what went in, what the file expects and what came out."""

    number: int
    inputs: Mapping[str, float]
    expected: Mapping[str, float | str]
    status: HostedStatus
    value: float | None
    tolerance: float

    @property
    def agrees(self) -> bool:
        """Whether status and value are those that were expected."""
        if self.status != self.expected.get("status", HostedStatus.OK):
            return False
        wanted = self.expected.get("value")
        if self.value is None or not isinstance(wanted, float):
            return self.value is None and wanted is None
        return math.isclose(self.value, wanted, rel_tol=self.tolerance, abs_tol=self.tolerance)


def read_hosted(content: bytes | str) -> CoefficientModel:
    """A model of coefficients that has given the answers of its own reference pairs.

    Raises
    ------
    Refusal
        E_MODEL_SIZE, E_MODEL_FORMAT: the file is too large, a pickle, an archive or no JSON object. E_MODEL as
        `parse_model`. E_MODEL_REFERENCE: a pair is incomplete or is not reproduced.
    """
    try:
        text = model_text(content.encode() if isinstance(content, str) else content)
    except ModelRefused as refused:
        raise Refusal(refused.code, refused.sentence) from refused
    return _read(text)


# The text of a registered model never changes, and every conclusion loads it.
@lru_cache(maxsize=64)
def _read(text: str) -> CoefficientModel:
    model = parse_model(text)
    for one in replayed(model):
        if not one.agrees:
            found = one.status.value if one.value is None else f"{one.value:.10g}"
            raise Refusal(
                "E_MODEL_REFERENCE",
                f"Reference pair {one.number} gives {found} here, not what the model states. Correct one of them.",
            )
    return model


def replayed(model: CoefficientModel) -> tuple[Replayed, ...]:
    """Every reference pair with what comes out here; Refusal E_MODEL where one is incomplete."""
    return tuple(_one(place, pair, model) for place, pair in enumerate(model.reference_pairs, start=1))


def _one(place: int, pair: Fields, model: CoefficientModel) -> Replayed:
    where = f"Reference pair {place}"
    only(pair, ("inputs", "expect", "tolerance"), where)
    given, expect = record(pair, "inputs", where), record(pair, "expect", where)
    units = {term.key: term.unit for term in model.terms}
    only(given, tuple(units), f"{where}: inputs")
    only(expect, ("value", "status"), f"{where}: expect")
    values = {key: number(given, key, where) for key in given}
    status = word(HostedStatus, expect, "status", where) if "status" in expect else HostedStatus.OK
    expected: dict[str, float | str] = {"status": status.value}
    if status is HostedStatus.OK:
        expected["value"] = number(expect, "value", where)
    tolerance = number(pair, "tolerance", where) if "tolerance" in pair else TOLERANCE
    if not 0 <= tolerance <= LARGEST_TOLERANCE:
        raise Refusal("E_MODEL", f"{where}: tolerance must lie between 0 and {LARGEST_TOLERANCE}.")
    inputs = {key: Given(value, units[key], model.profile_digest, 0) for key, value in values.items()}
    output = hosted_output(model, inputs, 0)
    return Replayed(place, values, expected, output.status, output.value, max(tolerance, TOLERANCE))
