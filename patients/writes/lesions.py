"""Store an outline; open a lesion for it, link it to one, revise what is said of a lesion."""

import secrets
from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from patients.models import Lesion, Patient, Scan, Segmentation
from patients.vocabulary import LesionRole, Organ

# RECIST 1.1: at most five targets, and two in one organ.
MOST_TARGETS = 5
MOST_TARGETS_AN_ORGAN = 2


class LesionRefused(Exception):
    """A lesion cannot be opened or changed like this: a stable code and a sentence."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code = code
        self.sentence = sentence


def store_outlines(
    scan: Scan, outlines: Sequence[dict[str, Any]], user: AbstractBaseUser | None, *, may_open_lesions: bool
) -> list[Segmentation]:
    """Keep the usable outlines of one scan; those with a problem, and those it already has, are left out.

    On a patient's first scan each opens its lesion. Later ones meet theirs here by tracking UID;
    what needs to be compared by place is met by the worker, and the rest waits for a person.
    """
    kept = []
    for outline in outlines:
        if outline.get("problems") or _is_there(scan, outline):
            continue
        segmentation = _new_segmentation(scan, outline, user)
        if may_open_lesions:
            _open_proposed(segmentation, user)
        else:
            _meet_by_tracking_uid(segmentation)
        kept.append(segmentation)
    return kept


def _is_there(scan: Scan, outline: dict[str, Any]) -> bool:
    """Whether the scan has this very outline under this name already."""
    return scan.segmentations.filter(
        mask_digest=outline["mask_digest"], roi_name=outline["name"], superseded_at=None
    ).exists()


def _new_segmentation(scan: Scan, outline: dict[str, Any], user: AbstractBaseUser | None) -> Segmentation:
    return Segmentation.objects.create(
        scan=scan,
        outline_format=outline["format"],
        roi_name=outline["name"],
        tracking_uid=outline["tracking_uid"],
        tracking_id=outline["tracking_id"],
        organ=outline["organ"],
        algorithm_type=outline["algorithm_type"],
        mask_digest=outline["mask_digest"],
        mask_file=outline["mask_file"],
        voxels=outline["voxels"],
        centroid_mm=outline["centroid_mm"],
        slices=outline["slices"],
        notes=outline["notes"],
        created_by=user,
    )


def _open_proposed(segmentation: Segmentation, user: AbstractBaseUser | None) -> None:
    patient = segmentation.scan.patient
    known = Lesion.objects.filter(patient=patient, tracking_uid=segmentation.tracking_uid).first()
    if segmentation.tracking_uid and known is not None:
        attach(segmentation, known, "same tracking UID")
        return
    organ = Organ(segmentation.organ or Organ.OTHER)
    lesion = Lesion.objects.create(
        patient=patient,
        tracking_uid=segmentation.tracking_uid or new_uid(),
        tracking_id=free_name(patient, segmentation.tracking_id or segmentation.roi_name or organ.label.lower()),
        organ=organ,
        is_node=organ is Organ.LYMPH_NODE,
        role=proposed_role(patient, organ),
        created_by=user,
    )
    attach(segmentation, lesion, "opened on the first scan")


def _meet_by_tracking_uid(segmentation: Segmentation) -> None:
    if not segmentation.tracking_uid:
        return
    lesion = Lesion.objects.filter(patient=segmentation.scan.patient_id, tracking_uid=segmentation.tracking_uid).first()
    if lesion is not None:
        attach(segmentation, lesion, "same tracking UID")


def attach(segmentation: Segmentation, lesion: Lesion, why: str) -> None:
    """Give an outline its lesion; an older outline of that lesion on the same scan is superseded, and kept."""
    with transaction.atomic():
        older = Segmentation.objects.select_for_update().filter(
            scan=segmentation.scan_id, lesion=lesion, superseded_at=None
        )
        older.exclude(pk=segmentation.pk).update(superseded_by=segmentation, superseded_at=timezone.now())
        segmentation.lesion = lesion
        segmentation.linked_why = why
        segmentation.save(update_fields=["lesion", "linked_why"])


def link_outline(segmentation: Segmentation, lesion: Lesion, user: AbstractBaseUser | None) -> bool:
    """A person says which lesion a waiting outline shows; false where somebody said so before."""
    with transaction.atomic():
        row = Segmentation.objects.select_for_update().select_related("scan").get(pk=segmentation.pk)
        if row.lesion_id is not None or row.superseded_at is not None:
            return False
        if lesion.patient_id != row.scan.patient_id:
            raise LesionRefused("E_PATIENT", "This lesion belongs to another patient.")
        attach(row, lesion, f"linked by {user or 'the operator'}")
    return True


def open_lesion(
    segmentation: Segmentation,
    tracking_id: str,
    organ: Organ,
    *,
    is_node: bool,
    role: LesionRole,
    user: AbstractBaseUser | None,
) -> Lesion:
    """A person says that a waiting outline shows a lesion of its own.

    Raises LesionRefused: E_TARGETS beyond five targets or two in one organ, E_NAME, E_CONFLICT.
    """
    with transaction.atomic():
        patient = Patient.objects.select_for_update().get(pk=segmentation.scan.patient_id)
        row = Segmentation.objects.select_for_update().get(pk=segmentation.pk)
        if row.lesion_id is not None:
            raise LesionRefused("E_CONFLICT", "Someone else just linked this outline. Reload the page.")
        _check_lesion(patient, tracking_id, organ, role)
        uid = row.tracking_uid
        if not uid or patient.lesions.filter(tracking_uid=uid).exists():
            uid = new_uid()
        lesion = Lesion.objects.create(
            patient=patient,
            tracking_uid=uid,
            tracking_id=tracking_id.strip(),
            organ=organ,
            is_node=is_node,
            role=role,
            created_by=user,
        )
        attach(row, lesion, f"opened by {user or 'the operator'}")
    return lesion


def revise_lesion(lesion: Lesion, tracking_id: str, organ: Organ, *, is_node: bool, role: LesionRole) -> Lesion:
    """Correct what is said of a lesion; its tracking UID never changes. Raises LesionRefused as open_lesion."""
    with transaction.atomic():
        patient = Patient.objects.select_for_update().get(pk=lesion.patient_id)
        row = Lesion.objects.select_for_update().get(pk=lesion.pk)
        _check_lesion(patient, tracking_id, organ, role, besides=row)
        row.tracking_id, row.organ, row.is_node, row.role = tracking_id.strip(), organ, is_node, role
        row.save(update_fields=["tracking_id", "organ", "is_node", "role"])
    return row


def _check_lesion(
    patient: Patient, tracking_id: str, organ: Organ, role: LesionRole, besides: Lesion | None = None
) -> None:
    others = patient.lesions.exclude(pk=besides.pk if besides else None)
    if not tracking_id.strip():
        raise LesionRefused("E_NAME", "Give the lesion a name, for instance liver 2.")
    if others.filter(tracking_id=tracking_id.strip()).exists():
        raise LesionRefused("E_NAME", "Another lesion of this patient has that name. Choose another one.")
    if role != LesionRole.TARGET:
        return
    targets = others.filter(role=LesionRole.TARGET)
    if targets.count() >= MOST_TARGETS:
        raise LesionRefused("E_TARGETS", "RECIST 1.1 takes at most 5 target lesions. Follow this one as non-target.")
    if targets.filter(organ=organ).count() >= MOST_TARGETS_AN_ORGAN:
        raise LesionRefused(
            "E_TARGETS", "RECIST 1.1 takes at most 2 target lesions in one organ. Follow this one as non-target."
        )


def proposed_role(patient: Patient, organ: Organ) -> LesionRole:
    """Target while RECIST 1.1's limits allow it, else non-target; a person may decide otherwise."""
    targets = patient.lesions.filter(role=LesionRole.TARGET)
    if targets.count() < MOST_TARGETS and targets.filter(organ=organ).count() < MOST_TARGETS_AN_ORGAN:
        return LesionRole.TARGET
    return LesionRole.NON_TARGET


def free_name(patient: Patient, wanted: str) -> str:
    """The wanted name, or the first of `name 2`, `name 3` … that no other lesion of the patient has."""
    taken = set(patient.lesions.values_list("tracking_id", flat=True))
    name, number = wanted[:56], 2
    while name in taken:
        name, number = f"{wanted[:56]} {number}", number + 1
    return name


def new_uid() -> str:
    """A DICOM UID from a random 128-bit number (PS3.5 B.2)."""
    return f"2.25.{secrets.randbits(128)}"
