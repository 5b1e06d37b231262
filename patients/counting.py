"""Which of the signed readings of one visit counts."""

from collections.abc import Sequence

from patients.models import Adjudication, Reading


def counting_reading(signed: Sequence[Reading], chosen: Adjudication | None) -> Reading | None:
    """The one in force that counts: the adjudicated reader's, else that of whoever signed first; None: nobody has.

    `signed`: every version of the readings of one visit, the replaced ones, too. What counts is a reader: it goes on
    where that reader signs a later version, whatever others signed meanwhile.
    """
    in_force = {whose(row): row for row in signed if row.is_in_force}
    if chosen is not None and whose(chosen.reading) in in_force:
        return in_force[whose(chosen.reading)]
    order = sorted((row for row in signed if row.signed_at is not None), key=_signing)
    return next((in_force[whose(row)] for row in order if whose(row) in in_force), None)


def reading_that_counts(timepoint_pk: int) -> Reading | None:
    """The signed reading of one visit that counts today, in two queries; None where nobody signed one."""
    signed = list(Reading.objects.filter(timepoint=timepoint_pk, signed_at__isnull=False))
    decisions = Adjudication.objects.filter(timepoint=timepoint_pk).select_related("reading")
    return counting_reading(signed, decisions.order_by("pk").last())


def whose(row: Reading) -> tuple[int | None, str]:
    """The reader of a reading, by login or by name."""
    return row.reader_id, row.reader_name


def _signing(row: Reading) -> tuple[float, int]:
    return (row.signed_at.timestamp() if row.signed_at else 0.0), row.pk
