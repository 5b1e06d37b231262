"""Models over the pages: sent in, refused in words, approved by somebody else; nothing in a card is ever markup."""

import json
import pickle
from typing import Any

import pytest
from django.urls import reverse

from patients.models import HostedModel, ModelUpload
from patients.vocabulary import Role, Step
from patients.words.hosted_words import ModelStatus
from radiomics_tasks.hosting import ensure_default_model
from radiomics_tasks.models import ProcessingRun
from radiomics_tasks.steps.register import register_model
from tests.factories import login
from tests.hosted_models import text

pytestmark = pytest.mark.django_db(transaction=True)
BINARY = "application/octet-stream"


@pytest.fixture(autouse=True)
def no_broker(monkeypatch):
    monkeypatch.setattr("radiomics_tasks.hints.current_app.send_task", lambda *_, **__: None)


@pytest.fixture
def steward(team):
    return login(team, Role.STEWARD, username="steward-one")


@pytest.fixture
def second(team):
    return login(team, Role.STEWARD, username="steward-two")


def send(client, content: bytes | str, name: str = "model.json", **more: Any):
    body = content.encode() if isinstance(content, str) else content
    return client.post(reverse("model_send"), body, content_type=BINARY, headers={"X-File-Name": name}, **more)


def work() -> None:
    for run in ProcessingRun.objects.filter(step=Step.REGISTER).order_by("pk"):
        register_model(run.pk)


def sent(client, content: str = "") -> HostedModel:
    assert send(client, content or text()).status_code == 201
    work()
    model = ModelUpload.objects.order_by("-pk")[0].model
    assert model is not None
    return model


def test_a_model_is_sent_read_approved_by_another_and_retired(as_user, steward, second):
    model = sent(as_user(steward))
    assert (model.status, model.created_by) == (ModelStatus.DRAFT, steward)
    address = reverse("model", args=[model.digest])
    own = as_user(steward).post(reverse("model_approve", args=[model.digest]), follow=True)
    assert "Whoever sent a model in does not approve it." in own.content.decode()
    done = as_user(second).post(reverse("model_approve", args=[model.digest]), follow=True).content.decode()
    assert "made-up-signature 1.0.0 is active." in done
    model.refresh_from_db()
    assert (model.status, model.approved_by) == (ModelStatus.ACTIVE, second)
    assert ProcessingRun.objects.filter(step=Step.APPLY, subject_pk=model.pk).exists()
    again = as_user(second).post(reverse("model_approve", args=[model.digest]), follow=True).content.decode()
    assert "it cannot be approved like this" in again
    as_user(second).post(reverse("model_retire", args=[model.digest]))
    assert "Retired" in as_user(steward).get(address).content.decode()


