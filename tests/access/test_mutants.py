"""A permission check that is deleted, any one of them, is missed by the matrix, the lists or the rows named within."""

import sys
from collections import Counter
from collections.abc import Iterator

import pytest

from patients.models import Patient
from tests.access.asking import leaks
from tests.access.mutants import Mutant, mutants
from tests.access.states import STATES, State, browser
from tests.access.test_lists import AT_MOST, EQUAL, NAME, SEARCHED
from tests.access.test_named_within import mixed_answers
from tests.access.world import World
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.mutation]


def in_turn(mutant: Mutant) -> list[State]:
    """The states, those first that a missing check opens to."""
    telling = ("anonymous", "in another team", "auditor", "board", "coordinator", "reader")
    return sorted(STATES, key=lambda state: next((n for n, word in enumerate(telling) if word in state.name), 9))


def caught_by(world: World, mutant: Mutant) -> Iterator[str]:
    """What misses the check, first the quickest."""
    for state in in_turn(mutant):
        if found := leaks(world, state, set(mutant.names)):
            yield found[0]
            return
    yield from met_elsewhere(world)
    yield from mixed_answers(world)


def met_elsewhere(world: World) -> Iterator[str]:
    """A patient of the other team in a list, a search, an export."""
    client = browser(UserFactory.create(roles=list(world.clinical), teams=[world.ours.team]))
    for name, address in [*EQUAL.items(), *SEARCHED.items(), *AT_MOST.items()]:
        told = client.get(address).getvalue().decode()
        if world.theirs.patient.pseudonym in NAME.findall(told) or str(world.theirs.team) in told:
            yield f"lists: {name} tells of another team"


def test_every_deletion_is_caught(world):
    for place, one in enumerate((world.ours, world.theirs)):
        one.patient.pseudonym = f"QX{place}000"
        Patient.objects.filter(pk=one.patient.pk).update(pseudonym=one.patient.pseudonym)
    assert not list(met_elsewhere(world)) and not list(mixed_answers(world))
    found = mutants()
    survived, by = [], Counter[str]()
    for mutant in found:
        with mutant.at_work():
            caught = next(caught_by(world, mutant), "")
        sys.stdout.write(f"{mutant.title}  ->  {caught or 'NOT CAUGHT'}\n")
        by[mutant.module] += 1
        if not caught:
            survived.append(mutant.title)
    whole = f"{len(found)} checks deleted one at a time, {len(found) - len(survived)} caught"
    sys.stdout.write(f"{whole}; {dict(by)}\n")
    assert len(found) >= 20
    assert survived == []
