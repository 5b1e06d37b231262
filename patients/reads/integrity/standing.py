"""Damage that stands: of one patient, and how much there is."""

from dataclasses import dataclass

from django.db.models import Q

from patients.models import IntegrityFault, Segmentation


@dataclass(frozen=True, slots=True)
class Damage:
    """Which numbers of an outline stand on damaged data."""

    sizes: bool
    features: bool


def damage_of(outline_pk: int) -> Damage:
    """What damage reaches of one outline, in one query."""
    rows = IntegrityFault.objects.filter(cleared_at=None, segmentation_pks__contains=[outline_pk])
    reached = list(rows.values_list("reaches_sizes", flat=True))
    return Damage(any(reached), bool(reached))


def standing_faults(patient_pk: int) -> list[IntegrityFault]:
    """What is damaged of one patient, oldest first; damage that several patients' features stand on, too."""
    own = Q(patient=patient_pk)
    shared = IntegrityFault.objects.filter(cleared_at=None, patient=None)
    if shared.exists():
        outlines = Segmentation.objects.filter(scan__patient=patient_pk).values_list("pk", flat=True)
        own |= Q(patient=None, segmentation_pks__overlap=list(outlines))
    return list(IntegrityFault.objects.filter(own, cleared_at=None).order_by("pk"))


def standing_count() -> int:
    """How many faults stand at this site."""
    return IntegrityFault.objects.filter(cleared_at=None).count()
