"""Put scans, or all there is, of one patient under another: chosen, looked at side by side, then done."""

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from monitoring.access import patient_for_user, require, signed_in, user_of, viewer_of
from monitoring.roles import Act
from patients.models import Patient
from patients.planned import GOES, MoveRefused, Plan, Wanted, plan_of
from patients.words.identity_words import MoveKind, MoveState
from patients.writes.identity.moving import put_under
from radiomics_tasks.concluding import conclude_moved

STATUS = {"E_CONFLICT": 409, "E_OPEN": 409}


class MovingForm(forms.Form):
    """Which scans go, and to whom."""

    scans = forms.MultipleChoiceField(label="Scans", required=False, widget=forms.CheckboxSelectMultiple)
    is_whole = forms.BooleanField(label="Everything: the two are one patient", required=False)
    pseudonym = forms.CharField(label="Put under", max_length=64, strip=True)
    is_new = forms.BooleanField(label="Open this as a new patient", required=False)

    def __init__(self, patient: Patient, teams: tuple[int, ...], data: Any = None) -> None:
        super().__init__(data)
        self.patient, self.teams = patient, teams
        self.wanted: Wanted | None = None
        scans = patient.scans.filter().defer("facts", "instances").order_by("acquired_on", "pk")
        self.keys = {str(scan.code): scan.pk for scan in scans}
        chooser = self.fields["scans"]
        if isinstance(chooser, forms.MultipleChoiceField):
            chooser.choices = [(str(scan.code), _label(scan)) for scan in scans]

    def clean(self) -> dict[str, Any]:
        """An existing patient whom the steward sees, or a new one where the box says so."""
        cleaned = super().clean() or self.cleaned_data
        named = str(cleaned.get("pseudonym") or "")
        if not named:
            return cleaned
        target = Patient.objects.filter(team__in=self.teams, pseudonym__iexact=named).first()
        if target is None and not cleaned.get("is_new"):
            self.add_error("pseudonym", "No patient of yours has this pseudonym. Tick “new patient” to open one.")
        elif target is not None and cleaned.get("is_new"):
            self.add_error("is_new", "This patient is there already. Leave “new patient” unticked.")
        elif target is None and cleaned.get("is_whole"):
            self.add_error("is_whole", "A new patient is nobody's other half. Choose the scans that go.")
        else:
            self.wanted = self._wanted(target, cleaned)
        return cleaned

    def _wanted(self, target: Patient | None, cleaned: dict[str, Any]) -> Wanted:
        if cleaned.get("is_whole"):
            return Wanted(MoveKind.MERGE, self.patient, target, "", tuple(self.keys.values()))
        kind = MoveKind.REASSIGN if target else MoveKind.SPLIT
        keys = tuple(self.keys[code] for code in cleaned.get("scans", ()))
        return Wanted(kind, self.patient, target, "" if target else cleaned["pseudonym"], keys)


def _label(scan: Any) -> str:
    said = f"{scan}, {scan.description}" if scan.description else str(scan)
    return f"{said} (hidden)" if scan.is_withheld else said


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def moving_page(request: HttpRequest, code: UUID) -> HttpResponse:
    """The choice; with one made, what differs and what it would do; sent, it is done or waits for a second steward."""
    patient = patient_for_user(request, code, Act.WITHHOLD)
    teams = viewer_of(request).teams
    sent: QueryDict | None = request.POST if request.method == "POST" else request.GET or None
    form = MovingForm(patient, teams, sent)
    if sent is None or not form.is_valid() or form.wanted is None:
        return _page(request, patient, form, status=422 if request.method == "POST" else 200)
    try:
        plan = plan_of(form.wanted)
        if request.method == "POST":
            return _done(request, form.wanted)
    except MoveRefused as refusal:
        form.add_error(None, refusal.sentence)
        status = STATUS.get(refusal.code, 422) if request.method == "POST" else 200
        return _page(request, patient, form, _plan_again(form.wanted), status)
    return _page(request, patient, form, plan)


def _done(request: HttpRequest, wanted: Wanted) -> HttpResponse:
    require(request, Act.WITHHOLD)
    with transaction.atomic():
        said = request.POST.get("reason", "")
        move = put_under(wanted, user_of(request), said, settings.VISIT_WINDOW_DAYS, request.POST.get("seen", ""))
        conclude_moved(move)
    if move.state == MoveState.DONE:
        messages.success(request, "Done: both patients are being concluded anew.")
    else:
        messages.info(request, "Something speaks against it: it waits for another steward to agree.")
    return redirect("move", code=move.code)


def _plan_again(wanted: Wanted) -> Plan | None:
    """As things stand now, where that can still be done."""
    try:
        return plan_of(wanted)
    except MoveRefused:
        return None


def _page(
    request: HttpRequest, patient: Patient, form: MovingForm, plan: Plan | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "place": "cohort",
        "patient": patient,
        "form": form,
        "plan": plan,
        "reason": request.POST.get("reason", ""),
        "going": [lesion.tracking_id for lesion, fate in plan.fates if fate == GOES] if plan else [],
        "staying": [(lesion.tracking_id, fate) for lesion, fate in plan.fates if fate != GOES] if plan else [],
    }
    return render(request, "pages/moving.html", context, status=status)
