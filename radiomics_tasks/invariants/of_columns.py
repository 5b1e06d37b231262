"""What always holds of features by column: I15."""

from collections.abc import Iterator

from radiomics_tasks.invariants.terms import Invariant, Terms, rows

_NOT_ONCE = """
SELECT f.id, count(held.snapshot_pk) FROM patients_featuresnapshot f
LEFT JOIN (
    SELECT unnest(snapshot_pks) AS snapshot_pk FROM patients_columnblock
    UNION ALL SELECT snapshot_id FROM patients_unturnedsnapshot
) held ON held.snapshot_pk = f.id
GROUP BY f.id HAVING count(held.snapshot_pk) <> 1 ORDER BY f.id
"""
_LENGTHS = """
SELECT b.id, one.place FROM patients_columnblock b
JOIN patients_featureset n ON n.id = b.feature_set_id
CROSS JOIN LATERAL generate_series(1, cardinality(n.names)) AS one(place)
LEFT JOIN patients_columnvalues c ON c.block_id = b.id AND c.place = one.place
WHERE c.id IS NULL OR cardinality(c."values") <> cardinality(b.snapshot_pks)
ORDER BY b.id, one.place
"""
# By their bits: zero and minus zero are equal numbers and two values.
_OTHER_BITS = """
SELECT b.id, count(*) FROM patients_columnblock b
CROSS JOIN LATERAL unnest(b.snapshot_pks) WITH ORDINALITY AS held(snapshot_pk, at)
JOIN patients_featuresnapshot f ON f.id = held.snapshot_pk
CROSS JOIN LATERAL unnest(f."values") WITH ORDINALITY AS one(value, place)
JOIN patients_columnvalues c ON c.block_id = b.id AND c.place = one.place
WHERE float8send(c."values"[held.at]) IS DISTINCT FROM float8send(one.value)
GROUP BY b.id ORDER BY b.id
"""


def _columns(_terms: Terms) -> Iterator[str]:
    for pk, count in rows(_NOT_ONCE):
        yield f"snapshot {pk} is found {count} times among the columns"
    for block, place in rows(_LENGTHS):
        yield f"block {block} has not one value a snapshot of feature {place}"
    for block, count in rows(_OTHER_BITS):
        yield f"block {block} holds {count} values that are not those of its snapshots"


OF_COLUMNS = (Invariant("I15", "Features by column are those of the snapshots, to the bit, each once.", _columns),)
