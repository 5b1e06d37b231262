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
    is_synthetic: bool
    follows_volume: tuple[bool, ...]
    slope: Numbers
    standard_error: Numbers
    spearman: Numbers
    lesions: tuple[int, ...]
    inputs_digest: str


def replace_volume_tables(tables: Sequence[TableOfVolume]) -> set[tuple[int, bool]]:
    """Write these tables; returns the feature sets whose slopes are others now, as findings stand on slopes alone.

    Each with whether the table is of made-up patients.
    """
    with transaction.atomic():
        rows = VolumeSlopeTable.objects.filter(feature_set__in=[one.feature_set_id for one in tables])
        stored = {(row.feature_set_id, row.is_synthetic): row for row in rows}
        moved = set()
        for table in tables:
            key = table.feature_set_id, table.is_synthetic
            row = stored.get(key)
            before = (tuple(row.slope), tuple(row.standard_error)) if row else None
            if before != (table.slope, table.standard_error) and (row or any(table.slope)):
                moved.add(key)
            VolumeSlopeTable.objects.update_or_create(
                feature_set_id=key[0], is_synthetic=key[1], defaults=asdict(table)
            )
    return moved
