"""What a login asked for is asked for again when a worker begins: closed, without its role, in another team."""

import pytest
from django.contrib.auth.models import User

from patients.models import AuditEvent, FeatureSnapshot, HarmonisationModel, ModelUpload, Recomputation
from patients.vocabulary import Role, RunState, Step
from patients.words.act_words import MAY, Act
from patients.words.recompute_words import Recomputed
from patients.writes.trusting.recomputations import ask_again
from radiomics_tasks import runs
from radiomics_tasks.models import ProcessingRun
from radiomics_tasks.steps.harmonise import fit_harmonisation
from radiomics_tasks.steps.recompute import recompute_number
from radiomics_tasks.steps.register import register_model
from tests.factories import followed_patient, login

pytestmark = pytest.mark.django_db
WORDS = {
    "CLOSED": "Nothing was done: the login that asked for it is closed.",
    "ROLE": "Nothing was done: the login that asked for it has no role any more that may",
    "TEAM": "Nothing was done: the login that asked for it is not in the team any more.",
}


def take_away(user: User, why: str) -> None:
    """After it was asked for, and before a worker begins."""
    if why == "CLOSED":
        User.objects.filter(pk=user.pk).update(is_active=False)
    elif why == "ROLE":
        user.groups.clear()
    else:
        user.memberships.all().delete()


def refused_in_words(user: User, why: str, said: str) -> None:
    told = AuditEvent.objects.get(deed="REFUSED")
    assert (told.origin, told.user_pk, told.detail["why"]) == ("WORKER", user.pk, why)
    assert said.startswith(WORDS[why])


@pytest.mark.parametrize("why", WORDS)
def test_a_harmonisation(team, why):
    steward = login(team, Role.STEWARD)
    run = runs.arm(Step.HARMONISE, team.pk, f"ct:{steward.pk}")
    take_away(steward, why)
    fit_harmonisation(run.pk)
    run.refresh_from_db()
    assert run.state == RunState.FAILED
    refused_in_words(steward, why, run.reason)
    assert not HarmonisationModel.objects.exists()


@pytest.mark.parametrize("why", WORDS)
def test_a_number_computed_again(team, why):
    reader = login(team, Role.READER)
    patient = followed_patient(team, lesions=1, dates=1)
    asked = ask_again(FeatureSnapshot.objects.get(segmentation__scan__patient=patient), reader)
    run = runs.arm(Step.RECOMPUTE, asked.pk)
    take_away(reader, why)
    recompute_number(run.pk)
    answered = Recomputation.objects.get()
    assert answered.outcome == Recomputed.FAILED
    refused_in_words(reader, why, answered.sentence)
    assert ask_again(answered.snapshot, login(team, Role.READER)).pk != answered.pk, "somebody else may ask"


@pytest.mark.parametrize("why", ["CLOSED", "ROLE"])
def test_a_model_that_was_sent_in(team, why):
    steward = login(team, Role.STEWARD)
    upload = ModelUpload.objects.create(text="{}", created_by=steward)
    run = runs.arm(Step.REGISTER, upload.pk)
    take_away(steward, why)
    register_model(run.pk)
    upload.refresh_from_db()
    refused_in_words(steward, why, str(upload.problem["sentence"]))


def test_who_still_may_and_who_asked_on_the_server_are_not_refused(team):
    steward = login(team, Role.STEWARD)
    for key in (f"ct:{steward.pk}", "ct"):
        fit_harmonisation(runs.arm(Step.HARMONISE, team.pk, key).pk)
    reasons = ProcessingRun.objects.values_list("reason_code", flat=True)
    assert "E_ASKER" not in reasons and len(reasons) == 2
    assert not AuditEvent.objects.filter(deed="REFUSED").exists()
    assert MAY[Act.HARMONISE] == {Role.STEWARD}
