"""`{% csrf_token %}` with the form's own key beside it, so that no form can be written without one."""

from uuid import uuid4

from django import template
from django.template.context import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

from monitoring.sent_once import FIELD

register = template.Library()


@register.simple_tag(takes_context=True, name="csrf_token")
def csrf_and_form_key(context: Context) -> SafeString:
    """Both hidden fields of a form; Django's own tag of this name gives the first."""
    token = context.get("csrf_token", "NOTPROVIDED")
    if str(token) == "NOTPROVIDED":
        return SafeString("")
    hidden = '<input type="hidden" name="csrfmiddlewaretoken" value="{}"><input type="hidden" name="{}" value="{}">'
    return format_html(hidden, token, FIELD, uuid4())


@register.simple_tag
def key_of_button() -> SafeString:
    """For a button that htmx sends without a form: the same field as an attribute."""
    return format_html('hx-vals=\'{{"{}": "{}"}}\'', FIELD, uuid4())