REFUSED: dict[str, tuple[str, str]] = {
    "a card without its limitations": (
        text(lambda data: data["card"].pop("limitations")),
        "The model card lacks limitations. Fill it in.",
    ),
    "coefficients of an unknown feature": (
        text(lambda data: data["terms"][0].update(feature="original_glcm_Secret")),
        "Term 1 asks for original_glcm_Secret, which is no feature known here.",
    ),
    "a failing reference pair": (
        text(lambda data: data["reference_pairs"][0]["expect"].update(value=0.5)),
        "Reference pair 1 gives 0.4576020592 here, not what the model states. Correct one of them.",
    ),
    "no kind that is known": ('{"kind": "forest"}', "The model&#x27;s kind must be one of logistic, linear, cox"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_a_worker_refuses_stands_on_the_page(case: str, as_user, steward):
    content, sentence = REFUSED[case]
    assert send(as_user(steward), content).status_code == 201
    assert "Being read" in as_user(steward).get(reverse("models")).content.decode()
    work()
    page = as_user(steward).get(reverse("models"), headers={"HX-Request": "true"}).content.decode()
    assert sentence in page and "<html" not in page and "every 2s" not in page
    assert not HostedModel.objects.filter(kind="COEFFICIENTS").exists()


class Runs:
    """A pickle that would leave a file behind."""

    def __init__(self, path) -> None:
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


@pytest.mark.parametrize("protocol", [0, 2, 5])
def test_a_pickle_is_refused_and_never_opened(protocol: int, as_user, steward, tmp_path):
    bomb = tmp_path / "opened"
    answer = send(as_user(steward), pickle.dumps(Runs(bomb), protocol=protocol), "model.json")
    assert (answer.status_code, answer.json()["code"]) == (422, "E_MODEL_FORMAT")
    assert not bomb.exists() and not ModelUpload.objects.exists()


def test_fifty_megabytes_and_nothing_at_all_are_refused(as_user, steward):
    answer = send(as_user(steward), b"{" + b" " * 50_000_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "E_MODEL_SIZE")
    assert send(as_user(steward), b"").status_code == 422
    form = as_user(steward).post(reverse("model_send"), {"text": "{}"})
    assert (form.status_code, form.json()["code"]) == (422, "E_ENCODING")
    assert not ModelUpload.objects.exists()


HTML = "<script>alert(1)</script><img src=x onerror=alert(2)>"


def test_markup_in_a_card_is_text(as_user, steward):
    def change(data: dict[str, Any]) -> None:
        data["title"] = HTML
        data["card"] |= {"limitations": HTML, "author": HTML, "licence": HTML}
        data["card"]["performance"][0]["on"] = HTML
        data["card"]["training_data"]["sites"] = HTML

    client = as_user(steward)
    assert send(client, text(change), f"{HTML}.json").status_code == 201
    work()
    for page in ("/models/", reverse("model", args=[HostedModel.objects.get(kind="COEFFICIENTS").digest])):
        shown = client.get(page).content.decode()
        assert "<script>alert" not in shown and "<img src=x" not in shown
        assert "&lt;script&gt;alert(1)" in shown


def test_the_card_shows_every_field_and_the_coefficients(as_user, steward):
    model = sent(as_user(steward))
    page = as_user(steward).get(reverse("model", args=[model.digest])).content.decode()
    for name, value in json.loads(text())["card"].items():
        assert not isinstance(value, str) or value in page, name
    for words in ("0.57 to 0.77", "external validation", "does not replace molecular testing", "−60 to 60", "Agrees"):
        assert words in page
    assert model.digest in page


def test_the_shipped_score_shows_published_beside_used_ratios_and_what_is_not_counted(as_user, member):
    model = ensure_default_model()
    assert (model.status, model.approved_by) == (ModelStatus.ACTIVE, None)
    page = as_user(member).get(reverse("model", args=[model.digest])).content.decode()
    counted, _, rest = page.partition("Not counted")
    assert "unfavourable 0.057 (0.004 to 0.85)" in counted and "0.48" in counted
    assert "Texture entropy" in rest and "Anti-CTLA-4" in rest and "Texture entropy" not in counted
    assert "−0.6 (0.35)" in counted and "Medical device" not in page


def test_who_may(as_user, steward, owner, member, team, second):
    model = sent(as_user(steward))
    admin = login(team, Role.ADMIN, username="admin-one")
    for person in (owner, member, admin, second):
        assert as_user(person).get(reverse("models")).status_code == 200
        assert as_user(person).get(reverse("model", args=[model.digest])).status_code == 200
    for person in (owner, member, admin):
        answer = send(as_user(person), text())
        assert answer.status_code == 403 and "It takes one of: steward" in answer.content.decode()
        assert "data-model-send" not in as_user(person).get(reverse("models")).content.decode()
    for person in (owner, member):
        for act in ("model_approve", "model_retire"):
            assert as_user(person).post(reverse(act, args=[model.digest])).status_code == 403
    assert as_user(admin).post(reverse("model_approve", args=[model.digest])).status_code == 302
    assert HostedModel.objects.get(pk=model.pk).approved_by == admin


def test_without_a_role_or_a_login_nothing_is_seen(client, as_user, django_user_model):
    nobody = django_user_model.objects.create(username="no-role")
    assert as_user(nobody).get(reverse("models")).status_code == 403
    assert client.get(reverse("models")).status_code == 302
    assert send(client, text()).status_code == 401


def test_what_is_not_there_is_404(as_user, steward):
    for name in ("model",):
        assert as_user(steward).get(reverse(name, args=["0" * 64])).status_code == 404
    for name in ("model_approve", "model_retire"):
        assert as_user(steward).post(reverse(name, args=["0" * 64])).status_code == 404


def test_a_worker_that_is_delivered_twice_registers_once(as_user, steward):
    sent(as_user(steward))
    work()
    assert send(as_user(steward), text()).status_code == 201
    work()
    assert HostedModel.objects.filter(kind="COEFFICIENTS").count() == 1
    assert ProcessingRun.objects.filter(step=Step.REGISTER).count() == 2


def test_the_score_in_use_is_retired_by_its_successor_alone(as_user, second):
    score = ensure_default_model()
    card = reverse("model", args=[score.digest])
    assert reverse("model_retire", args=[score.digest]) not in as_user(second).get(card).content.decode()
    answer = as_user(second).post(reverse("model_retire", args=[score.digest]), follow=True)
    assert "This score is in use." in answer.content.decode()
    assert HostedModel.objects.get(pk=score.pk).status == ModelStatus.ACTIVE
