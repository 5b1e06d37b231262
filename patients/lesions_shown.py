"""Which lesions of a patient a login may know of: a new one that was opened in a draft is its opener's alone."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from patients.models import Lesion, LesionReading, LesionTreatment, Segmentation
from patients.vocabulary import LesionRole


def lesions_shown(patient_pk: int, user_pk: int | None = None) -> QuerySet[Lesion]:
    """The lesions of a patient that a login may know of; without one, those that everybody may.

    A new lesion that was opened in a draft is what its reader thinks, until it is outlined, treated or signed:
    it is its opener's alone.
    """
    own = Q(created_by=user_pk) if user_pk is not None else Q()
    return Lesion.objects.filter(known_to_all() | own, patient=patient_pk)


def known_to_all() -> Q:
    """The condition on lesions that everybody may know of."""
    signed = LesionReading.objects.filter(reading__signed_at__isnull=False)
    return (
        ~Q(role=LesionRole.NEW)
        | Exists(Segmentation.objects.filter(lesion=OuterRef("pk")))
        | Exists(LesionTreatment.objects.filter(lesion=OuterRef("pk")))
        | Exists(signed.filter(lesion=OuterRef("pk")))
        | Exists(signed.filter(merged_into=OuterRef("pk")))
    )
