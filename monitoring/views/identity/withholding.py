"""What is hidden of a patient, why and by whom; a steward hides numbers, or shows them again, with a reason."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from monitoring.access import patient_for_user, require, signed_in, user_of
from monitoring.roles import Act
from patients.models import Patient, Scan, Segmentation, Withholding
from patients.reads.identity.withheld import ever_hidden
from patients.words.identity_words import WithheldWhy
from patients.writes.identity.withholding import LiftRefused, lift, withhold
from radiomics_tasks.concluding import conclude_again


class HidingForm(forms.Form):
    """What is hidden or shown again, and why."""

    subject = forms.ChoiceField(label="What")
    reason = forms.CharField(label="Why", min_length=5, max_length=400, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, patient: Patient, data: Any = None) -> None:
        super().__init__(data)
        scans = list(patient.scans.defer("facts", "instances"))
        outlines = Segmentation.objects.filter(scan__patient=patient, superseded_at=None).select_related("scan")
        self.subjects: dict[str, Patient | Scan | Segmentation] = {"patient": patient}
        self.subjects |= {f"scan-{scan.code}": scan for scan in scans}
        self.subjects |= {f"outline-{row.code}": row for row in outlines.defer("scan__facts", "slices")}
        chooser = self.fields["subject"]
        if isinstance(chooser, forms.ChoiceField):
            chooser.choices = [(name, _label(subject)) for name, subject in self.subjects.items()]


def _label(subject: Patient | Scan | Segmentation) -> str:
    if isinstance(subject, Patient):
        return "The whole patient"
    return f"The {subject}" if isinstance(subject, Scan) else str(subject)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def hidden_page(request: HttpRequest, code: UUID) -> HttpResponse:
    """The list, and for a steward the form."""
    patient = patient_for_user(request, code)
    if request.method != "POST":
        return _page(request, patient, HidingForm(patient))
    require(request, Act.WITHHOLD)
    form = HidingForm(patient, request.POST)
    act = request.POST.get("act", "")
    if not form.is_valid() or act not in (*WithheldWhy, "lift"):
        return _page(request, patient, form, 422)
    subject = form.subjects[form.cleaned_data["subject"]]
    try:
        with transaction.atomic():
            done = _act(request, patient, subject, act, form.cleaned_data["reason"])
            conclude_again({patient.pk})
    except LiftRefused as refusal:
        form.add_error(None, refusal.sentence)
        return _page(request, patient, form, 403)
    messages.success(request, "Done: the patient is being concluded anew." if done else "Nothing of it was hidden.")
    return redirect("hidden", code=patient.code)


def _act(request: HttpRequest, patient: Patient, subject: Patient | Scan | Segmentation, act: str, reason: str) -> bool:
    user = user_of(request)
    if act != "lift":
        withhold(WithheldWhy(act), subject, reason, user)
        return True
    named = {
        "scan": subject if isinstance(subject, Scan) else None,
        "segmentation": subject if isinstance(subject, Segmentation) else None,
    }
    rows = Withholding.objects.filter(patient=patient, lifted_at=None, **named)
    return any([lift(row, user, reason) for row in rows])


def _page(request: HttpRequest, patient: Patient, form: HidingForm, status: int = 200) -> HttpResponse:
    context = {"place": "cohort", "patient": patient, "form": form, "rows": ever_hidden(patient.pk)}
    return render(request, "pages/hidden.html", context, status=status)
