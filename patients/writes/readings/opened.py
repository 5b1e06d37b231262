"""New lesions that were opened for a draft, and go with it."""

from collections.abc import Collection

from django.contrib.auth.models import User
from django.db.models import Q

from patients.models import Lesion, LesionReading, Reading
from patients.vocabulary import LesionRole
from patients.words.reading_words import ReadingState


def forget_opened(patient_pk: int, user: User, named: Collection[int]) -> None:
    """Delete the new lesions of a login that were for a draft it threw away; nothing else may speak of them.

    `named`: the lesions (keys) of that draft. One that no draft names yet stays while the login has another draft
    of the patient: it may have been opened for that. Call it with the patient locked.
    """
    opened = Lesion.objects.filter(patient=patient_pk, role=LesionRole.NEW, created_by=user)
    unspoken = opened.filter(segmentations=None, readings=None, treatments=None)
    merged_into = LesionReading.objects.filter(merged_into__patient=patient_pk).values("merged_into")
    has_draft = Reading.objects.filter(patient=patient_pk, reader=user, state=ReadingState.DRAFT).exists()
    was_for_it = Q(pk__in=named) if has_draft else Q()
    unspoken.exclude(pk__in=merged_into).filter(was_for_it).delete()
