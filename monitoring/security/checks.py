"""What must hold before anything starts: every address has its line in the policy, and every line its address."""

from typing import Any

from django.core.checks import CheckMessage, Error, register

from monitoring.security.policy import FILE, PolicyWrong, policies, routes

HINT = f"Say in monitoring/security/{FILE.name} who may ask it with which method, and run tests/access."


@register()
def policy_is_whole(**_kwargs: Any) -> list[CheckMessage]:
    """A view cannot ship before somebody has written down who may see it."""
    try:
        written = policies()
    except PolicyWrong as wrong:
        return [Error(str(wrong), hint="Correct that line.", id="monitoring.E001")]
    known = {route.name: route.route for route in routes()}
    found: list[CheckMessage] = [
        Error(f"The address {known[name]!r} ({name or 'unnamed'}) has no policy.", hint=HINT, id="monitoring.E002")
        for name in known.keys() - written.keys()
    ]
    found += [
        Error(f"The policy of {name!r} is of no address.", hint="Take the line away.", id="monitoring.E003")
        for name in written.keys() - known.keys()
    ]
    found += [
        Error(
            f"The address {route!r} names a row, and the policy of {name!r} does not say whose.",
            hint="Add `of:` with the kind of row, so that tests/access asks for another team's.",
            id="monitoring.E004",
        )
        for name, route in known.items()
        if "<uuid:" in route and name in written and not written[name].row
    ]
    return found
