"""Lesions go with their scans; where one is seen on scans that stay as well, only its outlines go."""

from typing import Any

from django.db.models import Q

from patients.models import ClinicalEvent, Lesion, LesionTreatment, Patient, Segmentation
from patients.planned import ANEW, GOES, TWIN, Plan
from patients.vocabulary import LesionRole
from patients.words.audit_words import Deed
from patients.words.identity_words import MoveKind
from patients.writes.lesion_names import first_free
from patients.writes.roles import LesionRefused, check_targets
from patients.writes.trail.record import record

WAITS_WHY = "Came with its scan from another patient, and is linked to none yet"


def carry_lesions(plan: Plan, target: Patient) -> dict[str, Any]:
    """What became of each lesion: those that went with their former name and role, and each link that was changed."""
    went: dict[str, Any] = {"lesions": [], "links": [], "treatments": []}
    for lesion, fate in plan.fates:
        if fate == GOES:
            went["lesions"].append([lesion.pk, lesion.tracking_id, lesion.role])
            went["links"] += _left_without(plan, lesion)
            _goes(lesion, target, _former(plan, lesion))
        else:
            there = _there(lesion, fate, target)
            went["links"] += _outlines_go(plan, lesion, there)
            if fate == TWIN and there is not None and plan.wanted.kind is MoveKind.MERGE:
                went["treatments"] += _treatments_go(lesion, there)
    _link_as_before(plan, target)
    return went


def _left_without(plan: Plan, lesion: Lesion) -> list[list[int]]:
    """The outlines of a lesion that goes, on scans that stay since their very images are filed there."""
    rows = Segmentation.objects.filter(lesion=lesion, scan__in=[scan.pk for scan in plan.left])
    links = [[pk, lesion.pk] for pk in rows.values_list("pk", flat=True)]
    rows.update(lesion=None, linked_why=f"{lesion.tracking_id} was put under another patient"[:200])
    return links


def _former(plan: Plan, lesion: Lesion) -> tuple[str, str]:
    """Name and role as they are, or as they were before what is taken back now."""
    undone = plan.wanted.undoes.went.get("lesions", []) if plan.wanted.undoes else []
    return next(((name, role) for pk, name, role in undone if pk == lesion.pk), (lesion.tracking_id, lesion.role))


def _goes(lesion: Lesion, target: Patient, wanted: tuple[str, str]) -> None:
    others = target.lesions.exclude(pk=lesion.pk)
    name = first_free(set(others.values_list("tracking_id", flat=True)), wanted[0])
    role = _role(lesion, wanted[1], target)
    Lesion.objects.filter(pk=lesion.pk).update(patient=target, tracking_id=name, role=role)


def _role(lesion: Lesion, role: str, target: Patient) -> str:
    """Its role there: no target beyond what RECIST 1.1 takes."""
    if role != LesionRole.TARGET:
        return role
    try:
        check_targets(target.lesions.exclude(pk=lesion.pk), lesion.organ, is_node=lesion.is_node)  # type: ignore[arg-type]
    except LesionRefused:
        return LesionRole.NON_TARGET
    return role


def _there(lesion: Lesion, fate: str, target: Patient) -> Lesion | None:
    if fate == TWIN:
        return target.lesions.get(tracking_uid=lesion.tracking_uid)
    if fate != ANEW:
        return None
    new = Lesion.objects.create(
        patient=target,
        tracking_uid=lesion.tracking_uid,
        tracking_id=lesion.tracking_id,
        organ=lesion.organ,
        is_node=lesion.is_node,
        role=lesion.role,
        new_kind=lesion.new_kind,
        created_by=lesion.created_by,
    )
    record(Deed.LESION_OPENED, patient=target, subject=new)
    return new


def _outlines_go(plan: Plan, lesion: Lesion, there: Lesion | None) -> list[list[int]]:
    rows = Segmentation.objects.filter(lesion=lesion, scan__in=[scan.pk for scan in plan.scans])
    links = [[pk, lesion.pk] for pk in rows.values_list("pk", flat=True)]
    why = f"Same tracking UID as {there.tracking_id}" if there else WAITS_WHY
    rows.update(lesion=there, linked_why=why[:200])
    return links


def _treatments_go(lesion: Lesion, there: Lesion) -> list[list[int]]:
    rows = LesionTreatment.objects.filter(lesion=lesion)
    moved = [[pk, lesion.pk] for pk in rows.values_list("pk", flat=True)]
    rows.update(lesion=there)
    return moved


def _link_as_before(plan: Plan, target: Patient) -> None:
    """Taken back: outlines show the lesions again that they showed before, unless that has another outline by now."""
    undone = plan.wanted.undoes.went if plan.wanted.undoes else {}
    theirs = Q(scan__in=[scan.pk for scan in plan.scans]) | Q(scan__patient=target)
    for outline_pk, lesion_pk in undone.get("links", []):
        lesion = target.lesions.filter(pk=lesion_pk).first()
        row = Segmentation.objects.filter(theirs, pk=outline_pk).first()
        if lesion is None or row is None or row.lesion_id == lesion.pk:
            continue
        rival = Segmentation.objects.filter(scan=row.scan_id, lesion=lesion, superseded_at=None)
        if row.superseded_at is not None or not rival.exists():
            Segmentation.objects.filter(pk=row.pk).update(lesion=lesion, linked_why=f"Put back to {lesion.tracking_id}")
    for treatment_pk, lesion_pk in undone.get("treatments", []):
        if target.lesions.filter(pk=lesion_pk).exists():
            LesionTreatment.objects.filter(pk=treatment_pk).update(lesion=lesion_pk)


def lesion_of_event(event: ClinicalEvent, target: Patient) -> Lesion | None:
    """The lesion of the target that an event is about: its own where that went along, or the twin."""
    if event.lesion is None or event.lesion.patient_id == target.pk:
        return event.lesion
    return target.lesions.filter(tracking_uid=event.lesion.tracking_uid).first()
