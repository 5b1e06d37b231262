import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from patients.models import ClinicalEvent, LabResult
from tests.factories import ClinicalEventFactory, LabResultFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("factory, model", [(LabResultFactory, LabResult), (ClinicalEventFactory, ClinicalEvent)])
def test_the_database_keeps_what_was_entered(factory, model):
    row = factory.create()
    for act in (lambda: model.objects.filter(pk=row.pk).update(row_digest="other"), row.delete):
        with pytest.raises(IntegrityError, match="never"), transaction.atomic():
            act()
    later = factory.create(patient=row.patient)
    assert model.objects.filter(pk=row.pk).update(superseded_at=timezone.now(), superseded_by=later) == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.filter(pk=row.pk).update(superseded_at=None)


def test_one_row_in_force_says_one_thing():
    row = LabResultFactory.create()
    with pytest.raises(IntegrityError), transaction.atomic():
        LabResultFactory.create(patient=row.patient, row_digest=row.row_digest)
    LabResult.objects.filter(pk=row.pk).update(superseded_at=timezone.now())
    assert LabResultFactory.create(patient=row.patient, row_digest=row.row_digest).pk


def test_no_negative_result_and_no_end_before_its_start():
    with pytest.raises(IntegrityError), transaction.atomic():
        LabResultFactory.create(value=-1.0)
    event = ClinicalEventFactory.build()
    with pytest.raises(IntegrityError), transaction.atomic():
        ClinicalEventFactory.create(ended_on=event.started_on.replace(year=2000))
