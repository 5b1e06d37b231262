"""One feature of a whole cohort, read by column: of every snapshot, or with whose it is, ready for a table."""

import sys
from array import array
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

from patients.feature_names import FeatureName
from patients.reads.tables.exports import COLUMNS as ALL_COLUMNS
from patients.reads.tables.exports import Cell

# The blocks, and what is in none yet, in one statement: each snapshot once, whatever is turned meanwhile.
_COLUMN = """
SELECT b.snapshot_pks, c."values" FROM patients_columnblock b
JOIN patients_columnvalues c ON c.block_id = b.id AND c.place = %(place)s
WHERE b.feature_set_id = %(feature_set)s
UNION ALL
SELECT array_agg(f.id ORDER BY f.id), array_agg(f."values"[%(place)s] ORDER BY f.id)
FROM patients_unturnedsnapshot w JOIN patients_featuresnapshot f ON f.id = w.snapshot_id
WHERE w.feature_set_id = %(feature_set)s HAVING count(*) > 0
"""
# Spelled out and read again, forty thousand numbers take longer than finding them: they come as bytes, but for NULLs.
_SENT = f"""
SELECT array_send(snapshot_pks), array_send("values"),
    CASE WHEN array_position("values", NULL) IS NOT NULL THEN "values" END
FROM ({_COLUMN}) AS asked
"""
_SETS = """
SELECT id, array_position(names::text[], %s) FROM patients_featureset
WHERE %s = ANY(names::text[]) AND is_extra = (%s <> '') AND %s IN ('', profile) ORDER BY id
"""
_ROWS = f"""
WITH asked AS ({_COLUMN}), one AS (
    SELECT value.snapshot_pk, value.number
    FROM asked, unnest(asked.snapshot_pks, asked."values") AS value(snapshot_pk, number)
)
SELECT p.is_synthetic, p.pseudonym, l.tracking_id, l.tracking_uid, l.organ, l.role, c.acquired_on, c.modality, f.region,
    CASE WHEN NOT d.is_damaged THEN one.number END, c.unit,
    CASE WHEN d.is_damaged THEN 'DAMAGED' WHEN one.number IS NULL THEN f.reasons[%(place)s] END,
    n.profile, n.profile_digest, coalesce(f.provenance->>'conformance', ''),
    f.engine, f.build_digest, s.mask_digest, c.volume_digest, s.code, f.id
FROM one JOIN patients_featuresnapshot f ON f.id = one.snapshot_pk
JOIN patients_featureset n ON n.id = f.feature_set_id
JOIN patients_segmentation s ON s.id = f.segmentation_id
JOIN patients_lesion l ON l.id = s.lesion_id
JOIN patients_scan c ON c.id = s.scan_id
JOIN patients_patient p ON p.id = c.patient_id
CROSS JOIN LATERAL (
    SELECT EXISTS (SELECT 1 FROM patients_integrityfault i
                   WHERE i.cleared_at IS NULL AND s.id = ANY(i.segmentation_pks)) AS is_damaged
) d
WHERE p.id = ANY(%(patients)s) AND s.superseded_at IS NULL AND NOT s.is_withheld
ORDER BY p.pseudonym, l.id, c.acquired_on, s.id, f.id
"""
COLUMNS = (
    "synthetic",
    "patient",
    "lesion",
    "tracking_uid",
    "organ",
    "role",
    "scan_date",
    "modality",
    "region",
    "feature",
    "value",
    "unit",
    "reason",
    "profile",
    "profile_digest",
    "conformance",
    "engine",
    "build_digest",
    "mask_digest",
    "volume_digest",
    "segmentation",
    "snapshot",
)
assert set(COLUMNS) <= set(ALL_COLUMNS)


@dataclass(frozen=True, slots=True)
class Column:
    """One feature of every snapshot of a feature set, whosever it is, in the order in which they were turned."""

    snapshot_pks: list[int]
    values: list[float | None]


def places_of(feature: str, profile: str = "") -> list[tuple[int, int]]:
    """Every feature set that holds a feature of this name, with its place there (from 1).

    Those that are followed; with the name of a further profile (`ct-full`) that one's: they are never mixed.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SETS, [feature, feature, profile, profile])
        return [(pk, place) for pk, place in cursor.fetchall()]


def column(feature_set_pk: int, place: int) -> Column:
    """One feature of all snapshots of a set, in one query; some of them may have been removed since."""
    with connection.cursor() as cursor:
        cursor.execute(_SENT, {"feature_set": feature_set_pk, "place": place})
        found = cursor.fetchall()
    numbers = [value for _, sent, values in found for value in (_doubles(bytes(sent)) if values is None else values)]
    return Column([pk for pks, _, _ in found for pk in _integers(bytes(pks))], numbers)


def _doubles(sent: bytes) -> "array[float]":
    """The elements of an array of doubles without NULL, from PostgreSQL's binary format, to the bit."""
    numbers = array("d", _halves(sent).tobytes())
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers


def _integers(sent: bytes) -> "array[int]":
    numbers = array("q", _halves(sent).tobytes())
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers


def _halves(sent: bytes) -> "array[int]":
    """Of each element the length (4 bytes) is dropped, and its two words stay; the head of the array is 20 bytes."""
    words = array("I", sent[20:])
    halves = array("I", bytes(8 * (len(words) // 3)))
    halves[0::2], halves[1::2] = words[1::3], words[2::3]
    return halves


def one_feature_rows(feature: str, patient_pks: Collection[int], profile: str = "") -> Iterator[tuple[Cell, ...]]:
    """One feature of every linked, current outline of these patients, in the order of COLUMNS.

    The rows and cells are those of the export of all features; a feature that nobody has gives none.
    """
    for feature_set_pk, place in places_of(feature, profile):
        with connection.cursor() as cursor:
            asked: dict[str, Any] = {"feature_set": feature_set_pk, "place": place, "patients": list(patient_pks)}
            cursor.execute(_ROWS, asked)
            for row in cursor.fetchall():
                yield _cells(feature, row)


def _cells(feature: str, row: tuple[Cell, ...]) -> tuple[Cell, ...]:
    is_synthetic, pseudonym, lesion, uid, organ, role, on, modality, region, value, unit, reason, *made_by = row
    start = ("SYNTHETIC" if is_synthetic else "", pseudonym, lesion, uid, organ, role, str(on), modality, region)
    *digests, outline, snapshot = made_by
    return (
        *start,
        feature,
        value,
        FeatureName.parse(feature).unit(str(unit)),
        reason or "",
        *digests,
        str(outline),
        snapshot,
    )
