"""What a login that sees patients is told of another team, and what is asked of the database for it."""

import re
from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from monitoring.security.policy import policies
from tests.access.states import browser
from tests.access.test_lists import SEARCHED
from tests.access.world import World
from tests.factories import UserFactory

KEPT_TO = re.compile(r'"team_id" (?:IN \(([\d, ]+)\)|= (\d+))')


def pages(world: World, only: Collection[str] | None = None) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every page of the own team with its address and what is asked besides; the searches, too."""
    for policy in policies().values():
        is_ours = "GET" in policy.methods and not policy.name.startswith("admin:")
        if is_ours and (only is None or policy.name in only):
            yield policy.name, world.address(policy.name, policy.row, world.ours), world.data(policy.name, world.ours)
    for name, address in SEARCHED.items():
        if only is None or name in only:
            yield name, address, {}


def told_elsewhere(world: World, only: Collection[str] | None = None) -> Iterator[str]:
    """The name, a code or a row of the other team on a page of one's own, or read for it."""
    client = browser(UserFactory.create(roles=list(world.clinical), teams=[world.ours.team]))
    telling = [world.theirs.patient.pseudonym, world.theirs.unread.pseudonym, str(world.theirs.team)]
    within = [code for named in world.theirs.by_address.values() for code in named.values()]
    telling += [str(code) for code in (*world.theirs.codes.values(), *within) if isinstance(code, UUID)]
    for name, address, data in pages(world, only):
        told, asked = told_and_asked(client, address, data)
        if any(one in told for one in telling):
            yield f"reads: {name} tells of another team"
        elif world.theirs.team.pk in teams_asked_for(asked):
            yield f"reads: {name} asks for another team's rows"


def told_and_asked(client: Client, address: str, data: dict[str, Any]) -> tuple[str, list[str]]:
    """The page as text, and every question to the database behind it."""
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(address, data)
        told = answer.getvalue().decode(errors="replace")
    return told, [query["sql"] for query in asked.captured_queries]


def teams_asked_for(asked: Collection[str]) -> set[int]:
    """The keys of the teams to which the questions keep."""
    found = (one for sql in asked for one in KEPT_TO.findall(sql))
    return {int(key) for several, single in found for key in (several or single).split(",")}
