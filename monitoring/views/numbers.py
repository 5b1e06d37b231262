"""The card of one number, and the button that has it computed again."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from monitoring.access import NOT_FOUND, outline_for_user, patient_for_user, signed_in, timepoint_for_user, user_of
from monitoring.charts.response.calls import known_to
from monitoring.fragments import fragment, page_or_fragment
from monitoring.shown.numbers.number_card import (
    SIZE_LABELS,
    NamedNumber,
    change_group,
    engine_group,
    feature_of,
    image_group,
    noise_group,
    pair_group,
    people_group,
    size_of,
)
from monitoring.shown.numbers.number_visit import response_groups, score_group
from monitoring.shown.numbers.recomputed import standing
from monitoring.shown.response.calls_shown import blinding_of
from patients.models import FeatureSnapshot, Patient, Segmentation
from patients.reads.findings import responses_of
from patients.reads.integrity.standing import damage_of
from patients.reads.timelines import patient_timeline
from patients.reads.trusting.derived_numbers import beside_outline
from patients.reads.trusting.numbers import change_of, signed_with, snapshot_with
from patients.reads.trusting.scores import scores_of
from patients.vocabulary import Reference, Step
from patients.writes.trusting.recomputations import ask_again
from radiomics_tasks import runs


@signed_in
@require_safe
def number_card(request: HttpRequest, code: UUID) -> HttpResponse:
    """One feature (`?feature=`) or size (`?size=`) of an outline, with `?reference=` its change as well."""
    outline = outline_for_user(request, code)
    number, snapshot = _named(request, outline)
    reference = next((one for one in Reference if one == request.GET.get("reference")), None)
    groups = [image_group(outline), people_group(outline, _signed(request, outline))]
    if reference is not None:
        seen = change_of(outline, number.name, snapshot, reference)
        groups = [change_group(seen, number), noise_group(seen, number), pair_group(seen), *groups]
    if snapshot is not None:
        groups.append(engine_group(snapshot))
    context = {
        "place": "cohort",
        "outline": outline,
        "patient": outline.scan.patient,
        "number": number,
        "digits": repr(number.value),
        "kind": "size" if number.name in SIZE_LABELS else "feature",
        "reference": reference,
        "references": list(Reference) if outline.lesion_id else [],
        "groups": groups,
        "beside": beside_outline(outline.pk, number.name) if number.name not in SIZE_LABELS else [],
        **_again(request, outline, snapshot),
    }
    return page_or_fragment(request, "number", context)


def _named(request: HttpRequest, outline: Segmentation) -> tuple[NamedNumber, FeatureSnapshot | None]:
    size, feature = request.GET.get("size", ""), request.GET.get("feature", "")[:120]
    damage = damage_of(outline.pk)
    if not feature:
        name = size if size in SIZE_LABELS else "longest_diameter_mm"
        return size_of(outline, name, is_damaged=damage.sizes), snapshot_with(outline.pk)
    snapshot = snapshot_with(outline.pk, feature) if feature.isprintable() else None
    if snapshot is None:
        raise Http404(NOT_FOUND)
    return feature_of(outline, feature, snapshot, is_damaged=damage.features), snapshot


def _asked_of(request: HttpRequest, outline: Segmentation) -> FeatureSnapshot | None:
    """The snapshot that the number of the address is in; of a size, the one that is followed."""
    feature = request.GET.get("feature", "")[:120]
    return snapshot_with(outline.pk, feature if feature.isprintable() else "")


def _signed(request: HttpRequest, outline: Segmentation) -> list[Any]:
    return signed_with(outline, blinding_of(request, outline.scan.patient_id).hidden)


def _again(request: HttpRequest, outline: Segmentation, snapshot: FeatureSnapshot | None) -> dict[str, Any]:
    """Where the newest request for this outline's numbers stands."""
    query = request.GET.urlencode()
    return {
        "outline": outline,
        **standing("snapshot", snapshot.pk if snapshot else None),
        "again_address": f"{reverse('number_again', args=[outline.code])}?{query}",
        "recompute_address": f"{reverse('number_recompute', args=[outline.code])}?{query}",
        "made_from": "the stored scan and outline",
    }


@signed_in
@require_safe
def number_again(request: HttpRequest, code: UUID) -> HttpResponse:
    """The part of the card that moves while a worker is at it."""
    outline = outline_for_user(request, code)
    return fragment(request, "number_again", _again(request, outline, _asked_of(request, outline)))


@signed_in
@require_POST
def number_recompute(request: HttpRequest, code: UUID) -> HttpResponse:
    """Have the outline's numbers computed again."""
    outline = outline_for_user(request, code)
    snapshot = _asked_of(request, outline)
    if snapshot is None:
        raise Http404(NOT_FOUND)
    with transaction.atomic():
        runs.arm(Step.RECOMPUTE, ask_again(snapshot, user_of(request)).pk)
    if request.headers.get("HX-Request"):
        return fragment(request, "number_again", _again(request, outline, snapshot))
    return redirect(f"{reverse('number', args=[outline.code])}?{request.GET.urlencode()}")


@signed_in
@require_safe
def visit_card(request: HttpRequest, code: UUID, timepoint: int) -> HttpResponse:
    """The target sum of a visit, its calls and its pseudoprogression score: rules, models, digests and inputs."""
    patient = patient_for_user(request, code)
    visit = timepoint_for_user(request, patient, timepoint)
    return page_or_fragment(request, "visit_number", _of_visit(request, patient, visit.pk))


def _of_visit(request: HttpRequest, patient: Patient, visit_pk: int) -> dict[str, Any]:
    timeline = patient_timeline(patient.pk, ())
    blinding = blinding_of(request, patient.pk)
    known = [one for one in known_to(responses_of(patient.pk), timeline, blinding) if one.timepoint_pk == visit_pk]
    visit = next((one for one in timeline.timepoints if one.pk == visit_pk), None)
    if visit is None:
        raise Http404(NOT_FOUND)  # all its scans are hidden, or were put under another patient
    scores = [] if blinding.hidden else [one for one in scores_of(patient.pk) if one.timepoint_pk == visit_pk]
    outlines = {
        track.lesion_pk: seen.segmentation_code
        for track in timeline.tracks
        if (seen := timeline.at(track, visit)) is not None and seen.segmentation_code
    }
    target = next((one for one in known if one.sum_mm is not None), None)
    return {
        "place": "cohort",
        "patient": patient,
        "when": visit.last_on,
        "target": target,
        "parts": [(part, outlines.get(part.lesion_pk, "")) for part in target.contributions] if target else [],
        "groups": [*response_groups(known), *map(score_group, scores)],
        "score_pks": [one.pk for one in scores],
    }
