"""Whose patients a command speaks of: the named team, the only one, or the first that is made."""

from patients.models import Team


class TeamUnclear(Exception):
    """No team of that name, or several and none named; the message says which."""


def team_named(name: str) -> Team:
    """The team of this name; without a name the only one there is. Not saved yet where there is none at all.

    Raises TeamUnclear.
    """
    teams = list(Team.objects.filter(name=name) if name else Team.objects.all()[:2])
    if len(teams) == 1:
        return teams[0]
    if name:
        raise TeamUnclear(f"There is no team named {name}.")
    if teams:
        raise TeamUnclear("There are several teams: say whose patient this is with --team.")
    return Team(name="First team")
