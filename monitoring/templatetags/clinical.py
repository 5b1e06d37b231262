"""Dates, states and verdicts as words and shapes, text first, colour last; and the filters of numbers."""

from datetime import date, datetime

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from monitoring.drawings import SHAPES
from monitoring.number_words import DASH, ml, mm, number, percent, signed, signed_mm, size_of_file, tenths, whole
from patients.models import Patient
from patients.vocabulary import (
    Absence,
    CandidateState,
    DrugClass,
    LesionRole,
    Modality,
    Organ,
    OutlineFormat,
    ResponseCategory,
    RunState,
    UploadState,
    Word,
)
from patients.words.hosted_words import HostedStatus, ModelStatus
from patients.words.reading_words import NotTumour, ReadingState, WindowState

register = template.Library()

for show in (mm, whole, tenths, ml, signed_mm, percent, number, signed, size_of_file):
    register.filter(show.__name__, show)


@register.filter
def day(value: date | None) -> str:
    """`12 Mar 2024`, everywhere the same and never mistaken for a month-first date.

    >>> day(date(2024, 3, 2))
    '2 Mar 2024'
    """
    return f"{value.day} {value:%b %Y}" if value else DASH


@register.filter
def moment(value: datetime | None) -> str:
    """Date and time in the site's zone."""
    if value is None:
        return DASH
    local = timezone.localtime(value)
    return f"{day(local.date())}, {local:%H:%M}"


@register.simple_tag
def patient_link(patient: Patient) -> SafeString:
    """The pseudonym, leading to the patient's page; what is made up says so beside it."""
    address = reverse("patient", args=[patient.code])
    link = format_html('<a href="{}">{}</a>', address, patient.pseudonym)
    return format_html('{} <span class="tag">SYNTHETIC</span>', link) if patient.is_synthetic else link


@register.filter
def absence(code: str | None) -> str:
    """Why a number is not there, in words."""
    return _label(Absence, code)


@register.filter
def organ(code: str | None) -> str:
    """The organ's name."""
    return _label(Organ, code)


@register.filter
def role(code: str | None) -> str:
    """Target, non-target or new."""
    return _label(LesionRole, code)


@register.filter
def modality(code: str | None) -> str:
    """CT, MR or PET."""
    return _label(Modality, code)


@register.filter
def drug_class(code: str | None) -> str:
    """The class of a course's drugs."""
    return _label(DrugClass, code)


@register.filter
def outline_format(code: str | None) -> str:
    """The kind of file an outline came in."""
    return _label(OutlineFormat, code)


@register.filter
def reading_why(reason: str) -> str:
    """Why a finding is not called tumour, by its word or as the reader wrote it."""
    return next((word.label for word in NotTumour if word.value == reason), reason)


@register.filter
def words(name: str) -> str:
    """A key of a record as words.

    >>> words("voxels_after")
    'Voxels after'
    """
    return name.replace("_", " ").capitalize()


@register.filter
def plain(value: object) -> str:
    """A value of a record as it stands; lists and records in a row."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {plain(inner)}" for key, inner in value.items())
    if isinstance(value, list | tuple):
        return " × ".join(plain(inner) for inner in value)
    return str(value)


_LOOKS: dict[str, str] = {
    UploadState.RECEIVING: "moving",
    UploadState.RECEIVED: "waiting",
    UploadState.READING: "moving",
    UploadState.NEEDS_PERSON: "attention",
    UploadState.FILED: "done",
    UploadState.REFUSED: "failed",
    UploadState.ABANDONED: "quiet",
    CandidateState.READY: "done",
    CandidateState.DUPLICATE: "quiet",
    CandidateState.DECLINED: "quiet",
    RunState.QUEUED: "waiting",
    RunState.RUNNING: "moving",
    RunState.RETRY_WAIT: "waiting",
    RunState.DONE: "done",
    RunState.FAILED: "failed",
    RunState.CANCELLED: "quiet",
    "WAITING_LINK": "attention",
    ReadingState.DRAFT: "waiting",
    ReadingState.SIGNED: "done",
    ReadingState.REOPENED: "attention",
    ReadingState.REPLACED: "quiet",
    ReadingState.WITHDRAWN: "quiet",
    "DISPUTED": "attention",
    WindowState.OPEN: "attention",
    WindowState.BOOKED: "waiting",
    WindowState.LATE: "failed",
    ModelStatus.SHADOW: "waiting",
    ModelStatus.ACTIVE: "done",
    ModelStatus.RETIRED: "quiet",
    HostedStatus.NOT_RELIABLE: "attention",
    "NOT_COMPUTED": "quiet",
}

_STATES: tuple[type[Word], ...] = (UploadState, CandidateState, RunState, ReadingState, WindowState)


@register.simple_tag
def shape(name: str) -> SafeString:
    """The small drawing of a response category or a state; hidden from readers that hear the text beside it."""
    drawing = mark_safe(SHAPES[name])  # our own markup, from the table above
    return format_html(
        '<svg class="shape shape-{}" viewBox="0 0 16 16" aria-hidden="true" focusable="false">{}</svg>',
        _class(name),
        drawing,
    )


@register.simple_tag
def state(code: str, words: str = "") -> SafeString:
    """A state as shape, colour and text."""
    look = _LOOKS[code]
    known = next((kind(code).label for kind in _STATES if code in kind.__members__), "")
    return format_html('<span class="state state-{}">{} {}</span>', look, shape(look), words or known)


_IN_WORDS = frozenset(
    {
        ResponseCategory.BASELINE,
        ResponseCategory.NA,
        ResponseCategory.NON_CR_NON_PD,
        ResponseCategory.EQUIVOCAL_REAPPEARANCE,
        ResponseCategory.NON_ICR_NON_IUPD,
        ResponseCategory.POST_ICPD,
    }
)


@register.simple_tag
def response(category: str) -> SafeString:
    """A response category as shape, colour and letters, with its words for a screen reader."""
    word = ResponseCategory(category)
    letters = word.label if word in _IN_WORDS else word.value
    return format_html(
        '<span class="call call-{}" title="{}">{} {}</span>', _class(word.value), word.label, shape(word.value), letters
    )


def _class(name: str) -> str:
    return name.replace("/", "-")


def _label(kind: type[Word], code: str | None) -> str:
    return kind(code).label if code else ""
