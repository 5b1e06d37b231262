"""Request every address of the web application once: whatever it answers, it must answer."""

from collections.abc import Iterator

from django.contrib.auth import get_user_model
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from patients.models import (
    Candidate,
    Hold,
    Lesion,
    Move,
    Patient,
    Scan,
    Segmentation,
    Timepoint,
    TreatmentCourse,
    Upload,
)

NOBODYS = "00000000-0000-4000-8000-000000000000"
SAMPLES = {"int": "1", "str": "word", "slug": "word", "path": "word"}
OWNERS: dict[str, type[Model]] = {
    "uploads": Upload,
    "series": Candidate,
    "scans": Scan,
    "holds": Hold,
    "moves": Move,
    "outlines": Segmentation,
    "patients": Patient,
    "courses": TreatmentCourse,
    "lesions": Lesion,
}


def addresses(patterns: list[URLPattern | URLResolver], prefix: str = "/") -> Iterator[str]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern).lstrip("^").rstrip("$")
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, route)
        elif "(?" not in route:
            yield _filled(route)


def _filled(route: str) -> str:
    """The route with real rows in its places, so that views run to their end."""
    owner = OWNERS.get(route.strip("/").partition("/")[0])
    while "<" in route:
        before, _, rest = route.partition("<")
        argument, _, after = rest.partition(">")
        kind, _, name = argument.rpartition(":")
        route = before + _sample(kind or "str", name, owner) + after
    return route


def _sample(kind: str, name: str, owner: type[Model] | None) -> str:
    if kind == "uuid" and owner is not None:
        code = owner._default_manager.order_by("pk").values_list("code", flat=True).first()
        return str(code or NOBODYS)
    if name == "timepoint":
        return str(Timepoint.objects.order_by("pk")[0].pk)
    return SAMPLES[kind]


def request_every_address(username: str) -> int:
    """GET each address, signed in and as nobody; returns how many there are."""
    signed_in, nobody = Client(), Client()
    signed_in.force_login(get_user_model().objects.get(username=username))
    count = 0
    for address in addresses(get_resolver().url_patterns):
        for client in (signed_in, nobody):
            answer = client.get(address)
            assert answer.status_code < 500, address
            answer.getvalue()
        count += 1
    return count
