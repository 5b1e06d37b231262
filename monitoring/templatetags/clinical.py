"""Numbers, dates, states and verdicts as words and shapes: text first, colour last."""

import math
from datetime import date, datetime
from decimal import Decimal

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from monitoring.drawings import SHAPES
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

NARROW = "\u202f"  # narrow no-break space: a number and its unit never part at a line's end
MINUS = "−"
DASH = "–"

Number = float | Decimal


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


def is_absent(value: object) -> bool:
    """Whether there is no number: None, or the empty text that Django puts where a lookup finds nothing."""
    return value is None or value == ""


@register.filter
def mm(value: Number | None) -> str:
    """Millimetres with one decimal."""
    return DASH if is_absent(value) else f"{value:.1f}{NARROW}mm".replace("-", MINUS)


@register.filter
def whole(value: int | None) -> str:
    """A whole number, such as a day before therapy: −7."""
    return DASH if value is None else str(value).replace("-", MINUS)


@register.filter
def tenths(value: Number | None) -> str:
    """A size with one decimal, where the column says the unit."""
    return DASH if is_absent(value) else f"{value:.1f}"


@register.filter
def ml(value: Number | None) -> str:
    """Millilitres with as many decimals as a small lesion needs."""
    if value is None or is_absent(value):
        return DASH
    decimals = 1 if value >= 10 else 2
    return f"{value:.{decimals}f}{NARROW}mL"


@register.filter
def signed_mm(value: Number | None) -> str:
    """A change in millimetres, with its sign."""
    return DASH if value is None or is_absent(value) else f"{_signed(value, 1)}{NARROW}mm"


@register.filter
def percent(ratio: Number | None) -> str:
    """A fraction as a signed percentage.

    >>> percent(Decimal("-0.4221"))
    '−42.2\\u202f%'
    """
    return DASH if ratio is None or is_absent(ratio) else f"{_signed(ratio * 100, 1)}{NARROW}%"


@register.filter
def number(value: Number | None) -> str:
    """A feature's value with four significant digits; very large and very small ones as powers of ten.

    >>> number(1234.5678), number(0.000012345), number(-3.0)
    ('1235', '1.234×10⁻⁵', '−3.000')
    """
    if value is None:
        return DASH
    if value == 0:
        return "0"
    size = math.floor(math.log10(abs(float(value))))
    if -4 < size < 6:
        return f"{value:.{max(0, 3 - size)}f}".replace("-", MINUS)
    mantissa = f"{float(value) / 10.0**size:.3f}".replace("-", MINUS)
    return f"{mantissa}×10{_raised(size)}"


@register.filter
def signed(value: Number | None) -> str:
    """A change of a feature, with its sign and four significant digits."""
    if value is None:
        return DASH
    words = number(value)
    return words if value < 0 or value == 0 else f"+{words}"


@register.filter
def size_of_file(value: int | None) -> str:
    """Bytes as kB, MB or GB."""
    amount = float(value or 0)
    for unit in ("B", "kB", "MB"):
        if amount < 1000:
            return f"{amount:.0f}{NARROW}{unit}" if unit != "MB" else f"{amount:.1f}{NARROW}{unit}"
        amount /= 1000
    return f"{amount:.2f}{NARROW}GB"


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


def _signed(value: Number, decimals: int) -> str:
    text = f"{value:+.{decimals}f}".replace("-", MINUS)
    return text[1:] if float(text[1:]) == 0 else text


def _raised(power: int) -> str:
    return str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def _label(kind: type[Word], code: str | None) -> str:
    return kind(code).label if code else ""
