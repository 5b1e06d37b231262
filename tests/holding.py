"""A second person, and the decision that lets a held series be filed."""

from django.contrib.auth.models import User

from patients.models import Candidate, Hold, Team
from patients.vocabulary import Role
from patients.words.identity_words import HoldState
from patients.writes.filing import Decision, FilingConflict, file_candidate, keep_doubts
from patients.writes.identity.holding import decide
from tests.factories import login

REASON = "Both names were read out on the telephone."


def steward(team: Team) -> User:
    """A login that may decide, and has sent nothing."""
    return login(team, Role.STEWARD)


def held(candidate: Candidate, said: Decision) -> Hold:
    """What is held when a series is wanted filed like this."""
    try:
        file_candidate(candidate, said)
    except FilingConflict as conflict:
        hold = keep_doubts(candidate, said, conflict)
        if hold is None:
            raise
        return hold
    raise AssertionError("It was filed.")


def released(candidate: Candidate, said: Decision) -> Hold:
    """The same, released by a second person."""
    return decide(held(candidate, said), steward(candidate.upload.team), REASON, is_release=True)


def release_all(team: Team) -> None:
    """A second person releases everything that waits in a team."""
    for hold in Hold.objects.filter(team=team, state=HoldState.OPEN):
        decide(hold, steward(team), REASON, is_release=True)
