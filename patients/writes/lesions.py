"""Store an outline; open a lesion for it, link it to one, revise what is said of a lesion."""

import secrets
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from patients.doubts import Problem, mask_seen_before
from patients.models import Lesion, Patient, Scan, Segmentation
from patients.readable import is_readable
from patients.trail.contents import OUTLINE, content_of
from patients.vocabulary import LesionRole, Organ
from patients.words.audit_words import Deed
from patients.words.reading_words import NewLesionKind
from patients.writes.lesion_names import ID_LENGTH, check_name, free_name, settle_names
from patients.writes.locking import patient_locked
from patients.writes.readings.signing import reopen_readings_of
from patients.writes.roles import LesionRefused as LesionRefused
from patients.writes.roles import check_late_target, check_targets, proposed_role
from patients.writes.trail.record import record

Outline = dict[str, Any]
NAME_LENGTH = 120
WHY_LENGTH = 200


def store_outlines(
    scan: Scan, outlines: Sequence[Outline], user: User | None, confirmed: Collection[str] = ()
) -> list[Outline]:
    """Keep the usable outlines of one scan; the answer is `outlines` with what kept some of them out.

    An outline the scan has already is kept once. On a patient's first scan each opens its lesion. On later ones
    those with a known tracking UID meet their lesion here, the worker lets others meet theirs by name and place,
    and the rest waits for a person: also where two outlines bring the same tracking UID.
    Call it with the patient locked.
    """
    opens, now = opens_lesions(scan.patient, scan), timezone.now()
    uids = Counter(outline["tracking_uid"] for outline in outlines)
    answer = []
    for found in outlines:
        outline = {**found, "problems": _what_keeps_out(scan, found, confirmed)}
        answer.append(outline)
        if outline["problems"] or scan.has_outline(outline["mask_digest"], outline["name"][:NAME_LENGTH]):
            continue
        segmentation = _new_segmentation(scan, outline, user, now)
        if segmentation.tracking_uid and uids[segmentation.tracking_uid] > 1:
            segmentation.linked_why = "Two outlines of this scan have the same tracking UID: which is which?"
            segmentation.save(update_fields=["linked_why"])
        elif not _meets_by_tracking_uid(segmentation) and opens:
            _open_proposed(segmentation, user)
    reopen_readings_of(scan.patient_id, f"New outlines on the {scan}")
    return answer


def opens_lesions(patient: Patient | None, scan: Scan | None) -> bool:
    """Whether the outlines of a scan open the lesions of its patient: on the first scan, while there are none."""
    if patient is None:
        return True
    others = patient.scans.exclude(pk=scan.pk) if scan else patient.scans.all()
    return not patient.lesions.exists() and not others.exists()


def _what_keeps_out(scan: Scan, outline: Outline, confirmed: Collection[str]) -> list[Problem]:
    problems = list(outline["problems"])
    reused = mask_seen_before(scan.patient, outline, besides=scan)
    if reused is not None and reused["code"] not in [known["code"] for known in problems]:
        problems.append(reused)
    has_voxels = bool(outline.get("mask_file"))
    return [p for p in problems if p["code"].startswith("E_") or not has_voxels or p["code"] not in confirmed]


def _new_segmentation(scan: Scan, outline: Outline, user: User | None, now: datetime) -> Segmentation:
    row = Segmentation.objects.create(
        scan=scan,
        outline_format=outline["format"],
        roi_name=outline["name"][:NAME_LENGTH],
        tracking_uid=outline["tracking_uid"],
        tracking_id=outline["tracking_id"][:ID_LENGTH],
        organ=outline["organ"],
        algorithm_type=outline["algorithm_type"],
        made_with=outline.get("made_with", {}),
        mask_digest=outline["mask_digest"],
        mask_file=outline["mask_file"],
        voxels=outline["voxels"],
        centroid_mm=outline["centroid_mm"],
        slices=outline["slices"],
        notes=outline["notes"],
        is_withheld=scan.is_withheld,
        created_by=user,
        created_at=now,
    )
    said = {"scan": str(scan.code), "content": content_of(row, OUTLINE)}
    record(Deed.OUTLINE_STORED, patient=scan.patient, subject=row, user=user, **said)
    return row


