"""The written policy of every address (policy.yaml): whose row it names, and which login may use which method."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.urls import URLPattern, URLResolver, get_resolver

from patients.vocabulary import Role
from patients.words.token_words import Scope

FILE = Path(__file__).with_name("policy.yaml")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
ANYONE, SUPERUSER = "anyone", "superuser"
LETTERS = {
    "C": Role.COORDINATOR.value,
    "R": Role.READER.value,
    "O": Role.ONCOLOGIST.value,
    "B": Role.BOARD.value,
    "S": Role.STEWARD.value,
    "U": Role.AUDITOR.value,
    "A": Role.ADMIN.value,
    "X": SUPERUSER,
    ANYONE: ANYONE,
}
SCOPES = ", ".join(Scope)
SWITCHES = ("of", "open", "early", "secret", "token")


class PolicyWrong(Exception):
    """A line of the policy that says nothing; the words name it."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What is written of one address."""

    name: str
    row: str
    is_open: bool
    is_early: bool
    is_secret: bool
    scope: str
    methods: Mapping[str, frozenset[str]]

    def allows(self, method: str) -> bool:
        """Whether anybody at all may use the method here; HEAD goes wherever GET goes."""
        return ("GET" if method == "HEAD" else method) in self.methods

    def who(self, method: str) -> frozenset[str]:
        """Who may use the method: values of roles, `superuser`, `anyone`."""
        return self.methods.get("GET" if method == "HEAD" else method, frozenset())


@cache
def policies() -> Mapping[str, Policy]:
    """Every line of the file, by the name of its address. Raises PolicyWrong in words."""
    lines = yaml.safe_load(FILE.read_text())
    return {name: _read(name, line) for name, line in lines.items()}


def _read(name: str, line: Mapping[str, Any]) -> Policy:
    methods = {word: _letters(name, str(said)) for word, said in line.items() if word not in SWITCHES}
    unknown = sorted(set(methods) - set(METHODS) | {"HEAD"} & set(methods))
    if unknown:
        raise PolicyWrong(f"{FILE.name}: {name} has {unknown[0]!r}, which is neither a method nor one of {SWITCHES}.")
    is_open, is_early, is_secret = (line.get(switch) is True for switch in SWITCHES[1:4])
    scope = str(line.get("token", ""))
    if scope and (scope not in list(Scope) or set(methods) != {"GET"} or is_open or is_secret):
        raise PolicyWrong(f"{FILE.name}: {name} takes a token {scope!r}: it must be one of {SCOPES}, for a GET alone.")
    return Policy(name, str(line.get("of", "")), is_open, is_early, is_secret, scope, methods)


def _letters(name: str, said: str) -> frozenset[str]:
    unknown = [letter for letter in said.split() if letter not in LETTERS]
    if unknown:
        raise PolicyWrong(f"{FILE.name}: {name} names {unknown[0]!r}, which is no login: one of {' '.join(LETTERS)}.")
    return frozenset(LETTERS[letter] for letter in said.split())


@dataclass(frozen=True, slots=True)
class Route:
    """One address as the URL resolver knows it; what has no name of its own goes by its namespace."""

    name: str
    route: str


def routes() -> Iterator[Route]:
    """Every address that the resolver knows."""
    yield from _routes(get_resolver().url_patterns, "", "")


def _routes(patterns: Iterable[URLPattern | URLResolver], space: str, prefix: str) -> Iterator[Route]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _routes(pattern.url_patterns, inner, route)
        else:
            yield Route(space + (pattern.name or ""), route)
