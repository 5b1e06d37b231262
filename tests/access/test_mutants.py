"""A permission check that is deleted, any one of them, is missed by the matrix, the reads or the rows named within."""

import random
import sys
from collections import Counter
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client, override_settings

from tests.access.asking import leaks
from tests.access.left_alone import touched_elsewhere
from tests.access.mutants import Mutant, mutants
from tests.access.reads import told_elsewhere
from tests.access.states import STATES, State
from tests.access.test_named_within import mixed_answers, named_in_forms
from tests.access.world import World

pytestmark = [pytest.mark.django_db]

KINDS = ("reads", "within", "form", "elsewhere", "unwritten", "breaks", "")
# Those to whom a missing check opens most, first.
TELLING = ("anonymous", "in another team", "roles taken", "auditor", "board", "coordinator", "reader")


def in_turn(mutant: Mutant) -> list[State]:
    """The kinds of login, those first that should tell."""
    words = (mutant.tells, *TELLING) if mutant.tells else TELLING
    return sorted(STATES, key=lambda state: next((n for n, word in enumerate(words) if word in state.name), len(words)))


def caught_by(world: World, mutant: Mutant, clients: dict[str, Client]) -> Iterator[str]:
    """What misses the check, first what is most likely to, and only where its addresses are."""
    if any(word in mutant.check for word in ("team", "filter")):
        yield from told_elsewhere(world, mutant.names)
        yield from mixed_answers(world, mutant.names)
        yield from named_in_forms(world)
        yield from touched_elsewhere(world)
    for state in in_turn(mutant):
        if state.name not in clients:
            clients[state.name] = state.open(world.ours, world.theirs)
        yield from leaks(world, state, set(mutant.names), clients[state.name])
    yield from mixed_answers(world)
    yield from named_in_forms(world)
    yield from touched_elsewhere(world)
    yield from unwritten(clients)
    yield from told_elsewhere(world)


def unwritten(clients: dict[str, Client]) -> Iterator[str]:
    """An address of which nobody has written who may see it."""
    with override_settings(ROOT_URLCONF="tests.access.extra_urls"):
        if clients["superuser"].get("/unwritten").status_code != 404:
            yield "unwritten: an address without a line is shown"


def missed(world: World, mutant: Mutant, clients: dict[str, Client]) -> str:
    """By what a check is missed; a view that breaks without it has told nobody anything, and fails its tests."""
    try:
        return next(caught_by(world, mutant, clients), "")
    except Exception as broken:  # noqa: BLE001  # whatever the view made of it
        return f"breaks: {type(broken).__name__}"


def is_told_anyway(world: World, caught: str, clients: dict[str, Client]) -> bool:
    """Whether the matrix tells the same with every check in its place."""
    kind, _, rest = caught.partition(": ")
    state = next((one for one in STATES if one.name == kind), None)
    return state is not None and bool(list(leaks(world, state, {rest.split()[1].rstrip(":")}, clients[kind])))


def survivors(world: World, chosen: list[Mutant]) -> list[str]:
    """The checks that nothing misses; what each was caught by is printed."""
    survived, by = [], Counter[str]()
    clients: dict[str, Client] = {}
    for state in STATES:
        clients[state.name] = state.open(world.ours, world.theirs)
    for mutant in chosen:
        with mutant.at_work(), transaction.atomic():
            caught = missed(world, mutant, clients)
            transaction.set_rollback(True)
        caught = "" if is_told_anyway(world, caught, clients) else caught
        sys.stdout.write(f"{mutant.title}  ->  {caught or 'NOT CAUGHT'}\n")
        sys.stdout.flush()
        kind = caught.partition(":")[0]
        by[kind if kind in KINDS else "matrix"] += 1
        if not caught:
            survived.append(mutant.title)
    sys.stdout.write(f"{len(chosen)} checks deleted one at a time, {len(chosen) - len(survived)} caught: {dict(by)}\n")
    return survived


def test_nothing_is_missed_while_every_check_is_there(world):
    assert [*told_elsewhere(world), *mixed_answers(world), *named_in_forms(world), *touched_elsewhere(world)] == []


def test_a_sample_of_deletions_is_caught(world, request):
    """The twenty of the everyday run; `--runs` and `--seed` choose others."""
    found = mutants()
    chance = random.Random(request.config.getoption("seed"))
    chosen = chance.sample(found, min(request.config.getoption("runs"), len(found)))
    assert chosen and survivors(world, chosen) == []


@pytest.mark.mutation
def test_every_deletion_is_caught(world):
    found = mutants()
    assert len(found) >= 200
    assert survivors(world, found) == []
