"""Uploads that nobody goes on with: given up after a while, so that neither bytes nor names of files lie about."""

from datetime import timedelta

from django.utils import timezone

from patients.models import AuditEvent, Upload
from patients.vocabulary import UploadState
from patients.words.audit_words import Deed
from patients.writes.uploads import abandon_upload


def give_up_idle(idle_s: float) -> int:
    """Give up uploads that were opened, and last sent a file, more than `idle_s` seconds ago; how many that were.

    The trail knows when a file came, on whichever machine; their bytes go with the next sweep of staging.
    """
    since = timezone.now() - timedelta(seconds=idle_s)
    old = Upload.objects.filter(state=UploadState.RECEIVING, created_at__lt=since)
    sent = AuditEvent.objects.filter(deed=Deed.FILE_RECEIVED.value, at__gte=since)
    alive = set(sent.values_list("subject_code", flat=True))
    return sum(abandon_upload(upload) for upload in old if str(upload.code) not in alive)
