"""Deltas and responses: one for each place, and no delta that is not finite."""

import math

import pytest
from django.db import IntegrityError, transaction

from patients.models import FeatureDelta
from patients.vocabulary import Reference
from tests.factories import (
    FeatureDeltaFactory,
    FeatureSnapshotFactory,
    ResponseAssessmentFactory,
    SegmentationFactory,
    TimepointFactory,
)

pytestmark = pytest.mark.django_db

FORMS = ("absolute", "relative_ratio", "log_ratio", "symmetric_ratio", "velocity_per_month")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_change_that_is_not_finite_is_refused(form, value):
    snapshot = FeatureSnapshotFactory.create()
    with pytest.raises(IntegrityError, match="feature_deltas_are_finite"), transaction.atomic():
        FeatureDeltaFactory.create(snapshot=snapshot, reference_snapshot=snapshot, **{form: [1.0, value, None]})
    assert not FeatureDelta.objects.exists()


def test_one_delta_for_a_lesion_a_visit_a_reference_and_a_feature_set():
    outline = SegmentationFactory.create()
    snapshot = FeatureSnapshotFactory.create(segmentation=outline)
    FeatureDeltaFactory.create(snapshot=snapshot, reference_snapshot=snapshot)
    FeatureDeltaFactory.create(snapshot=snapshot, reference_snapshot=snapshot, reference=Reference.NADIR)
    with pytest.raises(IntegrityError), transaction.atomic():
        FeatureDeltaFactory.create(snapshot=snapshot, reference_snapshot=snapshot)
    assert FeatureDelta.objects.count() == 2


def test_one_response_for_a_visit_and_a_criterion():
    visit = TimepointFactory.create()
    ResponseAssessmentFactory.create(timepoint=visit)
    with pytest.raises(IntegrityError), transaction.atomic():
        ResponseAssessmentFactory.create(timepoint=visit)
    ResponseAssessmentFactory.create()