def _meets_by_tracking_uid(segmentation: Segmentation) -> bool:
    if not segmentation.tracking_uid:
        return False
    lesion = Lesion.objects.filter(patient=segmentation.scan.patient_id, tracking_uid=segmentation.tracking_uid).first()
    if lesion is None:
        return False
    _attach(segmentation, lesion, f"Same tracking UID as {lesion.tracking_id}")
    return True


def _open_proposed(segmentation: Segmentation, user: User | None) -> None:
    patient = segmentation.scan.patient
    organ = Organ(segmentation.organ or Organ.OTHER)
    named = (segmentation.tracking_id.strip(), segmentation.roi_name.strip())
    wanted = next((name for name in named if is_readable(name, NAME_LENGTH)), organ.label.lower())
    lesion = Lesion.objects.create(
        patient=patient,
        tracking_uid=segmentation.tracking_uid or new_uid(),
        tracking_id=free_name(patient, wanted, user.pk if user else None),
        organ=organ,
        is_node=organ is Organ.LYMPH_NODE,
        role=proposed_role(patient, organ, segmentation.scan),
        created_by=user,
    )
    _attach(segmentation, lesion, "Opened on the patient's first scan")


def _attach(segmentation: Segmentation, lesion: Lesion, why: str) -> None:
    """Give an outline its lesion; an older outline of that lesion on the same scan is superseded, and kept."""
    older = Segmentation.objects.filter(scan=segmentation.scan_id, lesion=lesion, superseded_at=None)
    older.exclude(pk=segmentation.pk).update(superseded_by=segmentation, superseded_at=timezone.now())
    segmentation.lesion = lesion
    segmentation.linked_why = why[:WHY_LENGTH]
    segmentation.save(update_fields=["lesion", "linked_why"])
    settle_names(lesion.patient_id, [lesion.pk])


def _is_waiting(row: Segmentation, patient: Patient) -> bool:
    """Whether it is to be linked, and its scan was not put under another patient meanwhile."""
    return row.lesion_id is None and row.superseded_at is None and row.scan.patient_id == patient.pk


def let_meet(segmentation: Segmentation, lesion_pk: int | None, why: str) -> bool:
    """The worker says which lesion a waiting outline belongs to, or why none; false where a person was faster."""
    with patient_locked(segmentation.scan.patient_id) as patient:
        row = Segmentation.objects.select_related("scan").get(pk=segmentation.pk)
        if not _is_waiting(row, patient):
            return False
        if lesion_pk is not None:
            lesion = patient.lesions.filter(pk=lesion_pk).first()
            if lesion is None:
                return False
            _attach(row, lesion, why)
            record(Deed.OUTLINE_LINKED, patient=patient, subject=row)
            reopen_readings_of(patient.pk, f"New outline of {lesion.tracking_id}")
        elif row.linked_why != why:
            Segmentation.objects.filter(pk=row.pk).update(linked_why=why[:WHY_LENGTH])
    return True


def link_outline(segmentation: Segmentation, lesion: Lesion, user: User | None) -> bool:
    """A person says which lesion a waiting outline shows; false where somebody said so before.

    Raises LesionRefused: E_PATIENT where the lesion is another patient's.
    """
    with patient_locked(segmentation.scan.patient_id) as patient:
        row = Segmentation.objects.select_related("scan").get(pk=segmentation.pk)
        if not _is_waiting(row, patient):
            return False
        if not patient.lesions.filter(pk=lesion.pk).exists():
            raise LesionRefused("E_PATIENT", "This lesion belongs to another patient.")
        _attach(row, lesion, f"Linked by {user or 'the operator'}")
        record(Deed.OUTLINE_LINKED, patient=patient, subject=row, user=user)
        reopen_readings_of(patient.pk, f"New outline of {lesion.tracking_id}")
    return True


