"""Cards of numbers that were derived from others: rings, harmonised values, scores, hosted models' answers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from monitoring.access import NOT_FOUND, patient_for_user, signed_in, user_of
from monitoring.fragments import fragment, page_or_fragment
from monitoring.shown.numbers.derived_card import DerivedCard, harmonised_card, output_card, ring_card, score_card
from monitoring.shown.numbers.recomputed import standing
from monitoring.shown.response.calls_shown import blinding_of
from monitoring.templatetags.clinical import day
from patients.models import Patient
from patients.reads.integrity.standing import damage_of
from patients.reads.timelines import patient_timeline
from patients.reads.trusting.derived_numbers import harmonised_of, output_row, ring_of, score_of
from patients.reads.trusting.registry import output_of
from patients.reads.trusting.scores import kept_score
from patients.vocabulary import Step
from patients.writes.trusting.recomputations import Subject, ask_again
from radiomics_tasks import runs


@dataclass(frozen=True, slots=True)
class _Found:
    """One derived number: its row, what it is called among requests, and its card."""

    row: Subject
    subject: str
    card: DerivedCard


@signed_in
@require_safe
def derived_card(request: HttpRequest, code: UUID, kind: str, pk: int) -> HttpResponse:
    """Everything behind one derived number; of rings and harmonised values `?feature=` says which."""
    patient = patient_for_user(request, code)
    found = _found(request, patient, kind, pk)
    context = {"place": "cohort", "patient": patient, "card": found.card, "digits": repr(found.card.number.value)}
    return page_or_fragment(request, "derived_number", context | _again(request, patient, kind, found))


@signed_in
@require_safe
def derived_again(request: HttpRequest, code: UUID, kind: str, pk: int) -> HttpResponse:
    """The part of the card that moves while a worker is at it."""
    patient = patient_for_user(request, code)
    return fragment(request, "number_again", _again(request, patient, kind, _found(request, patient, kind, pk)))


@signed_in
@require_POST
def derived_recompute(request: HttpRequest, code: UUID, kind: str, pk: int) -> HttpResponse:
    """Have the number computed again from what it was made of."""
    patient = patient_for_user(request, code)
    found = _found(request, patient, kind, pk)
    with transaction.atomic():
        runs.arm(Step.RECOMPUTE, ask_again(found.row, user_of(request)).pk)
    if request.headers.get("HX-Request"):
        return fragment(request, "number_again", _again(request, patient, kind, found))
    return redirect(f"{reverse('derived_number', args=[patient.code, kind, pk])}?{request.GET.urlencode()}")


def _again(request: HttpRequest, patient: Patient, kind: str, found: _Found) -> dict[str, Any]:
    place, query = [patient.code, kind, found.row.pk], request.GET.urlencode()
    return {
        **standing(found.subject, found.row.pk),
        "again_address": f"{reverse('derived_again', args=place)}?{query}",
        "recompute_address": f"{reverse('derived_recompute', args=place)}?{query}",
        "made_from": found.card.made_from,
    }


def _found(request: HttpRequest, patient: Patient, kind: str, pk: int) -> _Found:
    """404 for what there is not, what is another patient's, and a score that is hidden from a blinded reader."""
    found = _KINDS[kind](request, patient, pk) if kind in _KINDS and pk < 2**31 else None
    if found is None:
        raise Http404(NOT_FOUND)
    return found


def _ring(request: HttpRequest, patient: Patient, pk: int) -> _Found | None:
    row = ring_of(patient.pk, pk)
    if row is None:
        return None
    is_damaged = damage_of(row.segmentation_id).features
    return _Found(row, "snapshot", ring_card(row, _feature(request, row.feature_set.names), is_damaged=is_damaged))


def _harmonised(request: HttpRequest, patient: Patient, pk: int) -> _Found | None:
    row = harmonised_of(patient.pk, pk)
    if row is None:
        return None
    feature = _feature(request, row.snapshot.feature_set.names)
    is_damaged = damage_of(row.snapshot.segmentation_id).features
    return _Found(row, "harmonised", harmonised_card(row, feature, is_damaged=is_damaged))


def _score(request: HttpRequest, patient: Patient, pk: int) -> _Found | None:
    row = score_of(patient.pk, pk)
    if row is None or blinding_of(request, patient.pk).hidden:
        return None
    return _Found(row, "score", score_card(kept_score(row), _seen(patient, row.timepoint_id)))


def _output(_request: HttpRequest, patient: Patient, pk: int) -> _Found | None:
    row = output_row(patient.pk, pk)
    if row is None:
        return None
    whose = row.lesion.tracking_id if row.lesion else "the patient"
    return _Found(row, "output", output_card(row, output_of(row.said), f"{whose}, {_seen(patient, row.timepoint_id)}"))


_KINDS: dict[str, Callable[[HttpRequest, Patient, int], _Found | None]] = {
    "ring": _ring,
    "harmonised": _harmonised,
    "score": _score,
    "output": _output,
}


def _feature(request: HttpRequest, names: list[str]) -> str:
    asked = request.GET.get("feature", "")
    if asked and asked not in names:
        raise Http404(NOT_FOUND)
    return asked or names[0]


def _seen(patient: Patient, timepoint_pk: int) -> str:
    visits = patient_timeline(patient.pk, ()).timepoints
    return next((f"visit of {day(visit.last_on)}" for visit in visits if visit.pk == timepoint_pk), "")
