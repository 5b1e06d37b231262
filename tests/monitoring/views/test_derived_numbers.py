"""Cards of rings, harmonised values, scores and hosted answers: for those who may see them, with a button each."""

from html import escape

import pytest
from django.urls import reverse

from patients.models import FeatureSnapshot, HarmonisedValues, ModelOutput, PseudoprogressionScore, Recomputation
from patients.vocabulary import Role, Step
from patients.words.recompute_words import Recomputed
from patients.words.regions import Region
from patients.writes.trusting.recomputations import answer
from radiomics_tasks.harmonising import rederive_team
from radiomics_tasks.models import ProcessingRun
from tests.factories import FEATURES, TeamFactory, followed_patient, login
from tests.monitoring.views.test_pseudoprogression import anna, patient
from tests.radiomics_tasks.steps.test_models_applied import active, concluded, of_contrast
from tests.radiomics_tasks.test_harmonising import stored
from tests.scanner_cohort import MEAN, scanner_cohort

__all__ = ["anna", "patient"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_broker(monkeypatch):
    monkeypatch.setattr("radiomics_tasks.hints.current_app.send_task", lambda *_, **__: None)


def address(of, kind: str, pk: int, name: str = "derived_number") -> str:
    return reverse(name, args=[of.code, kind, pk])


def page(client, of, kind: str, pk: int, query: str = "") -> str:
    found = client.get(f"{address(of, kind, pk)}?{query}")
    assert found.status_code == 200
    return " ".join(found.content.decode().split())


def test_a_score_has_its_digits_its_sentences_and_is_asked_for_again(as_user, anna, patient):
    score = PseudoprogressionScore.objects.get()
    client = as_user(anna)
    said = page(client, patient, "score", score.pk)
    assert score.model_digest in said
    assert score.score["required_sentences"]
    for sentence in score.score["required_sentences"]:
        assert escape(sentence) in said
    assert "from its stored inputs and the model, in a worker" in said
    assert client.post(address(patient, "score", score.pk, "derived_recompute")).status_code == 302
    asked = Recomputation.objects.get()
    assert (asked.score_id, asked.snapshot_id) == (score.pk, None)
    assert ProcessingRun.objects.filter(step=Step.RECOMPUTE, subject_pk=asked.pk).count() == 1
    assert "Being computed again" in client.get(address(patient, "score", score.pk, "derived_again")).content.decode()
    answer(asked.pk, Recomputed.DIGITS_DIFFER, "score prior: stored 0.2, now 0.3.", [])
    assert "Alarm: other digits." in page(client, patient, "score", score.pk)
    assert "number alarm" in client.get("/patients/").content.decode()


def test_strangers_blinded_readers_and_other_kinds_find_nothing(as_user, anna, patient, team):
    score = PseudoprogressionScore.objects.get()
    stranger = login(TeamFactory.create(), Role.ONCOLOGIST, username="stranger")
    blinded = login(team, Role.READER, username="blind")
    for user in (stranger, blinded):
        assert as_user(user).get(address(patient, "score", score.pk)).status_code == 404
    client = as_user(anna)
    for kind, pk in (("score", score.pk + 1), ("ring", score.pk), ("nothing", 1), ("output", 2**40)):
        assert client.get(address(patient, kind, pk)).status_code == 404
        assert client.post(address(patient, kind, pk, "derived_recompute")).status_code == 404


def test_drawer_and_card_of_the_visit_lead_to_the_score(as_user, anna, patient):
    score = PseudoprogressionScore.objects.get()
    client = as_user(anna)
    drawer = client.get(f"/patients/{patient.code}/unconfirmed").content.decode()
    visit = reverse("visit_number", args=[patient.code, score.timepoint_id])
    assert f'href="{visit}"' in drawer
    assert address(patient, "score", score.pk) in drawer
    assert "data-opens-drawer" not in drawer  # there is no drawer on this page: its links lead to pages
    assert address(patient, "score", score.pk) in client.get(visit).content.decode()


def test_the_export_of_responses_says_with_the_score_what_must_stand_beside_it(as_user, anna, patient, team):
    score = PseudoprogressionScore.objects.get()
    said = b"".join(as_user(anna).get(f"/patients/{patient.code}/responses.csv").streaming_content).decode()
    assert "pseudoprogression_says" in said.splitlines()[0]
    for sentence in score.score["required_sentences"]:
        assert said.count(sentence.replace('"', '""')) == 1
    assert said.count(score.model_digest) == 1
    blinded = as_user(login(team, Role.READER, username="blind"))
    hidden = b"".join(blinded.get(f"/patients/{patient.code}/responses.csv").streaming_content).decode()
    assert score.model_digest not in hidden


def test_a_harmonised_value_stands_beside_the_raw_one_and_leads_to_its_card(as_user, owner, team):
    scanner_cohort(team)
    model = stored(team)
    rederive_team(model)
    row = HarmonisedValues.objects.earliest("pk")
    outline = row.snapshot.segmentation
    place = row.snapshot.feature_set.names.index(MEAN)
    client = as_user(owner)
    said = page(client, outline.scan.patient, "harmonised", row.pk, f"feature={MEAN}")
    for part in (repr(row.values[place]), repr(row.snapshot.values[place]), model.digest, "no cure for a change"):
        assert part in said
    card = client.get(reverse("number", args=[outline.code]) + f"?feature={MEAN}").content.decode()
    assert address(outline.scan.patient, "harmonised", row.pk) in card
    assert client.get(address(outline.scan.patient, "harmonised", row.pk) + "?feature=nothing").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_hosted_answer_has_its_terms_and_a_ring_its_context(as_user, owner, team):
    followed = followed_patient(team, lesions=1, dates=1)
    active(of_contrast())
    concluded(followed)
    row = ModelOutput.objects.get()
    client = as_user(owner)
    said = page(client, followed, "output", row.pk)
    assert repr(row.said["link"]) in said
    assert "does not replace molecular testing" in said
    lesion = followed.lesions.get()
    assert address(followed, "output", row.pk) in client.get(f"/lesions/{lesion.code}/").content.decode()
    own = FeatureSnapshot.objects.get()
    ring = FeatureSnapshot.objects.create(
        segmentation=own.segmentation,
        feature_set=own.feature_set,
        region=Region.RING_0_5,
        engine=own.engine,
        build_digest=own.build_digest,
        versions=own.versions,
        values=own.values,
        reasons=own.reasons,
        provenance={"ring": {"context": "c" * 64, "voxels": 900}},
    )
    said = page(client, followed, "ring", ring.pk, f"feature={FEATURES[2]}")
    assert "c" * 64 in said
    assert "ring up to 5 mm around it" in said
    assert "those of the lesions around, in a worker" in said
