"""Which lesion is this? A waiting outline beside the lesions it may be, or a lesion of its own."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from monitoring.access import outline_for_user, signed_in, user_of
from monitoring.forms import LinkingForm, OpeningForm
from monitoring.roles import Act
from patients.lesions_shown import lesions_shown
from patients.models import Lesion, Patient, Segmentation
from patients.reads.inboxes import lesions_to_choose
from patients.vocabulary import LesionRole, Organ, Step
from patients.writes.lesion_names import free_name
from patients.writes.lesions import LesionRefused, link_outline, open_lesion
from patients.writes.roles import proposed_role
from patients.writes.unlinking import unlink_outline
from radiomics_tasks import runs


@signed_in
@require_safe
def outline_page(request: HttpRequest, code: UUID) -> HttpResponse:
    """The outline's picture, the patient's lesions with their latest pictures, and the form of a new one."""
    outline = outline_for_user(request, code, Act.LINK)
    if outline.lesion is not None and (outline.superseded_at is not None or "unlink" not in request.GET):
        return redirect("lesion", code=outline.lesion.code)
    return _page(request, outline)


def _page(
    request: HttpRequest, outline: Segmentation, linking: LinkingForm | None = None, opening: OpeningForm | None = None
) -> HttpResponse:
    lesions = lesions_to_choose(outline.scan.patient_id, user_of(request).pk)
    context = {
        "place": "inbox",
        "outline": outline,
        "patient": outline.scan.patient,
        "suspects": [_suspect(lesion, outline) for lesion in lesions],
        "linking": linking or LinkingForm(lesions),
        "opening": opening or OpeningForm(initial=_proposed(outline, user_of(request).pk)),
    }
    has_failed = linking is not None or opening is not None
    return render(request, "pages/outline.html", context, status=422 if has_failed else 200)


def _suspect(lesion: Lesion, outline: Segmentation) -> dict[str, Any]:
    """A lesion with its latest outline, and whether this very scan has one of it already."""
    outlines = list(getattr(lesion, "current_outlines", []))
    shown = [one for one in outlines if not one.is_withheld]
    return {
        "lesion": lesion,
        "latest": shown[-1] if shown else None,
        "is_taken": any(other.scan_id == outline.scan_id for other in outlines),
    }


def _proposed(outline: Segmentation, user_pk: int) -> dict[str, str]:
    patient: Patient = outline.scan.patient
    organ = Organ(outline.organ) if outline.organ else None
    wanted = outline.tracking_id or outline.roi_name
    role = proposed_role(patient, organ or Organ.OTHER, outline.scan)
    if organ is None and role is LesionRole.TARGET:
        role = LesionRole.NON_TARGET
    if organ is not None:
        number = lesions_shown(patient.pk, user_pk).filter(organ=organ).count() + 1
        wanted = f"{organ.label.lower()} {number}"
    return {
        "tracking_id": free_name(patient, wanted, user_pk) if wanted else "",
        "organ": organ.value if organ else "",
        "is_node": "yes" if organ is Organ.LYMPH_NODE else "no",
        "role": role.value,
    }


@signed_in
@require_POST
def outline_link(request: HttpRequest, code: UUID) -> HttpResponse:
    """A person says which lesion it is, or that it is not the one it was linked to; said twice, it is done once."""
    outline = outline_for_user(request, code, Act.LINK)
    if "unlink" in request.POST:
        return _unlink(request, outline)
    form = LinkingForm(lesions_to_choose(outline.scan.patient_id, user_of(request).pk), request.POST)
    if not form.is_valid():
        return _page(request, outline, linking=form)
    with transaction.atomic():
        is_linked = link_outline(outline, form.chosen, user_of(request))
        if is_linked:
            _arm(outline)
    if not is_linked:
        messages.info(request, "Somebody linked this outline meanwhile.")
        return redirect("patient", code=outline.scan.patient.code)
    return _after(request, outline, form.chosen)


@signed_in
@require_POST
def outline_open(request: HttpRequest, code: UUID) -> HttpResponse:
    """A person says that it is a lesion of its own."""
    outline = outline_for_user(request, code, Act.LINK)
    form = OpeningForm(request.POST)
    if not form.is_valid():
        return _page(request, outline, opening=form)
    said = form.cleaned_data
    try:
        with transaction.atomic():
            lesion = open_lesion(
                outline,
                said["tracking_id"],
                Organ(said["organ"]),
                is_node=said["is_node"],
                role=LesionRole(said["role"]),
                user=user_of(request),
                is_late_target_meant=said["is_late_target_meant"],
            )
            _arm(outline)
    except LesionRefused as refusal:
        form.refuse(refusal.code, refusal.sentence)
        return _page(request, outline, opening=form)
    return _after(request, outline, lesion)


def _unlink(request: HttpRequest, outline: Segmentation) -> HttpResponse:
    with transaction.atomic():
        is_unlinked = unlink_outline(outline, user_of(request))
        if is_unlinked:
            # It may have been one of a same-day pair, or repeated: the site's bands are made without it.
            runs.arm(Step.NOISE, runs.THE_SITE)
            runs.arm(Step.REASSESS, outline.scan.patient_id)
    if is_unlinked:
        messages.success(request, "The link is taken back. Which lesion is it?")
    else:
        messages.info(request, "Somebody changed this outline meanwhile.")
    return redirect("outline", code=outline.code)


def _arm(outline: Segmentation) -> None:
    runs.arm(Step.EXTRACT, outline.scan_id)
    runs.arm(Step.REASSESS, outline.scan.patient_id)


def _after(request: HttpRequest, outline: Segmentation, lesion: Lesion) -> HttpResponse:
    """The next outline of the same patient that waits, else the patient's course."""
    messages.success(request, f"This outline now belongs to {lesion.tracking_id}.")
    waiting = Segmentation.objects.filter(
        scan__patient=outline.scan.patient_id, lesion=None, superseded_at=None
    ).first()
    if waiting is not None:
        return redirect("outline", code=waiting.code)
    return redirect("patient", code=outline.scan.patient.code)
