"""All invariants that the record of work and the files alone can tell; I1 and I14 need a witness from outside."""

from collections.abc import Iterator

from radiomics_tasks.invariants.of_columns import OF_COLUMNS
from radiomics_tasks.invariants.of_files import OF_FILES
from radiomics_tasks.invariants.of_identity import OF_IDENTITY
from radiomics_tasks.invariants.of_numbers import OF_NUMBERS
from radiomics_tasks.invariants.of_trail import OF_TRAIL
from radiomics_tasks.invariants.of_work import OF_WORK
from radiomics_tasks.invariants.terms import Invariant, Terms

INVARIANTS: tuple[Invariant, ...] = tuple(
    sorted(
        (*OF_WORK, *OF_NUMBERS, *OF_FILES, *OF_TRAIL, *OF_COLUMNS, *OF_IDENTITY),
        key=lambda invariant: int(invariant.code[1:]),
    )
)


def broken(terms: Terms, codes: frozenset[str] = frozenset()) -> Iterator[tuple[Invariant, str]]:
    """Each row that breaks an invariant, in words; only these codes, or all."""
    for invariant in INVARIANTS:
        if not codes or invariant.code in codes:
            for told in invariant.broken(terms):
                yield invariant, told
