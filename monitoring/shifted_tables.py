"""Exports of one patient with moved dates, where the address asks for them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from django.conf import settings
from django.http import HttpRequest

from patients.models import Patient
from patients.reads.tables.shifted_dates import Telling, shifted_lines

DATES_SHIFTED = "-dates-shifted"


def is_shifted(request: HttpRequest) -> bool:
    """Whether dates are asked for as moved ones."""
    return request.GET.get("dates") == "shifted"


def shifted(
    names: Sequence[str], rows: Iterable[Sequence[str]], patient: Patient, telling: Telling
) -> Callable[[str], Iterator[str]]:
    """The lines of a table of one patient's with moved dates, once the head of the audit trail is known."""
    return partial(shifted_lines, names, rows, [patient.pk], settings.SITE_KEY, telling)
