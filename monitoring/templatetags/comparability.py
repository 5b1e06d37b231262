"""The comparability light: may two scans be compared, as shape, colour and word."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from monitoring.drawings import LIGHTS
from patients.words.trust_words import Comparability

register = template.Library()
One = TypeVar("One")


@register.filter
def at(row: Sequence[One] | None, place: int) -> One | None:
    """What stands at a place of a row, counted from zero.

    >>> at(["a", "b"], 1), at(["a"], 1), at(None, 0)
    ('b', None, None)
    """
    return row[place] if row and place < len(row) else None


@register.filter
def of(table: Mapping[int, One] | None, key: int) -> One | None:
    """What a table holds under a key.

    >>> of({1: "a"}, 1), of({1: "a"}, 2), of(None, 1)
    ('a', None, None)
    """
    return table.get(key) if table else None


@register.simple_tag
def light(level: str, *, is_brief: bool = False) -> SafeString:
    """The light of one level; a brief one shows its word to screen readers and on hover only.

    Parameters
    ----------
    level : the value of a Comparability.
    """
    word = Comparability(level)
    drawing = mark_safe(LIGHTS[word.value])  # our own markup, from a table
    return format_html(
        '<span class="light light-{}"{}><svg class="shape" viewBox="0 0 16 16" aria-hidden="true" focusable="false">'
        '{}</svg> <span class="{}">{}</span></span>',
        word.value,
        format_html(' title="{}"', word.label) if is_brief else "",
        drawing,
        "unseen" if is_brief else "word",
        word.label,
    )
