"""What an address or a form names within one's own row must be one's own, too."""

from collections.abc import Collection, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from monitoring.security.policy import Policy, policies
from patients.models import Adjudication, HostedModel, LabResult, PairAcceptance, Segmentation, Upload
from patients.vocabulary import Role
from radiomics_tasks.models import ProcessingRun
from tests.access.asking import ask
from tests.access.states import browser
from tests.access.world import Holding, World, wanted
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
INNER = ("timepoint", "row", "digest", "said", "then", "now", "word", "pk")


@pytest.fixture
def client(world):
    """A login with every role in our team."""
    return browser(UserFactory.create(roles=list(Role), teams=[world.ours.team]))


def mixed(ours: Holding, theirs: Holding, name: str, row: str) -> str:
    """Our row, and within it what is another team's."""
    named, foreign = ours.named(name, row), theirs.named(name, row)
    return reverse(name, kwargs={key: foreign[key] if key in INNER else named[key] for key in wanted(name)})


def mixed_answers(world: World, only: Collection[str] | None = None) -> Iterator[str]:
    """Every address that is answered although what it names within is another team's."""
    client = browser(UserFactory.create(roles=list(Role), teams=[world.ours.team]))
    for policy, method in with_a_second_name():
        if only is not None and policy.name not in only:
            continue
        address = mixed(world.ours, world.theirs, policy.name, policy.row)
        answer = ask(client, method, address, {"reason": "x", "seen": "x"} if method == "POST" else None)
        if answer.status_code != 404:
            yield f"within: {method} {policy.name} answers {answer.status_code} for another team's"


def with_a_second_name() -> list[tuple[Policy, str]]:
    """The addresses that name something within a row; pictures are stored by content, so their names tell nothing."""
    named = [one for one in policies().values() if one.row and wanted(one.name) & set(INNER)]
    return [(one, method) for one in named for method in one.methods if one.name != "slice_picture"]


def test_every_address_with_a_second_name_asks_whose_that_is(world):
    assert list(mixed_answers(world)) == []
    assert len(with_a_second_name()) >= 12


def test_a_slice_is_shown_only_under_an_outline_that_has_it(world, client):
    outline = Segmentation.objects.get(code=world.ours.codes["outline"])
    assert ask(client, "GET", f"/outlines/{outline.code}/slices/{'0' * 64}.png").status_code == 404


def settled(ours: Holding, theirs: Holding) -> tuple[str, dict[str, Any]]:
    """A series of ours, to be filed under another team's patient."""
    code = str(ours.codes["candidate"])
    said = {"pseudonym": theirs.patient.pseudonym, "acquired_on": "2026-01-05", "modality": "CT"}
    return f"/series/{code}/file", {f"{code[:8]}-{name}": value for name, value in said.items()}


def named_in_forms(world: World) -> Iterator[str]:
    """What another team has, or what the role may not do with it, named in a form or behind a question mark."""
    client = browser(UserFactory.create(roles=list(Role), teams=[world.ours.team]))
    reader = browser(UserFactory.create(roles=[Role.READER], teams=[world.ours.team]))
    ours, theirs = world.ours, world.theirs
    asked: list[tuple[Client, str, str, dict[str, Any], int]] = [
        (client, "GET", "/inbox/", {"patient": theirs.patient.code}, 404),
        (client, "GET", "/inbox/", {"patient": "nonsense"}, 404),
        (reader, "GET", "/inbox/", {"patient": ours.patient.code}, 403),
        (client, "POST", "/uploads/", {"patient": theirs.patient.code}, 404),
        (reader, "POST", "/uploads/", {"patient": ours.patient.code}, 403),
        (client, "POST", "/harmonisation/fit", {"team": theirs.team.pk, "profile": "ct"}, 404),
    ]
    for browsing, method, address, data, status in asked:
        answer = ask(browsing, method, address, data)
        if answer.status_code != status:
            yield f"form: {method} {address} answers {answer.status_code} to {list(data)}"
    address, data = settled(ours, theirs)
    if "No patient of yours has this pseudonym" not in ask(client, "POST", address, data).content.decode():
        yield f"form: POST {address} takes another team's pseudonym"
    with transaction.atomic():
        client.post("/uploads/", {"team": theirs.team.pk})
        if Upload.objects.filter(team=theirs.team, created_by__isnull=False).exists():
            yield "form: POST /uploads/ opens an upload of another team"
        transaction.set_rollback(True)


def test_what_a_form_names_is_ones_own(world):
    assert list(named_in_forms(world)) == []


def test_an_outline_is_linked_to_a_lesion_of_the_same_patient(world, client):
    waiting = world.ours.named("outline_link", "outline")["code"]
    answer = client.post(f"/outlines/{waiting}/link", {"lesion": world.theirs.codes["lesion"]})
    assert answer.status_code in (200, 422)
    assert Segmentation.objects.get(code=waiting).lesion is None


def test_a_word_and_a_decision_of_another_team_stay(world, client):
    lesion, word = world.ours.codes["lesion"], world.theirs.inner["word"]
    assert client.post(f"/lesions/{lesion}/acceptances/{word}/withdraw").status_code == 404
    assert PairAcceptance.objects.get(pk=word).withdrawn_at is None
    visit = world.theirs.visit
    address = f"/patients/{world.ours.patient.code}/visits/{visit.pk}/adjudication"
    assert client.post(address, {"reading": "1", "why": "x", "seen": "0"}).status_code == 404
    assert not Adjudication.objects.filter(timepoint=visit).exists()


def test_a_result_of_another_team_stays(world, client):
    row = world.theirs.by_address["result_correct"]["row"]
    address = f"/patients/{world.ours.patient.code}/labs/results/{row}"
    assert client.post(address, {"act": "take_back", "why": "x"}).status_code == 404
    assert LabResult.objects.get(code=row).superseded_at is None


def test_reading_changes_nothing(world, client):
    """Every GET, and the rows that they could have touched are as they were."""
    kinds = (Segmentation, LabResult, PairAcceptance, Upload, ProcessingRun, HostedModel, Adjudication)
    before = [list(kind.objects.order_by("pk").values()) for kind in kinds]
    for policy in policies().values():
        if "GET" in policy.methods and not policy.name.startswith("admin:"):
            answer = client.get(world.address(policy.name, policy.row, world.ours), world.data(policy.name, world.ours))
            assert answer.status_code < 500
    assert [list(kind.objects.order_by("pk").values()) for kind in kinds] == before


def test_a_form_that_was_answered_is_not_answered_again_after_the_right_is_gone(world):
    user = UserFactory.create(roles=[Role.ONCOLOGIST], teams=[world.ours.team])
    client, key = browser(user), str(uuid4())
    sent = {"idempotency_key": key, "name": "Nivolumab", "drug_class": "ANTI_PD_L1", "started_on": "2026-01-05"}
    address = f"/patients/{world.ours.patient.code}/courses/"
    first = client.post(address, sent)
    assert first.status_code == 302, first.content.decode()
    user.memberships.all().delete()
    assert client.post(address, sent).status_code in (404, 409)
