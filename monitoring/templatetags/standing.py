"""How long ago, and what an event or a sign of life tells, in words for pages of auditors and administrators."""

import re

from django import template
from django.apps import apps
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()
_DIGEST = re.compile(r"([0-9a-f]{12})[0-9a-f]{52}|([0-9a-f]{8})(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_UNITS = ((86_400, "d"), (3600, "h"), (60, "min"))
# What is counted beside a sign of life.
_COUNTED = {
    "published": "published again",
    "broken": "damaged",
    "oldest_check": "read longest ago",
    "files": "files",
}


@register.filter
def duration(seconds: float | None) -> str:
    """Seconds in the largest unit that says it in two places.

    >>> duration(42.4), duration(200), duration(7200), duration(260_000), duration(None)
    ('42 s', '3 min', '2 h', '3 d', '')
    """
    if seconds is None:
        return ""
    for size, unit in _UNITS:
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


@register.filter
def row_kind(name: str) -> str:
    """What kind of row an event is about, as a person says it; a word that is none of ours stays."""
    for app in ("patients", "radiomics_tasks", "auth"):
        try:
            return str(apps.get_model(app, name)._meta.verbose_name)
        except LookupError:
            continue
    return name


@register.filter
def detail_value(value: object) -> SafeString:
    """A digest or a code as its first letters, whole for whoever points at it; anything else as it is."""
    text = str(value)
    if known := _DIGEST.fullmatch(text):
        return format_html('<code title="{}">{}…</code>', text, known[1] or known[2])
    return format_html("{}", text)


@register.filter
def told_name(name: str) -> str:
    """The name of what a sign of life, or an event, tells."""
    return _COUNTED.get(name, name.replace("_", " "))
