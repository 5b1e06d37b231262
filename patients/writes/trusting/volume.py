"""Store how features follow volume over a site's lesions; what is said again is left alone."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django.db import transaction

from patients.models import VolumeSlopeTable

Numbers = tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class TableOfVolume:
    """The features of one set and volume, one entry a feature; `inputs_digest` is of what it was made from."""

    feature_set_id: int
    follows_volume: tuple[bool, ...]
    slope: Numbers
    standard_error: Numbers
    spearman: Numbers
    lesions: tuple[int, ...]
    inputs_digest: str


def replace_volume_tables(tables: Sequence[TableOfVolume]) -> set[int]:
    """Write these feature sets' tables; the sets whose slopes are others now, as findings stand on slopes alone."""
    with transaction.atomic():
        stored = VolumeSlopeTable.objects.in_bulk([one.feature_set_id for one in tables], field_name="feature_set_id")
        moved = set()
        for table in tables:
            row = stored.get(table.feature_set_id)
            before = (tuple(row.slope), tuple(row.standard_error)) if row else None
            if before != (table.slope, table.standard_error) and (row or any(table.slope)):
                moved.add(table.feature_set_id)
            said = asdict(table)
            VolumeSlopeTable.objects.update_or_create(feature_set_id=said.pop("feature_set_id"), defaults=said)
    return moved
