"""An upload that nobody goes on with is given up after a while, one that still receives is not."""

from datetime import timedelta

import pytest
from django.utils import timezone

from patients.models import AuditEvent, Upload
from patients.vocabulary import UploadState
from patients.words.audit_words import Deed
from patients.writes.idle_uploads import give_up_idle
from patients.writes.uploads import ReceivingLimits, receive_file
from radiomics_tasks.relay.reconcile import reconcile
from tests.factories import UploadedFileFactory, UploadFactory

pytestmark = pytest.mark.django_db
DAY_S = 86_400
LIMITS = ReceivingLimits(file_bytes=100, files=3, upload_bytes=1 << 20)


def opened(days_ago: float, state: UploadState = UploadState.RECEIVING) -> Upload:
    upload = UploadFactory.create(state=state)
    UploadedFileFactory.create(upload=upload, name="Doe^Jane/0001.dcm")
    Upload.objects.filter(pk=upload.pk).update(created_at=timezone.now() - timedelta(days=days_ago))
    return upload


def test_an_old_upload_without_a_new_file_is_given_up_with_its_names():
    old, young = opened(2), opened(0.5)
    assert give_up_idle(DAY_S) == 1
    old.refresh_from_db()
    young.refresh_from_db()
    assert (old.state, young.state) == (UploadState.ABANDONED, UploadState.RECEIVING)
    assert "Doe" not in old.files.get().name and "Doe" in young.files.get().name
    event = AuditEvent.objects.filter(deed=Deed.UPLOAD_ABANDONED.value).get()
    assert event.subject_code == str(old.code)


def test_an_old_upload_that_still_receives_stays(storage):
    upload = opened(2)
    receive_file(storage, upload, "0002.dcm", [b"bytes"], LIMITS)
    assert give_up_idle(DAY_S) == 0


@pytest.mark.parametrize("state", [UploadState.RECEIVED, UploadState.READING, UploadState.NEEDS_PERSON])
def test_what_is_complete_is_not_given_up(state):
    opened(20, state)
    assert give_up_idle(DAY_S) == 0


def test_the_reconciler_does_it(storage, settings):
    settings.STAGING_HOURS = 1
    upload = opened(1)
    reconcile()
    upload.refresh_from_db()
    assert upload.state == UploadState.ABANDONED
