"""What a site for patients must not be started with; each in a sentence that says what to do."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

LOOPBACK = {"localhost", "127.0.0.1", "[::1]", "::1", ""}
# A key of fewer different letters than this was typed, not drawn.
FEWEST_LETTERS = 10


def is_of_this_machine(hosts: list[str]) -> bool:
    """Whether nobody else can mean these hosts."""
    return set(hosts) <= LOOPBACK


def refusals(site: Mapping[str, Any]) -> Iterator[str]:
    """Why this site does not start; `site` holds the settings by their names."""
    if site["DEBUG"] and not is_of_this_machine(site["ALLOWED_HOSTS"]):
        yield ("DELTARAD_DEBUG shows the inside of every error, and DELTARAD_ALLOWED_HOSTS lets others in: unset one.")
    if site["IS_HOSPITAL"]:
        yield from _of_a_hospital(site)


def _of_a_hospital(site: Mapping[str, Any]) -> Iterator[str]:
    for name in ("SECRET_KEY", "SITE_KEY"):
        if len(set(site[name])) < FEWEST_LETTERS or site[name].startswith("django-insecure"):
            yield f"DELTARAD_{name} is easy to guess: draw one with `openssl rand -base64 48`."
    if site["SECRET_KEY"] == site["SITE_KEY"]:
        yield "DELTARAD_SECRET_KEY and DELTARAD_SITE_KEY must differ: one is changed now and then, the other never."
    if "*" in site["ALLOWED_HOSTS"]:
        yield "DELTARAD_ALLOWED_HOSTS must name the site, not `*`: else callers choose it."
    if not site["IS_HTTPS"] and not is_of_this_machine(site["ALLOWED_HOSTS"]):
        yield "DELTARAD_HTTPS is 0: passwords and patients would cross the network in the clear. Unset it."
    if not site["MFA_REQUIRED"] and not site["MFA_WAIVED"]:
        yield (
            "DELTARAD_MFA is 0: say in DELTARAD_MFA_WAIVED why a password alone is enough here, or unset DELTARAD_MFA."
        )
    broker = urlsplit(site["REDIS_URL"])
    if broker.scheme in ("redis", "rediss") and not broker.password and broker.hostname not in LOOPBACK:
        yield (
            "REDIS_URL reaches its server over the network without a password: write it as rediss://:password@host, "
            "or use a socket (unix:///path)."
        )
