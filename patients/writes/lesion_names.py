"""The names of a patient's lesions: each once among those that a login knows, and nothing told of the others."""

from collections.abc import Collection

from patients.lesions_shown import lesions_shown
from patients.models import Lesion, Patient
from patients.readable import is_readable
from patients.writes.roles import LesionRefused

ID_LENGTH = 64
STEM_LENGTH = 56


def check_name(patient: Patient, name: str, opener_pk: int | None, besides: Lesion | None = None) -> None:
    """Raise LesionRefused, E_NAME, where a lesion opened by this login cannot have the name.

    A new lesion in another reader's draft may have it already: that this is so must not be learned from a refusal.
    """
    if not is_readable(name.strip(), ID_LENGTH):
        raise LesionRefused("E_NAME", "Give the lesion a name of at most 64 readable letters, for instance liver 2.")
    others = lesions_shown(patient.pk, opener_pk)
    if besides is not None:
        others = others.exclude(pk=besides.pk)
    if others.filter(tracking_id=name.strip()).exists():
        raise LesionRefused("E_NAME", "Another lesion of this patient has that name. Choose another one.")


def free_name(patient: Patient, wanted: str, opener_pk: int | None) -> str:
    """The wanted name, or the first of `name 2`, `name 3` … that no other lesion has that the login knows."""
    return first_free(set(lesions_shown(patient.pk, opener_pk).values_list("tracking_id", flat=True)), wanted)


def settle_names(patient_pk: int, lesion_pks: Collection[int]) -> None:
    """Give lesions that everybody knows from now on a name of their own: `bone 1 2` where there is a `bone 1`.

    Two readers may have opened one each, blinded to each other. Call it with the patient locked.
    """
    for lesion in lesions_shown(patient_pk).filter(pk__in=lesion_pks).order_by("pk"):
        others = Lesion.objects.filter(patient=patient_pk).exclude(pk=lesion.pk)
        if lesions_shown(patient_pk).exclude(pk=lesion.pk).filter(tracking_id=lesion.tracking_id).exists():
            name = first_free(set(others.values_list("tracking_id", flat=True)), lesion.tracking_id)
            Lesion.objects.filter(pk=lesion.pk).update(tracking_id=name)


def first_free(taken: Collection[str], wanted: str) -> str:
    """The wanted name, or the first of `name 2`, `name 3` … that is not taken."""
    name, number = wanted[:STEM_LENGTH], 2
    while name in taken:
        name, number = f"{wanted[:STEM_LENGTH]} {number}", number + 1
    return name
