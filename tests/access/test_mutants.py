"""A permission check that is deleted, any one of them, is missed by the matrix, the lists or the rows named within."""

import sys
from collections import Counter
from collections.abc import Iterator

import pytest
from django.db import transaction

from tests.access.asking import leaks
from tests.access.mutants import Mutant, mutants
from tests.access.states import STATES, State, browser
from tests.access.test_lists import AT_MOST, EQUAL, SEARCHED
from tests.access.test_named_within import mixed_answers, named_in_forms
from tests.access.world import World
from tests.factories import UserFactory

# Marks beside rows that were found for the viewer's teams already: without the filter more is read, and no more shown.
FILTERED_TWICE = {
    ("monitoring.views.cohort", "_rows"),
    ("monitoring.views.cohort", "_open_windows"),
    ("monitoring.views.cohort", "_with_failed_work"),
    ("monitoring.views.triage", "_table"),
}
# Lists that are empty in this world; the tests of their pages hold them with rows of their own.
EMPTY_HERE = {
    ("monitoring.views.assessing.due", "_page"),
    ("monitoring.views.assessing.due", "_windows"),
    ("monitoring.views.noise", "noise_page"),
    ("monitoring.views.noise", "discordance_page"),
    ("monitoring.views.pseudoprogression", "scoreboard_page"),
}

pytestmark = [pytest.mark.django_db, pytest.mark.mutation]


def is_of_teams(mutant: Mutant) -> bool:
    """Whether the check keeps a list to the viewer's teams."""
    return any(word in mutant.check for word in (".teams", "teams_of", "team__in"))


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
    yield from named_in_forms(world)


def met_elsewhere(world: World) -> Iterator[str]:
    """A patient, a row or the name of the other team in a list, a search, an export."""
    client = browser(UserFactory.create(roles=list(world.clinical), teams=[world.ours.team]))
    telling = [world.theirs.patient.pseudonym, world.theirs.unread.pseudonym, str(world.theirs.team)]
    telling += [str(code) for code in world.theirs.codes.values()]
    for name, address in [*EQUAL.items(), *SEARCHED.items(), *AT_MOST.items()]:
        told = client.get(address).getvalue().decode()
        if any(one in told for one in telling):
            yield f"lists: {name} tells of another team"


def missed(world: World, mutant: Mutant) -> str:
    """By what a check is missed; a view that breaks without it has told nobody anything."""
    try:
        with transaction.atomic():
            return next(caught_by(world, mutant), "")
    except Exception as broken:  # noqa: BLE001  # whatever the view made of it
        return f"breaks: {type(broken).__name__}"


def test_every_deletion_is_caught(world):
    assert not list(met_elsewhere(world)) and not list(mixed_answers(world))
    found = [one for one in mutants() if not (is_of_teams(one) and one.place in FILTERED_TWICE | EMPTY_HERE)]
    survived, by = [], Counter[str]()
    for mutant in found:
        with mutant.at_work():
            caught = missed(world, mutant)
        sys.stdout.write(f"{mutant.title}  ->  {caught or 'NOT CAUGHT'}\n")
        by[mutant.module] += 1
        if not caught:
            survived.append(mutant.title)
    whole = f"{len(found)} checks deleted one at a time, {len(found) - len(survived)} caught"
    sys.stdout.write(f"{whole}; {dict(by)}\n")
    assert len(found) >= 20
    assert survived == []
