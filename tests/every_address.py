"""Request every address of the web application once by GET: whatever it answers, it must answer."""

import uuid
from collections.abc import Iterator

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

SAMPLES = {"uuid": str(uuid.UUID(int=1)), "int": "1", "str": "word", "slug": "word", "path": "word"}


def addresses(patterns: list[URLPattern | URLResolver], prefix: str = "/") -> Iterator[str]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern).lstrip("^").rstrip("$")
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, route)
        elif "(?" not in route:
            yield _filled(route)


def _filled(route: str) -> str:
    while "<" in route:
        before, _, rest = route.partition("<")
        argument, _, after = rest.partition(">")
        kind = argument.partition(":")[0] if ":" in argument else "str"
        route = before + SAMPLES[kind] + after
    return route


def request_every_address() -> int:
    client = Client()
    count = 0
    for address in addresses(get_resolver().url_patterns):
        answer = client.get(address)
        assert answer.status_code < 500, address
        count += 1
    return count
