"""Lists, searches, exports, counts, autocompletion against an oracle: the patients of the asker's teams, no others."""

import random
import re

import pytest

from monitoring.security.policy import policies
from patients.models import LesionDiscordance, Patient, RetestPair, Segmentation
from patients.vocabulary import Role
from tests.access.states import browser
from tests.factories import CandidateFactory, ResponseSummaryFactory, TeamFactory, UserFactory, followed_patient

pytestmark = pytest.mark.django_db

SEED, STATES_ASKED = 7, 30
# What shows exactly the patients that one may see, and what shows some of them.
EQUAL = {
    "cohort": "/patients/",
    "cohort_csv": "/patients/export.csv",
    "due": "/due/",
    "noise": "/noise/",
    "discordance": "/discordance/",
}
SEARCHED = {"cohort": "/patients/?search=QX", "patient_options": "/patient-options?pseudonym=QX"}
AT_MOST = {
    "inbox": "/inbox/",
    "harmonisation": "/harmonisation/",
    "pseudoprogression": "/pseudoprogression/",
    "models": "/models/",
}
NAME = re.compile(r"Q[XY]\d{4}")


@pytest.fixture
def teams():
    """Four teams with three patients each, half of them named alike, one with an upload that waits."""
    made = [TeamFactory.create() for _ in range(4)]
    for place, team in enumerate(made):
        for number in range(3):
            patient = followed_patient(team, lesions=1, dates=2)
            name = f"Q{'XY'[number % 2]}{place}{number:03d}"
            Patient.objects.filter(pk=patient.pk).update(pseudonym=name)
            told_of(patient)
        waiting = Patient.objects.filter(team=team)[0]
        CandidateFactory.create(upload__team=team, patient=waiting, proposed_pseudonym=waiting.pseudonym)
    return made


def told_of(patient: Patient) -> None:
    """A same-day pair, a lesion that left its band and a progression to be confirmed: one row in each of the lists."""
    first, second = Segmentation.objects.filter(lesion__patient=patient).order_by("pk")
    RetestPair.objects.create(first=first, second=second)
    day = first.scan.acquired_on.isoformat()
    left = {"lesion_pk": first.lesion_id, "size_on": day, "texture_on": None, "texture_feature": ""}
    left |= {"lead_days": None, "sentence": "Size left its band first."}
    LesionDiscordance.objects.create(patient=patient, lesion=first.lesion, dates=[], departure=left)
    opened = {"opened_on": day, "confirm_from": day, "confirm_until": day, "closed_on": None}
    ResponseSummaryFactory.create(patient=patient, blocks=[opened | {"drivers": ["T"], "outcome": "OPEN"}])


def oracle(user, name: str) -> set[str] | None:
    """The pseudonyms that a login may meet at an address; None where its roles do not open it."""
    held = set(user.groups.values_list("name", flat=True))
    if not held & policies()[name].who("GET"):
        return None
    return set(Patient.objects.filter(team__memberships__user=user).values_list("pseudonym", flat=True))


def test_thirty_logins_meet_the_patients_of_their_teams_and_no_others(teams):
    chance = random.Random(SEED)
    for _ in range(STATES_ASKED):
        roles = chance.sample(list(Role), chance.randint(0, 3))
        user = UserFactory.create(roles=roles, teams=chance.sample(teams, chance.randint(0, 4)))
        client = browser(user)
        for name, address in EQUAL.items():
            check(client, address, oracle(user, name), is_whole=True)
        for name, address in SEARCHED.items():
            known = oracle(user, name)
            check(client, address, None if known is None else {one for one in known if "QX" in one}, is_whole=True)
        for name, address in AT_MOST.items():
            check(client, address, oracle(user, name), is_whole=False)


def check(client, address: str, known: set[str] | None, *, is_whole: bool) -> None:
    answer = client.get(address)
    if known is None:
        assert answer.status_code == 403, address
        return
    assert answer.status_code == 200, address
    met = set(NAME.findall(answer.getvalue().decode()))
    assert met == known if is_whole else met <= known, address


def test_a_count_tells_of_the_own_teams_alone(teams):
    user = UserFactory.create(roles=[Role.COORDINATOR], teams=teams[:1])
    page = browser(user).get("/patients/").content.decode()
    assert page.count('<tr data-href="/patients/') == 3
    inbox = browser(user).get("/inbox/").content.decode()
    assert set(re.findall(r"/uploads/([0-9a-f-]{36})", inbox)) == {str(teams[0].uploads.get().code)}
