"""What one reader may see of another: nothing from the first visit on that only the other has signed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from patients.counting import whose
from patients.models import Reading


def withheld_from(
    user_pk: int, readings: Iterable[Reading], days: Mapping[int, Sequence[date]]
) -> frozenset[tuple[int, tuple[int | None, str]]]:
    """The visits and readers whose readings are kept from a reader; a later one tells of the earlier ones.

    `readings`: all of a patient, of which the signed ones are looked at. `days`: the dates of each visit, by visit.
    """
    signed: dict[tuple[int | None, str], set[int]] = defaultdict(set)
    for row in readings:
        if row.signed_at:
            signed[whose(row)].add(row.timepoint_id)
    own = {visit for who, visits in signed.items() if who[0] == user_pk for visit in visits}
    withheld = set()
    for who, visits in signed.items():
        unread = [_first_on(days, visit) for visit in visits - own]
        if who[0] != user_pk and unread:
            withheld |= {(visit, who) for visit in visits if _first_on(days, visit) >= min(unread)}
    return frozenset(withheld)


def _first_on(days: Mapping[int, Sequence[date]], visit: int) -> date:
    dates = days.get(visit)
    return dates[0] if dates else date.max
