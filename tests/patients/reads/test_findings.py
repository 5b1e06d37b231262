"""Rows to findings: exact decimals, reasons beside gaps, in the order of the visits."""

from datetime import timedelta
from decimal import Decimal

import pytest

from patients.reads.findings import lesion_deltas, patient_findings, responses_of
from patients.vocabulary import Reference, ResponseCategory
from tests.factories import (
    BASELINE_ON,
    FeatureDeltaFactory,
    FeatureSnapshotFactory,
    PatientFactory,
    ResponseAssessmentFactory,
    SegmentationFactory,
    TimepointFactory,
    followed_patient,
)

pytestmark = pytest.mark.django_db


def test_responses_come_in_the_order_of_their_visits_with_exact_decimals():
    patient = PatientFactory.create()
    for days, total in ((112, ""), (0, "30.1"), (56, "29.10")):
        ResponseAssessmentFactory.create(
            timepoint=TimepointFactory.create(patient=patient),
            assessed_on=BASELINE_ON + timedelta(days),
            sum_mm=total,
            partial_sum_mm=total or "7.3",
            category=ResponseCategory.SD if total else ResponseCategory.NE,
        )
    found = responses_of(patient.pk)
    assert [response.sum_mm for response in found] == [Decimal("30.1"), Decimal("29.10"), None]
    assert found[2].partial_sum_mm == Decimal("7.3")
    assert patient_findings(patient.pk).latest == found[2]


def test_a_contribution_that_is_missing_keeps_its_reason():
    part = {"lesion_pk": 7, "tracking_id": "liver 1", "size_mm": None, "measure": "longest", "absence": "NOT_OUTLINED"}
    row = ResponseAssessmentFactory.create(contributions=[part, {**part, "size_mm": "14.2", "absence": None}])
    missing, there = responses_of(row.patient_id)[0].contributions
    assert (missing.size_mm, missing.absence) == (None, "NOT_OUTLINED")
    assert (there.size_mm, there.absence) == (Decimal("14.2"), None)


def test_the_deltas_of_a_lesion_are_those_of_its_patient():
    outline = SegmentationFactory.create()
    snapshot = FeatureSnapshotFactory.create(segmentation=outline)
    for reference in Reference:
        FeatureDeltaFactory.create(snapshot=snapshot, reference_snapshot=snapshot, reference=reference)
    FeatureDeltaFactory.create()
    lesion = outline.lesion
    assert lesion is not None
    found = lesion_deltas(lesion.pk)
    assert found == patient_findings(outline.scan.patient_id).deltas
    assert {delta.reference for delta in found} == set(Reference)
    assert found[0].absolute.values == (0.5, 0.5, 0.5)


@pytest.mark.parametrize("lesions, dates", [(1, 2), (5, 8)])
def test_findings_take_three_queries_however_many_there_are(team, django_assert_num_queries, lesions, dates):
    patient = followed_patient(team, lesions, dates)
    with django_assert_num_queries(3):
        found = patient_findings(patient.pk)
    assert (len(found.deltas), len(found.responses)) == (lesions * (dates - 1) * 3, dates)
