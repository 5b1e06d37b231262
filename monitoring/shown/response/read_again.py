"""What has changed under a signed assessment: the sizes it was signed on beside those of today. No queries."""

from dataclasses import dataclass

from patients.reads.readings.visits import ReadingSeen


@dataclass(frozen=True, slots=True)
class ChangedOutline:
    """One lesion whose outline is another one now, or has another size (mm; None: no size)."""

    name: str
    signed_mm: float | None
    now_mm: float | None


def changed_outlines(seen: ReadingSeen) -> tuple[ChangedOutline, ...]:
    """The lesions whose outlines are no longer those that the reading in force was signed on."""
    signed = {said.lesion_id: said for said in seen.in_force.lesions.all()} if seen.in_force else {}
    found = []
    for row in seen.lesions:
        said = signed.get(row.lesion.pk)
        before = (said.outline_id, said.outline_mm) if said else (None, None)
        now = (row.outline.segmentation_pk, row.outline.size_mm) if row.outline else (None, None)
        if before != now:
            found.append(ChangedOutline(row.lesion.tracking_id, before[1], now[1]))
    return tuple(found)
