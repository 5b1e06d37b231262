"""Which of the signed readings of one visit counts."""

from collections.abc import Sequence

from patients.models import Adjudication, Reading
from patients.models.readings import IN_FORCE


def counting_reading(in_force: Sequence[Reading], chosen: Adjudication | None) -> Reading:
    """The one that counts of the readings of one visit: the adjudicated one, else the one first signed.

    A decision is for a reader: it goes on where that reader signs a later version. `in_force` may not be empty.
    """
    readers = {whose(chosen.reading)} if chosen else set()
    decided = [row for row in in_force if whose(row) in readers]
    return (decided or sorted(in_force, key=first_signed))[0]


def reading_that_counts(timepoint_pk: int) -> Reading | None:
    """The signed reading of one visit that counts today, in two queries; None where nobody signed one."""
    in_force = list(Reading.objects.filter(timepoint=timepoint_pk, state__in=IN_FORCE).order_by("signed_at", "pk"))
    decisions = Adjudication.objects.filter(timepoint=timepoint_pk).select_related("reading")
    return counting_reading(in_force, decisions.order_by("pk").last()) if in_force else None


def whose(row: Reading) -> tuple[int | None, str]:
    """The reader of a reading, by login or by name."""
    return row.reader_id, row.reader_name


def first_signed(row: Reading) -> tuple[float, int]:
    """For putting readings in the order of their signing."""
    return (row.signed_at.timestamp() if row.signed_at else 0.0), row.pk