def open_lesion(
    segmentation: Segmentation,
    tracking_id: str,
    organ: Organ,
    *,
    is_node: bool,
    role: LesionRole,
    user: User | None,
    new_kind: NewLesionKind | None = None,
    is_late_target_meant: bool = False,
) -> Lesion:
    """A person says that a waiting outline shows a lesion of its own.

    Raises LesionRefused: E_TARGETS beyond five targets or two in one organ, E_NAME, E_CONFLICT, and E_LATE_TARGET
    for a target that is first outlined after baseline, unless it is said that this is meant.
    """
    with patient_locked(segmentation.scan.patient_id) as patient:
        row = Segmentation.objects.select_related("scan").get(pk=segmentation.pk)
        if not _is_waiting(row, patient):
            raise LesionRefused("E_CONFLICT", "Someone else just linked this outline. Reload the page.")
        check_lesion(patient, tracking_id, organ, role, is_node=is_node, opener_pk=user.pk if user else None)
        if role == LesionRole.TARGET and not is_late_target_meant:
            check_late_target(row.scan)
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
            new_kind=new_kind if new_kind and role == LesionRole.NEW else "",
            created_by=user,
        )
        _attach(row, lesion, f"Opened by {user or 'the operator'}")
        record(Deed.LESION_OPENED, patient=patient, subject=lesion, user=user)
        reopen_readings_of(patient.pk, f"Outline of another lesion: {lesion.tracking_id}")
    return lesion


def revise_lesion(
    lesion: Lesion,
    tracking_id: str,
    organ: Organ,
    *,
    is_node: bool,
    role: LesionRole,
    new_kind: NewLesionKind | None = None,
    is_late_target_meant: bool = False,
) -> Lesion:
    """Correct what is said of a lesion; its tracking UID never changes. Raises LesionRefused as open_lesion.

    `new_kind` None leaves the kind of a new lesion as it is; a lesion that is not new has none.
    """
    with patient_locked(lesion.patient_id) as patient:
        row = Lesion.objects.get(pk=lesion.pk)
        if row.patient_id != patient.pk:
            raise LesionRefused("E_CONFLICT", "This lesion was put under another patient meanwhile. Reload the page.")
        opener_pk = row.created_by_id
        check_lesion(patient, tracking_id, organ, role, is_node=is_node, opener_pk=opener_pk, besides=row)
        first = row.segmentations.select_related("scan").order_by("scan__acquired_on", "pk").first()
        becomes_target = role == LesionRole.TARGET and row.role != LesionRole.TARGET
        if becomes_target and first is not None and not is_late_target_meant:
            check_late_target(first.scan)
        row.tracking_id, row.organ, row.is_node, row.role = tracking_id.strip(), organ, is_node, role
        row.new_kind = (new_kind or row.new_kind) if role == LesionRole.NEW else ""
        row.save(update_fields=["tracking_id", "organ", "is_node", "role", "new_kind"])
        settle_names(patient.pk, [row.pk])
        record(Deed.LESION_REVISED, patient=patient, subject=row)
        # Another diameter counts of a node.
        reopen_readings_of(patient.pk, f"{row.tracking_id} was revised")
    return row


def check_lesion(
    patient: Patient,
    tracking_id: str,
    organ: Organ,
    role: LesionRole,
    *,
    is_node: bool,
    opener_pk: int | None,
    besides: Lesion | None = None,
) -> None:
    """Raise LesionRefused where a lesion of the patient cannot be called or followed like this.

    `opener_pk`: the login that opened or opens it.
    """
    check_name(patient, tracking_id, opener_pk, besides)
    others = patient.lesions.exclude(pk=besides.pk) if besides else patient.lesions.all()
    if role == LesionRole.TARGET:
        check_targets(others, organ, is_node=is_node)


def new_uid() -> str:
    """A DICOM UID from a random 128-bit number (PS3.5 B.2)."""
    return f"2.25.{secrets.randbits(128)}"
