"""Whether whoever asked for a piece of work may still have it done, at the moment when a worker begins.

Asked of what serves the login that asked: a number computed again, a harmonisation, a model sent in. Not asked of what
follows from a deed that was allowed and stands (reading what was sent, measuring, concluding): filing what was read
takes a person of its own, who is asked then.
"""

from django.contrib.auth.models import User
from django.db import transaction

from patients.reads.logins import is_open, roles_of, teams_of_login
from patients.words.act_words import MAY, Act
from patients.words.audit_words import Deed
from patients.writes.trail.record import record
from radiomics_tasks.errors import Refusal

CODE = "E_ASKER"
WHY = {
    "CLOSED": "the login that asked for it is closed",
    "ROLE": "the login that asked for it has no role any more that may {act}",
    "TEAM": "the login that asked for it is not in the team any more",
}


def check_asker(user_pk: int | None, act: Act, team_pk: int | None = None) -> None:
    """Raises Refusal in words, and writes it in the audit trail, where the login may not do it now.

    Without a login it was asked for on the server itself, where there are no roles.
    """
    if user_pk is None:
        return
    why = _why_not(user_pk, act, team_pk)
    if not why:
        return
    with transaction.atomic():
        record(Deed.REFUSED, user=User.objects.get(pk=user_pk), why=why, act=act.name)
    raise Refusal(CODE, f"Nothing was done: {WHY[why].format(act=act.value)}.")


def _why_not(user_pk: int, act: Act, team_pk: int | None) -> str:
    if not is_open(user_pk):
        return "CLOSED"
    if not roles_of(user_pk) & MAY[act]:
        return "ROLE"
    if team_pk is not None and team_pk not in teams_of_login(user_pk):
        return "TEAM"
    return ""
