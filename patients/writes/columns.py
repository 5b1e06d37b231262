"""Turn stored snapshots into columns: a block at a time as they come, or all of them anew. Nothing leaves the database.

A reader takes the blocks and what is not turned yet in one statement, so that it always sees each snapshot once.
"""

from collections.abc import Sequence

from django.db import connection, transaction

from patients.models import ColumnBlock, FeatureSet, UnturnedSnapshot
from patients.models.columns import BLOCK

# "columns" in letters, with the feature set: the advisory lock of whoever turns its snapshots.
LOCK = 0x636F6C756D6E
_TAKE = """
DELETE FROM patients_unturnedsnapshot WHERE snapshot_id IN (
    SELECT snapshot_id FROM patients_unturnedsnapshot WHERE feature_set_id = %s ORDER BY snapshot_id LIMIT %s
    FOR UPDATE SKIP LOCKED
) RETURNING snapshot_id
"""
_TURN = """
INSERT INTO patients_columnvalues (block_id, place, "values")
SELECT %s, one.place, array_agg(one.value ORDER BY f.id)
FROM patients_featuresnapshot f, unnest(f."values") WITH ORDINALITY AS one(value, place)
WHERE f.id = ANY(%s) GROUP BY one.place
"""
_ALL = """
INSERT INTO patients_unturnedsnapshot (snapshot_id, feature_set_id)
SELECT id, feature_set_id FROM patients_featuresnapshot ON CONFLICT DO NOTHING
"""


def turn_waiting(feature_set_pk: int) -> int:
    """Turn what waits of one feature set, whole blocks only; how many blocks that were.

    Whoever stores a snapshot calls it in the same transaction; where another one is at it nobody waits.
    """
    with transaction.atomic():
        waiting = UnturnedSnapshot.objects.filter(feature_set=feature_set_pk)
        if waiting.count() < BLOCK or not _takes_turn(feature_set_pk):
            return 0
        blocks = 0
        while waiting.count() >= BLOCK and (pks := _taken(feature_set_pk)):
            _turn(feature_set_pk, pks)
            blocks += 1
    return blocks


def rebuild_columns() -> tuple[int, int]:
    """Drop every block and turn every snapshot anew; how many blocks there are, and how many snapshots still wait."""
    with transaction.atomic():
        ColumnBlock.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(_ALL)
        blocks = sum(turn_waiting(pk) for pk in FeatureSet.objects.order_by("pk").values_list("pk", flat=True))
    return blocks, UnturnedSnapshot.objects.count()


def _takes_turn(feature_set_pk: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, %s))", [str(feature_set_pk), LOCK])
        return bool(cursor.fetchone() == (True,))


def _taken(feature_set_pk: int) -> list[int]:
    """The next snapshots to be turned, which wait no longer; none where others hold them."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [feature_set_pk, BLOCK])
        return sorted(pk for (pk,) in cursor.fetchall())


def _turn(feature_set_pk: int, snapshot_pks: Sequence[int]) -> None:
    block = ColumnBlock.objects.create(feature_set_id=feature_set_pk, snapshot_pks=list(snapshot_pks))
    with connection.cursor() as cursor:
        cursor.execute(_TURN, [block.pk, list(snapshot_pks)])
