"""Uploads, scans and candidates: known states, and one scan for a volume and a patient."""

import pytest
from django.db import IntegrityError, transaction

from patients.models import Candidate, Upload
from tests.factories import (
    CandidateFactory,
    PatientFactory,
    ScanFactory,
    TimepointFactory,
    UploadedFileFactory,
    UploadFactory,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("factory, model", [(UploadFactory, Upload), (CandidateFactory, Candidate)])
def test_a_state_nobody_knows_is_refused(factory, model):
    row = factory.create()
    with pytest.raises(IntegrityError, match="state_is_known"), transaction.atomic():
        model.objects.filter(pk=row.pk).update(state="LOST")


def test_one_scan_for_a_volume_and_a_patient():
    scan = ScanFactory.create()
    with pytest.raises(IntegrityError), transaction.atomic():
        ScanFactory.create(timepoint=TimepointFactory.create(patient=scan.patient), volume_digest=scan.volume_digest)
    other = ScanFactory.create(
        timepoint=TimepointFactory.create(patient=PatientFactory.create()), volume_digest=scan.volume_digest
    )
    assert other.patient != scan.patient


def test_one_row_for_a_received_file():
    row = UploadedFileFactory.create()
    with pytest.raises(IntegrityError), transaction.atomic():
        UploadedFileFactory.create(upload=row.upload, name=row.name, sha256=row.sha256)
    UploadedFileFactory.create(upload=row.upload, name=row.name, sha256="0" * 64)


def test_scans_come_in_the_order_of_their_dates():
    patient = PatientFactory.create()
    days = ["2024-03-01", "2024-01-08", "2024-02-01"]
    for day in days:
        ScanFactory.create(timepoint=TimepointFactory.create(patient=patient), acquired_on=day)
    assert [str(scan.acquired_on) for scan in patient.scans.all()] == sorted(days)
