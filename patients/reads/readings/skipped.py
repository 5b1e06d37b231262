"""Visits that one reader signed and another skipped: what each was called afterwards was not called from the same."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from datetime import date

from django.db.models import Min
from django.db.models.functions import Coalesce

from patients.models import Reading, Timepoint

Visits = Sequence[tuple[date, int]]


def visits_in_order(patient_pks: Collection[int]) -> dict[int, list[tuple[date, int]]]:
    """The first date and key of every visit that has a date, in the order of time, by patient; one query."""
    rows = Timepoint.objects.filter(patient__in=patient_pks)
    dated = rows.annotate(first_on=Coalesce(Min("scans__acquired_on"), "judged_on")).exclude(first_on=None)
    found: dict[int, list[tuple[date, int]]] = defaultdict(list)
    for patient, first_on, visit in dated.order_by("first_on", "pk").values_list("patient_id", "first_on", "pk"):
        if first_on is not None:
            found[patient].append((first_on, visit))
    return found


def earlier_of_line(visits: Visits, visit_pk: int, started_on: date | None) -> frozenset[int]:
    """The visits before one, from the baseline of a line of therapy on; without a line, all of them."""
    pks = [pk for _, pk in visits]
    until = pks.index(visit_pk) if visit_pk in pks else 0
    before = [place for place, (day, _) in enumerate(visits) if started_on is not None and day <= started_on]
    return frozenset(pks[max(before, default=0) : until])


def skipped_sentences(
    readings: Sequence[Reading], signed: Mapping[int | None, Set[int]], visits: Visits, earlier: Set[int]
) -> Iterator[str]:
    """Which of these earlier visits each reader has not signed and another of them has.

    `signed`: the visits that each reader signed. `visits`: all of the patient, for their numbers.
    """
    # Whoever read elsewhere is called under no login: nothing of it is compared by category.
    logins = [row for row in readings if row.reader_id is not None]
    known = set().union(*(signed.get(row.reader_id, frozenset()) for row in logins)) & earlier
    for row in logins:
        missing = known - signed.get(row.reader_id, frozenset())
        numbers = [str(number) for number, (_, pk) in enumerate(visits, start=1) if pk in missing]
        if numbers:
            yield f"visit{'s' if len(numbers) > 1 else ''} {', '.join(numbers)} not yet read by {row.who}"
