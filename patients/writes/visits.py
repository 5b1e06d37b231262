"""Which scans of a patient are one visit: grouped anew at every filing, so that the order of filing decides nothing."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from patients.models import Patient, Reading, Scan, Timepoint
from patients.words.reading_words import ReadingState
from patients.writes.readings.signing import reopen_visits


@dataclass(frozen=True, slots=True, order=True)
class Dated:
    """One scan as grouping sees it; the keys are 0 for a scan that is being filed."""

    on: date
    digest: str
    scan_pk: int = 0
    visit_pk: int = 0


Group = tuple[Dated, ...]


def visit_of_new_scan(patient: Patient, acquired_on: date, digest: str, window_days: int) -> Timepoint:
    """The visit of a scan that is about to be filed; the patient's other scans are moved to where they now belong.

    A visit that somebody signed a reading of keeps its scans together. Where it gains one, or would be grouped
    otherwise but for the reading, the reading is re-opened with that reason. Rows stay with their first scan; one
    that is left without scans goes, unless something else hangs on it. Call it with the patient locked.
    """
    new, window = Dated(acquired_on, digest), timedelta(days=window_days)
    rows = patient.scans.values_list("acquired_on", "volume_digest", "pk", "timepoint_id")
    known = [Dated(*row) for row in rows]
    readings = Reading.objects.filter(patient=patient).exclude(state=ReadingState.DRAFT)
    signed = set(readings.values_list("timepoint_id", flat=True))
    groups = grouped([*known, new], window, signed)
    own = 0
    for group, visit_pk in _settled(patient, groups, signed):
        own = visit_pk if new in group else own
    _remove_empty({seen.visit_pk for seen in known})
    for visit_pk, why in _touched(known, new, groups, window, signed):
        reopen_visits([visit_pk], why)
    return Timepoint.objects.get(pk=own)


def regroup_visits(patient: Patient, window_days: int) -> None:
    """Group the scans that a patient has now; a signed visit that gains one is re-opened. Call it with the lock."""
    known = [Dated(*row) for row in patient.scans.values_list("acquired_on", "volume_digest", "pk", "timepoint_id")]
    readings = Reading.objects.filter(patient=patient).exclude(state=ReadingState.DRAFT)
    signed = set(readings.values_list("timepoint_id", flat=True))
    for group, visit_pk in _settled(patient, grouped(known, timedelta(days=window_days), signed), signed):
        gained = [str(seen.on) for seen in group if seen.visit_pk != visit_pk]
        if visit_pk in signed and gained:
            reopen_visits([visit_pk], f"The visit has gained a scan, of {', '.join(gained)}")


def _settled(patient: Patient, groups: Sequence[Group], signed: Collection[int]) -> Iterator[tuple[Group, int]]:
    """Each visit with its row, made where there is none, once the scans that are filed stand in it."""
    for group, row_pk in _with_rows(groups, signed):
        visit_pk = row_pk or Timepoint.objects.create(patient=patient).pk
        moved = [seen.scan_pk for seen in group if seen.visit_pk != visit_pk]
        Scan.objects.filter(pk__in=moved).update(timepoint=visit_pk)
        yield group, visit_pk


def grouped(scans: Iterable[Dated], window: timedelta, signed: Collection[int] = ()) -> list[Group]:
    """The visits of these scans in the order of time, whatever order they come in.

    From the earliest on, by date and digest, a scan joins the visit before it where all of that visit then lie
    within the window. The scans of a `signed` visit (their keys) stay together, and two such visits are never one.
    """
    groups: list[list[Dated]] = []
    for block in _blocks(scans, signed):
        joined = [*groups[-1], *block] if groups else []
        if joined and _is_one_visit(joined, window, signed):
            groups[-1] = joined
        else:
            groups.append(list(block))
    return [tuple(sorted(group)) for group in groups]


def _blocks(scans: Iterable[Dated], signed: Collection[int]) -> list[Group]:
    together: dict[tuple[int, Dated | None], list[Dated]] = defaultdict(list)
    for seen in sorted(scans):
        key = (seen.visit_pk, None) if seen.visit_pk in signed else (0, seen)
        together[key].append(seen)
    return sorted(map(tuple, together.values()))


def _is_one_visit(scans: Sequence[Dated], window: timedelta, signed: Collection[int]) -> bool:
    days = [seen.on for seen in scans]
    return max(days) - min(days) <= window and len({seen.visit_pk for seen in scans} & set(signed)) <= 1


def _with_rows(groups: Sequence[Group], signed: Collection[int]) -> Iterator[tuple[Group, int]]:
    """Each visit with the row it keeps: a signed one its own, else that of its first scan that is left; 0 for none."""
    taken = set(signed)
    for group in groups:
        rows = [seen.visit_pk for seen in group if seen.visit_pk]
        row_pk = next((pk for pk in rows if pk in signed), 0) or next((pk for pk in rows if pk not in taken), 0)
        taken.add(row_pk)
        yield group, row_pk


def _remove_empty(visit_pks: Iterable[int]) -> None:
    Timepoint.objects.filter(
        pk__in=visit_pks, scans=None, readings=None, adjudications=None, judged_on__isnull=True
    ).delete()


def _touched(
    known: Sequence[Dated], new: Dated, groups: Sequence[Group], window: timedelta, signed: Collection[int]
) -> Iterator[tuple[int, str]]:
    """The signed visits that the new scan changes or would have changed, each with the reason for its reader."""
    before, after = set(grouped(known, window)), set(grouped([*known, new], window))
    disputed = {seen.scan_pk for group in before ^ after for seen in group}
    for group in groups:
        visit_pk = next((seen.visit_pk for seen in group if seen.visit_pk in signed), 0)
        gained = [str(seen.on) for seen in group if seen.visit_pk != visit_pk]
        if visit_pk and gained:
            yield visit_pk, f"The visit has gained a scan, of {', '.join(gained)}"
        elif visit_pk and any(seen.scan_pk in disputed for seen in group):
            yield visit_pk, f"With the scan of {new.on} the visits would be grouped otherwise; what was signed stayed"
