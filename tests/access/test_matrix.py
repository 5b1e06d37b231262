"""Every address, as every kind of login, with all seven methods: nothing is answered that policy.yaml does not say."""

import pytest

from monitoring.security.policy import METHODS, policies
from tests.access.asking import Answer, ask, body, leaks, promised
from tests.access.states import STATES, State

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_what_is_answered_is_what_is_written(world, state: State):
    assert "\n".join(leaks(world, state)) == ""


def test_the_matrix_asks_every_line_as_everybody_with_every_method():
    assert len(STATES) == 29 and len(METHODS) == 7 and len(policies()) >= 100


ELSEWHERE = [state for state in STATES if state.is_signed_in and not state.is_in_team]


@pytest.mark.parametrize("state", ELSEWHERE, ids=lambda state: state.name)
def test_another_teams_row_looks_like_one_that_is_not_there(world, state: State):
    client = state.open(world.ours, world.theirs)
    for policy in policies().values():
        is_asked = policy.row and (state.scopes is None or policy.scope in state.scopes)
        for method in policy.methods if is_asked else ():
            theirs = ask(client, method, world.address(policy.name, policy.row, world.ours))
            missing = ask(client, method, world.address(policy.name, policy.row, world.ours, is_missing=True))
            assert promised(policy, state, method) is Answer.NOT_FOUND
            assert (theirs.status_code, missing.status_code) == (404, 404), policy.name
            assert body(theirs) == body(missing), policy.name
