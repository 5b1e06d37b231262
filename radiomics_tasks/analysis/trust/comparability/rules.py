"""The acquisition rules as data: read, checked, digested. A site may bring its own version of the file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from patients.vocabulary import Organ
from patients.words.trust_words import Comparability
from radiomics_tasks.analysis.trust.comparability.kernels import KernelClass
from radiomics_tasks.analysis.trust.comparability.measures import KNOWN_MEASURES, WORD_MEASURES, Check
from radiomics_tasks.analysis.trust.comparability.quantities import Wording
from radiomics_tasks.analysis.trust.digests import content_digest
from radiomics_tasks.errors import Refusal

_DEFAULT = Path(__file__).with_name("acquisition_rules.json")
_NUMBERS = ("over", "at_least", "below", "low", "high")


@dataclass(frozen=True, slots=True)
class Rule:
    """One acquisition rule: which scans it is about, its questions, and what silence is worth.

    `silence` is the level where nothing could be compared, `silence_both` that where both scans are silent,
    `silence_near` that for lesions of certain organs; silence says nothing where one of `silence_unless` is known
    of both scans. `unless_both` lists words that, on both sides, make the rule void.
    """

    code: str
    applies_to: frozenset[str]
    label: str
    item: str
    tag: str
    rule: str
    level: Comparability
    checks: tuple[Check, ...]
    silence: Comparability
    is_critical: bool = False
    silence_both: Comparability | None = None
    silence_near: Mapping[Organ, Comparability] | None = None
    silence_unless: tuple[str, ...] = ()
    unless_both: tuple[tuple[str, str], ...] = ()
    needs_outline: bool = False


@dataclass(frozen=True, slots=True)
class AcquisitionRules:
    """One version of the rules; its digest is over the content, not over how the file is laid out."""

    rules_id: str
    version: str
    digest: str
    rules: tuple[Rule, ...]
    wording: Wording
    never_seen: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> "AcquisitionRules":
        """The rules of a JSON file.

        Raises
        ------
        Refusal
            E_RULES, naming the rule and what is wrong with it.
        """
        try:
            data = json.loads(text)
            rules = tuple(_rule(row) for row in data["rules"])
            wording = _wording(data["words"])
            names = str(data["id"]), str(data["version"]), tuple(str(word) for word in data["never_seen"])
        except json.JSONDecodeError as error:
            raise Refusal("E_RULES", f"The acquisition rules are not JSON (line {error.lineno}).") from error
        except KeyError as error:
            raise Refusal("E_RULES", f"The acquisition rules lack {error.args[0]}. Add it.") from error
        except (TypeError, ValueError, AttributeError) as error:
            raise Refusal("E_RULES", f"The acquisition rules hold something unexpected: {error}.") from error
        codes = [rule.code for rule in rules]
        if twice := sorted({code for code in codes if codes.count(code) > 1}):
            raise Refusal("E_RULES", f"The acquisition rule {twice[0]} stands there twice. Keep one.")
        return cls(names[0], names[1], content_digest(data), rules, wording, names[2])


@cache
def default_rules() -> AcquisitionRules:
    """The rules that come with the project."""
    return AcquisitionRules.parse(_DEFAULT.read_text(encoding="utf-8"))


def _rule(row: Mapping[str, Any]) -> Rule:
    near = {Organ(organ): Comparability(level) for organ, level in row.get("silence_near", {}).items()}
    both = row.get("silence_both")
    return Rule(
        code=str(row["code"]),
        applies_to=frozenset(row["applies_to"]),
        label=str(row["label"]),
        item=str(row["item"]),
        tag=str(row["tag"]),
        rule=str(row["rule"]),
        level=Comparability(row["level"]),
        checks=tuple(_check(row["code"], check) for check in row["checks"]),
        silence=Comparability(row["silence"]),
        is_critical=bool(row.get("critical", False)),
        silence_both=Comparability(both) if both else None,
        silence_near=near,
        silence_unless=tuple(row.get("silence_unless", ())),
        unless_both=tuple(row.get("unless_both", {}).items()),
        needs_outline=bool(row.get("needs_outline", False)),
    )


def _check(code: str, row: Mapping[str, Any]) -> Check:
    measure = str(row["measure"])
    if measure not in KNOWN_MEASURES:
        raise Refusal("E_RULES", f"The acquisition rule {code} asks for {measure}, which is no measure here.")
    limits = {name: float(row[name]) for name in _NUMBERS if name in row}
    if not limits and measure not in WORD_MEASURES:
        raise Refusal("E_RULES", f"The acquisition rule {code} has no limit for {row['key']}. Give one.")
    return Check(
        measure=measure,
        key=str(row["key"]),
        level=Comparability(row["level"]),
        says=str(row["says"]),
        unit=str(row.get("unit", "")),
        words=tuple(str(word).casefold() for word in row.get("words", ())),
        both=tuple(row.get("both", {}).items()),
        **limits,
    )


def _wording(data: Mapping[str, Any]) -> Wording:
    return Wording(
        kernels=tuple(
            KernelClass(row["maker"], row["class"], frozenset(row["names"]), row.get("low"), row.get("high"))
            for row in data["kernels"]
        ),
        no_contrast=frozenset(data["no_contrast"]),
        reconstructions=dict(data["reconstructions"]),
    )
