"""The pairs of scans behind a lesion's comparisons: what was found of them, accepted and taken back by name."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from monitoring.access import NOT_FOUND, lesion_for_user, signed_in, user_of
from monitoring.fragments import page_or_fragment, query_around
from monitoring.roles import Act
from monitoring.shown.trust.pair_form import AcceptForm
from monitoring.shown.trust.pairs_shown import PairBook, pairs_context, shown_digest
from patients.models import Lesion, LesionPair, PairAcceptance
from patients.reads.timelines import patient_timeline
from patients.reads.trusting.trust import comparison_of, comparisons_of_lesion
from patients.vocabulary import Step
from patients.words.trust_words import Comparability
from patients.writes.locking import patient_locked
from patients.writes.trusting.trust import accept_pair, withdraw_acceptance
from radiomics_tasks import runs


@signed_in
@require_safe
def pairs_page(request: HttpRequest, code: UUID) -> HttpResponse:
    """Every pair of scans of one lesion; asks again while its patient is being concluded."""
    return _page(request, lesion_for_user(request, code))


def _page(request: HttpRequest, lesion: Lesion, refused: tuple[str, AcceptForm] | None = None) -> HttpResponse:
    timeline = patient_timeline(lesion.patient_id, ())
    context = {
        "place": "cohort",
        "lesion": lesion,
        "patient": lesion.patient,
        **pairs_context(lesion, PairBook(timeline, comparisons_of_lesion(lesion.pk))),
        "refused_pair": refused[0] if refused else "",
        "refused_form": refused[1] if refused else None,
        # The features beside it are those that the address of the page around it names.
        "query": query_around(request),
        "has_polled": "was" in request.GET,
    }
    response = page_or_fragment(request, "pairs", context)
    response.status_code = 422 if refused else 200
    return response


@signed_in
@require_POST
def pair_accept(request: HttpRequest, code: UUID, then: int, now: int) -> HttpResponse:
    """Let texture of one blocked pair be compared, by name and with a reason; said twice, it counts once."""
    lesion = lesion_for_user(request, code, Act.ACCEPT_PAIR)
    form = AcceptForm(request.POST)
    if form.is_valid():
        with patient_locked(lesion.patient_id):
            refusal = _accept(request, lesion, (then, now), form)
        if refusal is None:
            return redirect(f"{reverse('lesion', args=[lesion.code])}#pairs")
        form.add_error(None, refusal)
    return _page(request, lesion, (f"pair-{then}-{now}", form))


def _accept(request: HttpRequest, lesion: Lesion, scans: tuple[int, int], form: AcceptForm) -> str | None:
    """Keep the word; the reason why not, where it is not kept."""
    rows = LesionPair.objects.filter(lesion=lesion, then_scan=scans[0], now_scan=scans[1])
    row = rows.select_related("acceptance__accepted_by").order_by("pk").first()
    if row is None:
        raise Http404(NOT_FOUND)
    if row.level == Comparability.BLOCK:
        return "These scans are not comparable at all, in size neither: nobody can accept that."
    if form.cleaned_data["seen"] != shown_digest(comparison_of(row)):
        return "What was found of these scans has changed meanwhile. Look at it again before you accept it."
    if row.level != Comparability.BLOCK_TEXTURE:
        return "Nothing keeps texture of these scans from being compared: there is nothing to accept."
    user = user_of(request)
    word = accept_pair(row, user, form.cleaned_data["reason"])
    runs.arm(Step.REASSESS, lesion.patient_id)
    if word.accepted_by_id == user.pk and word.reason == form.cleaned_data["reason"].strip():
        messages.success(request, "Accepted in your name. The changes are being concluded again.")
    elif word.accepted_by_id == user.pk:
        messages.info(
            request, f"You had accepted this pair already: “{word.reason}” To change that, take it back first."
        )
    else:
        messages.info(request, f"{word.accepted_by.get_username()} had accepted this pair already: {word.reason}")
    return None


@signed_in
@require_POST
def acceptance_withdraw(request: HttpRequest, code: UUID, word: int) -> HttpResponse:
    """Take back that texture of a pair may be compared; the word is kept with who took it back."""
    lesion = lesion_for_user(request, code, Act.ACCEPT_PAIR)
    with patient_locked(lesion.patient_id):
        row = PairAcceptance.objects.filter(pk=word, patient=lesion.patient_id).first()
        if row is None:
            raise Http404(NOT_FOUND)
        if row.withdrawn_at is None:
            withdraw_acceptance(row, user_of(request))
            runs.arm(Step.REASSESS, lesion.patient_id)
    messages.success(request, "Taken back. Texture of these scans is no longer compared.")
    return redirect(f"{reverse('lesion', args=[lesion.code])}#pairs")
