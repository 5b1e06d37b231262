"""The decision tables of RECIST 1.1, read from tables.json: what was found in, a category with its rule out."""

import json
from dataclasses import dataclass
from pathlib import Path

from patients.vocabulary import ResponseCategory

WITH_TARGETS = "recist11_overall_with_targets"
NON_TARGET_ONLY = "recist11_overall_nontarget_only"
NO_DISEASE = "recist11_overall_no_disease_at_baseline"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: a pattern for each input (`*` anything, `CR|NA` either), the category, its rule."""

    when: tuple[str, ...]
    then: ResponseCategory
    rule: str
    source: str

    def fits(self, found: tuple[str, ...]) -> bool:
        """Whether every input matches its pattern."""
        return all(pattern == "*" or one in pattern.split("|") for pattern, one in zip(self.when, found, strict=True))


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table: the first row that fits decides."""

    inputs: tuple[str, ...]
    rows: tuple[Row, ...]

    def decide(self, *found: str) -> Row:
        """The row for what was found, in the order of `inputs`.

        The tables are complete: StopIteration, where no row fits, is a mistake of ours.

        Examples
        --------
        >>> row = TABLES[WITH_TARGETS].decide("CR", "NCNP", "NO")
        >>> row.then.value, row.rule
        ('PR', 'TARGET_CR_NON_TARGET_PERSISTS')
        """
        return next(row for row in self.rows if row.fits(found))


_WRITTEN = json.loads((Path(__file__).parent / "tables.json").read_text(encoding="utf-8"))

TABLES = {
    name: Table(
        tuple(_WRITTEN[name]["inputs"]),
        tuple(
            Row(tuple(row["when"]), ResponseCategory(row["then"]), row["rule"], row["source"])
            for row in _WRITTEN[name]["rows"]
        ),
    )
    for name in (WITH_TARGETS, NON_TARGET_ONLY, NO_DISEASE)
}

# Where each rule outside the tables is published.
SOURCES: dict[str, str] = {
    row["rule"]: row["source"]
    for name in ("recist11_target", "recist11_after_cr", "recist11_course")
    for row in _WRITTEN[name]["rows"]
}
