"""A file of written cases: which kind each of them is, and the engine that answers it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from radiomics_tasks.analysis.conformance.case import CaseOutcome
from radiomics_tasks.analysis.conformance.immune_cases import ibor_case, immune_case
from radiomics_tasks.analysis.conformance.immune_tables import immune_table_row
from radiomics_tasks.analysis.conformance.recist_cases import recist_case
from radiomics_tasks.analysis.conformance.recist_tables import recist_table_row
from radiomics_tasks.errors import Refusal

Case = Mapping[str, Any]

KINDS = "a RECIST 1.1 course, an iRECIST course, a list of iRECIST categories, or a row of a decision table"


def cases_in(document: Any) -> Iterator[Case]:
    """The cases of a file: a list of them, one alone, or decision tables of which every row is a case.

    Raises Refusal (E_NO_CASES) for anything else.

    Examples
    --------
    >>> tables = {"recist11_overall_no_disease_at_baseline": {"inputs": ["new"], "rows": [["YES", "PD"]]}}
    >>> [case["id"] for case in cases_in(tables)]
    ['recist11_overall_no_disease_at_baseline 1']
    """
    if isinstance(document, list):
        yield from document
    elif isinstance(document, Mapping) and ("expect" in document or "tp" in document):
        yield document
    elif isinstance(document, Mapping):
        for table, rules in document.items():
            yield from _rows(str(table), rules)
    else:
        raise Refusal("E_NO_CASES", "The file holds neither a list of cases nor decision tables.")


def _rows(table: str, rules: Any) -> Iterator[Case]:
    if not table.startswith(tuple(TABLES)):
        return
    for number, row in enumerate(rules.get("rows", [rules]) if isinstance(rules, Mapping) else [rules]):
        yield {"id": f"{table} {number + 1}", "title": _words(row), "table": table, "row": number, "document": rules}


def _words(row: Any) -> str:
    parts = row.values() if isinstance(row, Mapping) else row
    return "; ".join(str(part) for part in parts)


def run_case(case: Any) -> CaseOutcome:
    """One case, answered by the engine of its kind.

    Raises Refusal (E_CASE) where the case is of no known kind or cannot be read.
    """
    name = case.get("id", "without id") if isinstance(case, Mapping) else "without id"
    engine = _engine(case)
    if engine is None:
        raise Refusal("E_CASE", f"Case {name} is not {KINDS}.")
    try:
        return engine(case)
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError) as reason:
        missing = isinstance(reason, KeyError)
        words = f"{reason} is missing or not known" if missing else str(reason)
        raise Refusal("E_CASE", f"Case {name} cannot be read: {words}") from reason


def _engine(case: Any) -> Callable[[Case], CaseOutcome] | None:
    if not isinstance(case, Mapping):
        return None
    if "table" in case:
        return next((engine for start, engine in TABLES.items() if case["table"].startswith(start)), None)
    if "tp" in case:
        return ibor_case
    baseline = case.get("baseline")
    if not isinstance(baseline, Mapping) or "visits" not in case:
        return None
    if "targets" in baseline:
        return recist_case
    return immune_case if "t_sum" in baseline else None


# Which engine answers the rows of a table, by the beginning of the table's name.
TABLES: dict[str, Callable[[Case], CaseOutcome]] = {"recist11_": recist_table_row, "irecist_": immune_table_row}
