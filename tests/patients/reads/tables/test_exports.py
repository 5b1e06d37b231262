"""Tidy rows: one value each, with unit and origin, in as many queries for one lesion as for five."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from patients.models import Segmentation
from patients.reads.tables.exports import COLUMNS, tidy_rows
from patients.vocabulary import Absence
from tests.factories import (
    BASELINE_ON,
    LesionFactory,
    MeasurementFactory,
    PatientFactory,
    SegmentationFactory,
    followed_patient,
)
from tests.patients.rows import followed, scan_on

pytestmark = pytest.mark.django_db


def rows(*patients) -> list[dict[str, Any]]:
    return [dict(zip(COLUMNS, row, strict=True)) for row in tidy_rows([patient.pk for patient in patients])]


def test_every_size_and_every_feature_is_a_row_of_its_own():
    patient = followed([30.0, 20.0], pseudonym="P-1")
    found = rows(patient)
    assert len(found) == 2 * (3 + 3)
    assert [row["feature"] for row in found[:3]] == ["longest_diameter_mm", "short_axis_mm", "volume_ml"]
    assert [(row["value"], row["unit"]) for row in found[:2]] == [(30.0, "mm"), (21.0, "mm")]
    volume, mean, contrast = found[3:6]
    assert (volume["unit"], mean["unit"], contrast["unit"]) == ("mm³", "HU", "")
    assert (mean["value"], mean["profile"], len(mean["build_digest"])) == (30.0 * 2 / 7, "ct", 64)
    assert (found[0]["scan_date"], found[0]["patient"]) == ("2024-01-08", "P-1")


def test_what_is_not_defined_is_empty_with_its_reason():
    contrast = rows(followed([30.0]))[5]
    assert (contrast["value"], contrast["reason"]) == (None, Absence.SMALL_ROI)


@pytest.mark.parametrize("failure, reason", [({}, Absence.WAITING), ({"code": "E"}, Absence.FAILED)])
def test_an_outline_that_is_not_measured_has_rows_without_values(failure, reason):
    patient = PatientFactory.create()
    SegmentationFactory.create(
        scan=scan_on(patient, BASELINE_ON), lesion=LesionFactory.create(patient=patient), failure=failure
    )
    assert [(row["value"], row["reason"]) for row in rows(patient)] == [(None, reason)] * 3


def test_a_size_that_may_not_enter_a_sum_says_why_beside_its_value():
    measured = MeasurementFactory.create(absence=Absence.SEVERAL_PARTS)
    found = rows(measured.segmentation.scan.patient)
    assert {(row["value"], row["reason"]) for row in found} == {(v, Absence.SEVERAL_PARTS) for v in (31.4, 22.7, 9.8)}


def test_synthetic_scans_are_marked_and_waiting_or_superseded_outlines_left_out():
    patient = followed([30.0])
    patient.scans.update(is_synthetic=True)
    assert {row["synthetic"] for row in rows(patient)} == {"SYNTHETIC"}
    waiting = SegmentationFactory.create(scan=patient.scans.get(), lesion=None)
    assert len(rows(patient)) == 6
    linked = Segmentation.objects.filter(lesion__isnull=False)
    linked.update(superseded_by=waiting, superseded_at=timezone.now())
    assert rows(patient) == []


def test_only_the_patients_asked_for():
    first, second = followed([30.0], pseudonym="P-1"), followed([20.0], pseudonym="P-2")
    assert {row["patient"] for row in rows(first)} == {"P-1"}
    assert [row["patient"] for row in rows(second, first)] == ["P-1"] * 6 + ["P-2"] * 6
    assert rows() == []


def test_the_number_of_queries_does_not_grow(team):
    counts = []
    for size in ((1, 2, 107), (5, 8, 107), (1, 2, 1316), (5, 8, 1316)):
        patient = followed_patient(team, *size)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert sum(1 for _ in tidy_rows([patient.pk])) == size[0] * size[1] * (3 + size[2])
        counts.append(len(captured))
    assert set(counts) == {8}
