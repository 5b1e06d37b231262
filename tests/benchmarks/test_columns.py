"""What one feature over a whole cohort takes, by column and by row, and the pages of so large a site.

.venv/bin/python -m pytest -m benchmark -n 0 -s tests/benchmarks/test_columns.py              # 1,000 x 5 x 8 x 1,316
COHORT=100 .venv/bin/python -m pytest -m benchmark -n 0 -s tests/benchmarks/test_columns.py   # a tenth of it
"""

import array
import math
import os
import random
import statistics
import time
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from patients.models import FeatureSet, FeatureSnapshot, Patient
from patients.reads.tables.columns import column, one_feature_rows
from patients.vocabulary import Role
from patients.writes.columns import rebuild_columns
from tests.load.population import Size, build, make_logins

PATIENTS = int(os.environ.get("COHORT") or 1000)
SIZE = Size(patients=PATIENTS, scans=8, lesions=5, profile="ct-full", concluded=12)
BAR_MS = 100
BY_ROW = """SELECT id, "values"[%s] FROM patients_featuresnapshot WHERE feature_set_id = %s ORDER BY id"""


def milliseconds(what: Callable[[], object], times: int) -> list[float]:
    """What so many calls took, the quickest first."""
    taken = []
    for _ in range(times):
        began_at = time.perf_counter()
        what()
        taken.append(1000 * (time.perf_counter() - began_at))
    return sorted(taken)


def told(name: str, taken: list[float]) -> str:
    p95 = taken[math.ceil(0.95 * len(taken)) - 1]
    return f"  {name:<58}{len(taken):>4} times, median {statistics.median(taken):.0f} ms, p95 {p95:.0f} ms\n"


def same_bits(feature_set: FeatureSet, place: int) -> int:
    """How many values were compared with those of the snapshots; an AssertionError where one differs in any bit."""
    with connection.cursor() as cursor:
        cursor.execute(BY_ROW, [place, feature_set.pk])
        by_row = cursor.fetchall()
    found = column(feature_set.pk, place)
    by_column = sorted(zip(found.snapshot_pks, found.values, strict=True))
    assert [pk for pk, _ in by_column] == [pk for pk, _ in by_row]
    assert array.array("d", [v for _, v in by_column]).tobytes() == array.array("d", [v for _, v in by_row]).tobytes()
    return len(by_row)


def pages(site: Client) -> str:
    """The course pages of those who are concluded, the list, and the CSV of one feature."""
    concluded = Patient.objects.exclude(concluded_rules="").order_by("pk")
    asked = [f"/patients/{one.code}/" for one in concluded for _ in range(3)]
    random.Random(1).shuffle(asked)
    site.get(asked[0])
    left = iter(asked)
    course = milliseconds(lambda: site.get(next(left)), len(asked))
    patients = milliseconds(lambda: site.get("/patients/"), 20)
    return told("course page", course) + told(f"patient list ({PATIENTS:,})", patients)


@pytest.mark.benchmark
@pytest.mark.django_db
def test_one_feature_over_a_cohort(as_user):
    make_logins(readers=1, uploaders=0, uploads=0)
    began_at = time.perf_counter()
    build(SIZE)
    built_s, began_at = time.perf_counter() - began_at, time.perf_counter()
    blocks, waiting = rebuild_columns()
    turned_s = time.perf_counter() - began_at
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    feature_set = FeatureSet.objects.get(profile="ct-full")
    places = random.Random(2).sample(range(1, len(feature_set.names) + 1), 40)
    compared = sum(same_bits(feature_set, place) for place in places[:10])
    later = iter(places[10:])
    by_column = milliseconds(lambda: column(feature_set.pk, next(later)), 30)
    by_row = milliseconds(lambda: same_bits(feature_set, places[0]), 1)
    everybody = list(Patient.objects.values_list("pk", flat=True))
    name = feature_set.names[places[3] - 1]
    rows = milliseconds(lambda: list(one_feature_rows(name, everybody)), 5)
    reader = User.objects.get(username="reader-00", groups__name=Role.ONCOLOGIST)
    print(  # noqa: T201  # the figures are what this is for
        f"\n{FeatureSnapshot.objects.count():,} snapshots of {len(feature_set.names):,} features, "
        f"built in {built_s:.0f} s; turned into {blocks} blocks in {turned_s:.0f} s, {waiting} wait\n"
        + told("one feature of all, by column", by_column)
        + told("the same by row, and compared", by_row)
        + told("the same with whose it is, as the CSV has it", rows)
        + pages(as_user(reader))
        + f"  {compared:,} values compared with the snapshots: every bit the same; "
        f"the bar of one feature by column is {BAR_MS} ms"
    )
