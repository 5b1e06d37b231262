"""Features by column: those of the snapshots to the bit, each snapshot once, turned or not."""

import struct

import pytest
from django.core.management import call_command
from django.db import connection

from patients.models import ColumnBlock, FeatureSnapshot, UnturnedSnapshot
from patients.reads.tables.columns import COLUMNS, column, one_feature_rows, places_of
from patients.reads.tables.exports import COLUMNS as ALL_COLUMNS
from patients.reads.tables.exports import tidy_rows
from patients.writes import columns
from patients.writes.columns import rebuild_columns, turn_waiting
from patients.writes.features import store_snapshot
from radiomics_tasks.invariants.of_columns import OF_COLUMNS
from radiomics_tasks.invariants.terms import Terms
from tests.factories import FEATURES, FeatureSetFactory, FeatureSnapshotFactory, SegmentationFactory, followed_patient

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    monkeypatch.setattr(columns, "BLOCK", 4)


def snapshots(count: int) -> list[FeatureSnapshot]:
    """Awkward numbers: minus zero, the smallest, the largest, and now and then none."""
    awkward = (-0.0, 5e-324, 1.7976931348623157e308, 0.1 + 0.2)
    return [
        FeatureSnapshotFactory.create(
            values=[awkward[n % 4], None if n % 3 else float(n), n / 7],
            reasons=[None, "NOT_DEFINED" if n % 3 else None, None],
        )
        for n in range(count)
    ]


def bits(value: float | None) -> bytes | None:
    return None if value is None else struct.pack("<d", value)


def by_column(feature_set_pk: int, place: int) -> dict[int, bytes | None]:
    found = column(feature_set_pk, place)
    assert len(found.snapshot_pks) == len(set(found.snapshot_pks)) == len(found.values)
    return {pk: bits(value) for pk, value in zip(found.snapshot_pks, found.values, strict=True)}


def by_row(place: int) -> dict[int, bytes | None]:
    return {row.pk: bits(row.values[place - 1]) for row in FeatureSnapshot.objects.all()}


def broken(storage) -> list[str]:
    return list(OF_COLUMNS[0].broken(Terms(storage)))


def test_a_column_is_that_of_the_snapshots_to_the_bit(storage):
    feature_set = snapshots(10)[0].feature_set
    assert turn_waiting(feature_set.pk) == 2
    assert (ColumnBlock.objects.count(), UnturnedSnapshot.objects.count()) == (2, 2)
    assert [by_column(feature_set.pk, place) for place in (1, 2, 3)] == [by_row(place) for place in (1, 2, 3)]
    assert broken(storage) == []


def test_one_feature_takes_one_query(django_assert_num_queries):
    feature_set = snapshots(9)[0].feature_set
    turn_waiting(feature_set.pk)
    assert places_of(FEATURES[2]) == [(feature_set.pk, 3)]
    assert places_of("original_glcm_NoSuch") == []
    with django_assert_num_queries(1):
        column(feature_set.pk, 3)


def test_a_snapshot_is_turned_in_the_transaction_that_stores_it(monkeypatch):
    monkeypatch.setattr(columns, "BLOCK", 1)
    extracted = {
        "profile": "ct",
        "profile_digest": "d" * 64,
        "names": list(FEATURES),
        "engine": "made up",
        "build_digest": "b" * 64,
        "versions": {},
        "values": [1.0, -0.0, 3.5],
        "reasons": [None, None, None],
        "provenance": {},
    }
    row = store_snapshot(SegmentationFactory.create(), extracted)
    assert by_column(row.feature_set_id, 2) == {row.pk: bits(-0.0)}
    assert list(ColumnBlock.objects.values_list("snapshot_pks", flat=True)) == [[row.pk]]
    assert not UnturnedSnapshot.objects.exists()


def test_rebuilt_columns_leave_out_what_is_gone(storage):
    rows = snapshots(9)
    feature_set = rows[0].feature_set
    turn_waiting(feature_set.pk)
    FeatureSnapshot.objects.filter(pk__in=[rows[1].pk, rows[8].pk]).delete()
    assert rows[8].pk not in by_column(feature_set.pk, 1)
    assert broken(storage) == []
    assert rebuild_columns() == (1, 3)
    assert by_column(feature_set.pk, 1) == by_row(1)
    call_command("rebuild_columns")
    assert by_column(feature_set.pk, 3) == by_row(3)


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ('UPDATE patients_columnvalues SET "values"[2] = 0 WHERE place = 1', "are not those of its snapshots"),
        ('UPDATE patients_columnvalues SET "values"[1] = 0 WHERE place = 1', "are not those of its snapshots"),
        ("DELETE FROM patients_columnvalues WHERE place = 3", "of feature 3"),
        ("DELETE FROM patients_unturnedsnapshot", "is found 0 times"),
    ],
)
def test_a_column_that_says_something_else_is_told(storage, damage, told):
    turn_waiting(snapshots(5)[0].feature_set_id)
    with connection.cursor() as cursor:
        cursor.execute(damage)
    assert told in " ".join(broken(storage))
    rebuild_columns()
    assert broken(storage) == []


def test_the_rows_of_one_feature_are_those_of_the_export_of_all(team):
    patients = [followed_patient(team, lesions=2, dates=3).pk for _ in range(2)]
    hidden = FeatureSnapshot.objects.filter(segmentation__scan__patient=patients[1]).latest("pk").segmentation
    hidden.is_withheld = True
    hidden.save(update_fields=["is_withheld"])
    followed_patient(team)
    turn_waiting(FeatureSetFactory.create().pk)
    places = [ALL_COLUMNS.index(name) for name in COLUMNS]
    every = [tuple(row[place] for place in places) for row in tidy_rows(patients)]
    wanted = [row for row in every if row[COLUMNS.index("feature")] == FEATURES[1]]
    assert len(wanted) == 11
    assert list(one_feature_rows(FEATURES[1], patients)) == wanted
