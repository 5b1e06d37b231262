"""What a user may send, checked before anything is written."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from patients.models import Candidate, Lesion, Patient, TreatmentCourse
from patients.vocabulary import DrugClass, LesionRole, Modality, Organ
from patients.written_dates import day

EARLIEST_SCAN = date(1980, 1, 1)
FARTHEST_DAYS = 366 * 5


def date_field(label: str, *, required: bool = True) -> forms.DateField:
    """A calendar date as the browser's own picker sends it."""
    return forms.DateField(
        label=label, required=required, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


def day_choices(dates: Sequence[date]) -> list[tuple[str, str]]:
    """The days of one visit, each once, to choose from."""
    return [(on.isoformat(), day(on)) for on in sorted(set(dates))]


def checked_scan_date(day: date | None) -> date | None:
    """A date on which a scan can have been taken: not before 1980 and not after today."""
    if day is None:
        return None
    if day < EARLIEST_SCAN or day > timezone.localdate():
        raise forms.ValidationError("A scan is dated between 1980 and today.")
    return day


class SettlingForm(forms.Form):
    """Whose scan it is, from when, and which doubts were looked at."""

    pseudonym = forms.CharField(label="Patient", max_length=64, required=False)
    is_new = forms.BooleanField(label="Open this as a new patient", required=False)
    acquired_on = date_field("Date of the scan", required=False)
    modality = forms.ChoiceField(label="Modality", required=False, choices=[("", "Choose"), *Modality.pairs()])
    confirmed = forms.MultipleChoiceField(required=False, choices=[])

    def __init__(self, candidate: Candidate, data: Any = None) -> None:
        super().__init__(data, prefix=str(candidate.code)[:8])
        self.candidate = candidate
        self.patient: Patient | None = None
        of_outlines = [problem for outline in candidate.outlines for problem in outline["problems"]]
        confirmed = self.fields["confirmed"]
        if isinstance(confirmed, forms.MultipleChoiceField):
            confirmed.choices = [(doubt["code"], doubt["sentence"]) for doubt in [*candidate.problems, *of_outlines]]

    def clean_pseudonym(self) -> str:
        """An existing patient of the upload's team, or the pseudonym of a new one."""
        pseudonym = " ".join(str(self.cleaned_data["pseudonym"]).split())
        if not pseudonym:
            raise forms.ValidationError("Choose the patient, or enter a pseudonym for a new one.")
        self.patient = Patient.objects.filter(team=self.candidate.upload.team_id, pseudonym__iexact=pseudonym).first()
        return pseudonym

    def clean_acquired_on(self) -> date | None:
        """Only asked for where the files do not say."""
        return checked_scan_date(self.cleaned_data["acquired_on"])

    def clean(self) -> dict[str, Any]:
        """A pseudonym nobody has is a new patient only where the box says so: it may be a slip of the hand."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("pseudonym") and self.patient is None and not cleaned.get("is_new"):
            self.add_error("pseudonym", "No patient of yours has this pseudonym. Tick “new patient” to open one.")
        return cleaned


class DecliningForm(forms.Form):
    """Why a series is not filed."""

    reason = forms.CharField(max_length=200, required=False)


class LinkingForm(forms.Form):
    """Which of the patient's lesions an outline shows."""

    lesion = forms.ChoiceField(widget=forms.RadioSelect, choices=[], error_messages={"required": "Choose a lesion."})

    def __init__(self, lesions: Sequence[Lesion], data: Any = None) -> None:
        super().__init__(data)
        self.lesions = {str(lesion.code): lesion for lesion in lesions}
        chooser = self.fields["lesion"]
        if isinstance(chooser, forms.ChoiceField):
            chooser.choices = [(code, lesion.tracking_id) for code, lesion in self.lesions.items()]

    @property
    def chosen(self) -> Lesion:
        """The lesion of a valid form."""
        return self.lesions[str(self.cleaned_data["lesion"])]


class OpeningForm(forms.Form):
    """What a new lesion is."""

    tracking_id = forms.CharField(label="Name", max_length=64)
    organ = forms.ChoiceField(label="Organ", choices=[("", "Choose"), *Organ.pairs()])
    is_node = forms.TypedChoiceField(
        label="Lymph node?",
        choices=[("no", "No"), ("yes", "Yes")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    role = forms.ChoiceField(
        label="Followed as",
        choices=LesionRole.pairs(),
        widget=forms.RadioSelect,
    )

    is_late_target_meant = forms.BooleanField(label="Yes, a target without a baseline size", required=False)
    is_late_target = False

    def refuse(self, code: str, sentence: str) -> None:
        """Say why the lesion was not kept; a target that is late may be confirmed, and only then is it asked."""
        self.add_error(None, sentence)
        self.is_late_target = code == "E_LATE_TARGET"

    @classmethod
    def of(cls, lesion: Lesion) -> "OpeningForm":
        """The form of a lesion that is there."""
        return cls(
            initial={
                "tracking_id": lesion.tracking_id,
                "organ": lesion.organ,
                "is_node": "yes" if lesion.is_node else "no",
                "role": lesion.role,
            }
        )

    def clean(self) -> dict[str, Any]:
        """A lymph node is measured by its short axis, so organ and answer must agree."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("organ") == Organ.LYMPH_NODE and cleaned.get("is_node") is False:
            self.add_error("is_node", "The organ is a lymph node: answer yes, or choose another organ.")
        return cleaned


class CourseForm(forms.Form):
    """One line of therapy."""

    name = forms.CharField(label="Drug or regimen", max_length=120)
    drug_class = forms.ChoiceField(label="Drug class", choices=[("", "Choose"), *DrugClass.pairs()])
    started_on = date_field("Start")
    stopped_on = date_field("Stop", required=False)
    randomised_on = date_field("Randomised", required=False)

    @classmethod
    def of(cls, course: TreatmentCourse) -> "CourseForm":
        """The form of a course that is there."""
        return cls(
            initial={
                "name": course.name,
                "drug_class": course.drug_class,
                "started_on": course.started_on,
                "stopped_on": course.stopped_on,
                "randomised_on": course.randomised_on,
            }
        )

    def clean(self) -> dict[str, Any]:
        """A course stops after its start, and both lie in a time that can be meant."""
        cleaned = super().clean() or self.cleaned_data
        started, stopped, randomised = (cleaned.get(name) for name in ("started_on", "stopped_on", "randomised_on"))
        if started and stopped and stopped < started:
            self.add_error("stopped_on", "The stop lies before the start.")
        for name, on in (("started_on", started), ("stopped_on", stopped), ("randomised_on", randomised)):
            if on and (on < EARLIEST_SCAN or (on - timezone.localdate()).days > FARTHEST_DAYS):
                self.add_error(name, "Check the year.")
        return cleaned
