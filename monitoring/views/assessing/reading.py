"""One visit, one reader: the form that is filled in, kept and signed, and what was signed."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from monitoring.access import patient_for_user, require, signed_in, timepoint_for_user, user_of, viewer_of
from monitoring.assessment_forms.lesions import NewLesionForm
from monitoring.assessment_forms.visit import AssessmentForm
from monitoring.roles import Act
from monitoring.shown.response.read_again import changed_outlines
from patients.models import Patient, Reading, Timepoint
from patients.reads.identity.withheld import is_hidden
from patients.reads.readings.asked import Asks, asked_of, baseline_sentences
from patients.reads.readings.visits import ReadingSeen, reading_seen
from patients.vocabulary import LesionRole, Organ, Step
from patients.words.reading_words import NewLesionKind, ReadingState
from patients.writes.lesions import LesionRefused
from patients.writes.readings.content import ReadingRefused
from patients.writes.readings.drafts import (
    discard_reading,
    draft_of_version,
    save_reading,
    says_the_same,
    start_reading,
)
from patients.writes.readings.signing import sign_reading
from patients.writes.unoutlined import open_unoutlined_lesion
from patients.written_dates import days
from radiomics_tasks import runs

ACTS = ("save", "sign", "add")
OTHER_OUTLINES = "The outlines of this visit changed meanwhile: check the sizes again."


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def assessment_page(request: HttpRequest, code: UUID, timepoint: int) -> HttpResponse:
    """The form of a visit, or what was signed; a post keeps, signs, or opens a new lesion besides."""
    patient = patient_for_user(request, code)
    visit = timepoint_for_user(request, patient, timepoint)
    is_reader = viewer_of(request).may(Act.ASSESS)
    if is_hidden(visit):
        raise PermissionDenied("This visit is hidden: its scans are under investigation, or withdrawn.")
    if request.method == "POST":
        require(request, Act.ASSESS)
        if request.POST.get("act", "save") not in ACTS:
            return HttpResponseBadRequest("Save, sign or open a lesion: this form does nothing else.")
    seen = reading_seen(visit, user_of(request), is_reader=is_reader)
    asks = asked_of(seen, user_of(request))
    if request.method == "POST":
        return _Entered(request, patient, seen, asks).answer()
    is_entered = is_reader and (seen.shown is None or seen.shown.state == ReadingState.DRAFT)
    if is_entered:
        return _form_page(request, patient, seen, asks, AssessmentForm(seen, asks))
    return _signed_page(request, patient, seen, asks)


@signed_in
@require_POST
def assessment_revise(request: HttpRequest, code: UUID, timepoint: int) -> HttpResponse:
    """Begin the next version of what was signed; what was signed stays in force until that is signed."""
    patient = patient_for_user(request, code, Act.ASSESS)
    start_reading(timepoint_for_user(request, patient, timepoint), user_of(request))
    return redirect("assessment", code=code, timepoint=timepoint)


@signed_in
@require_POST
def assessment_discard(request: HttpRequest, code: UUID, timepoint: int) -> HttpResponse:
    """Throw the draft away; what was signed before stays in force."""
    patient = patient_for_user(request, code, Act.ASSESS)
    visit = timepoint_for_user(request, patient, timepoint)
    draft = Reading.objects.filter(timepoint=visit, reader=user_of(request), state=ReadingState.DRAFT).first()
    if draft is not None:
        try:
            discard_reading(draft, user_of(request))
        except ReadingRefused as refusal:
            messages.error(request, refusal.sentence)
    messages.info(request, "The draft is thrown away. What was signed stays as it is.")
    return redirect("patient", code=code)


class _Entered:
    """One post of the form."""

    def __init__(self, request: HttpRequest, patient: Patient, seen: ReadingSeen, asks: Asks) -> None:
        self.request, self.patient, self.seen, self.asks = request, patient, seen, asks
        self.user = user_of(request)
        self.form = AssessmentForm(seen, asks, request.POST)
        self.act = request.POST.get("act", "save")
        self.adding = NewLesionForm(request.POST) if self.act == "add" else NewLesionForm()

    def answer(self) -> HttpResponse:
        """Where the browser goes next; the form again, with sentences at its fields, where something is wrong."""
        is_added = self.act != "add" or self.adding.is_valid()
        if not self.form.is_valid() or not is_added:
            return self._again()
        try:
            return self._keep()
        except ReadingRefused as refusal:
            if refusal.code == "E_SIGNED":
                return self._after_signing(refusal)
            if refusal.code == "E_OUTLINES":
                return self._other_outlines(refusal)
            self.form.refuse(refusal.problems)
        except LesionRefused as refusal:
            self.adding.add_error("new_name" if refusal.code == "E_NAME" else None, refusal.sentence)
        return self._again()

    def _keep(self) -> HttpResponse:
        with transaction.atomic():
            draft = draft_of_version(self.seen.timepoint, self.user, self.form.version)
            save_reading(draft, self.form.content(), self.user)
            if self.act == "add":
                self._open_lesion()
            refusal = self._sign(draft) if self.act == "sign" else None
        if refusal is not None:
            raise refusal
        if self.act == "sign":
            return self._signed()
        messages.success(self.request, "The draft is kept. Nobody else sees it." if self.act != "add" else "Opened.")
        if self._shows_other_outlines():
            messages.warning(self.request, OTHER_OUTLINES)
        return self._to_form()

    def _to_form(self) -> HttpResponse:
        return redirect("assessment", code=self.patient.code, timepoint=self.seen.timepoint.pk)

    def _sign(self, draft: Reading) -> ReadingRefused | None:
        """Sign what was kept just now, under the same lock: another tab must not change the draft in between.

        Where it cannot be signed yet it stays as a draft, so that nothing is lost.
        """
        is_open, digest = self.asks.progression_on is not None, self.form.outlines_digest
        try:
            with transaction.atomic():
                sign_reading(draft, self.user, is_progression_open=is_open, outlines_digest=digest)
                runs.arm(Step.REASSESS, self.patient.pk)
        except ReadingRefused as refusal:
            return refusal
        return None

    def _signed(self) -> HttpResponse:
        messages.success(self.request, f"Visit {self.asks.number} is signed. The course is being concluded again.")
        return self._to_form()

    def _after_signing(self, refusal: ReadingRefused) -> HttpResponse:
        """Sent twice, it was signed once; another form of the same version is not taken."""
        signed = self.seen.in_force
        if signed is None:
            now = reading_seen(self.seen.timepoint, self.user, is_reader=True)
            signed = now.in_force
        is_same = signed is not None and (signed.state, signed.version) == (ReadingState.SIGNED, self.form.version)
        if signed is not None and is_same and says_the_same(signed, self.form.content()):
            return self._signed()
        messages.error(self.request, refusal.sentence)
        seen = reading_seen(self.seen.timepoint, self.user, is_reader=True)
        return _signed_page(self.request, self.patient, seen, self.asks, status=409)

    def _other_outlines(self, refusal: ReadingRefused) -> HttpResponse:
        """The form with the sizes as they are now; what was entered is kept in the draft."""
        messages.error(self.request, f"Not signed, kept as a draft. {refusal.sentence}")
        seen = reading_seen(self.seen.timepoint, self.user, is_reader=True)
        form = AssessmentForm(seen, self.asks)
        return _form_page(self.request, self.patient, seen, self.asks, form, status=409)

    def _open_lesion(self) -> None:
        said = self.adding.cleaned_data
        same = self.patient.lesions.filter(
            tracking_id=said["new_name"], organ=said["new_organ"], role=LesionRole.NEW, created_by=self.user
        )
        if same.exists():  # the button was pressed twice
            return
        open_unoutlined_lesion(
            self.patient,
            said["new_name"],
            Organ(said["new_organ"]),
            is_node=said["new_is_node"],
            role=LesionRole.NEW,
            user=self.user,
            new_kind=NewLesionKind(said["new_kind"]),
        )

    def _shows_other_outlines(self) -> bool:
        """Whether the sizes that come back are not those of the page that was sent."""
        sent = self.request.POST.get("outlines", "")
        return bool(sent) and sent != self.seen.outlines_digest

    def _again(self) -> HttpResponse:
        if self._shows_other_outlines():
            messages.warning(self.request, OTHER_OUTLINES)
        return _form_page(self.request, self.patient, self.seen, self.asks, self.form, self.adding, status=422)


def _form_page(
    request: HttpRequest,
    patient: Patient,
    seen: ReadingSeen,
    asks: Asks,
    form: AssessmentForm,
    adding: NewLesionForm | None = None,
    status: int = 200,
) -> HttpResponse:
    draft = seen.shown
    context = {
        **_around(patient, seen, asks),
        "form": form,
        "adding": adding or NewLesionForm(),
        "draft": draft,
        "refused_act": request.POST.get("act", ""),
        "changes": changed_outlines(seen) if draft is not None and draft.reopened_why else (),
        "warnings": baseline_sentences(seen.timepoint.pk) if asks.is_baseline else (),
    }
    return render(request, "pages/assessment.html", context, status=status)


def _signed_page(
    request: HttpRequest, patient: Patient, seen: ReadingSeen, asks: Asks, status: int = 200
) -> HttpResponse:
    context = {**_around(patient, seen, asks), "signed": seen.in_force, "is_draft_kept": seen.shown != seen.in_force}
    return render(request, "pages/assessed.html", context, status=status)


def _around(patient: Patient, seen: ReadingSeen, asks: Asks) -> dict[str, Any]:
    visit: Timepoint = seen.timepoint
    earlier = [row for row in seen.versions if row.signed_at and row != seen.in_force]
    return {
        "place": "cohort",
        "patient": patient,
        "visit": visit,
        "when": days(seen.dates[0], seen.dates[-1]) if seen.dates else "",
        "asks": asks,
        "seen": seen,
        "earlier_versions": earlier,
    }
