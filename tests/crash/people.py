"""Who uses a stormed site: a team, a login with its session, patients to send for."""

import json
from dataclasses import dataclass

from tests.crash.senders import Login
from tests.crash.whole_site import Site

TOKEN = "t" * 32
PEOPLE = """
import json, time
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from monitoring.security.sessions import SEEN_AT, SIGNED_IN_AT
from patients.models import Membership, Patient, Team
team = Team.objects.create(name="Storm")
user = User.objects.create_user("storm")
user.groups.add(*Group.objects.filter(name__in=["coordinator", "reader", "oncologist"]))
Membership.objects.create(team=team, user=user)
patients = [str(Patient.objects.create(pseudonym=f"SYN-{n:04d}", team=team).code) for n in range(%d)]
session = SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session[SIGNED_IN_AT] = session[SEEN_AT] = time.time()
session.create()
print(json.dumps({"session": session.session_key, "patients": patients}))
"""


@dataclass(frozen=True)
class People:
    """One login and the codes of the patients that it may see."""

    login: Login
    patients: tuple[str, ...]


def people_of(site: Site, patients: int) -> People:
    """Make them on a site that runs; the login's session may last as long as a storm."""
    made = json.loads(site.manage("shell", "-v", "0", "-c", PEOPLE % patients).splitlines()[-1])
    return People(Login(site.port, made["session"], TOKEN), tuple(made["patients"]))
