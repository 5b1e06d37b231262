"""`manage.py seed_demo`: what it tells of a patient, and when one counts as loaded."""

import io
from datetime import timedelta

import pytest

from patients.reads.trusting.scoreboards import scoreboards_of
from patients.vocabulary import Criterion, ResponseCategory, Role, RunState, Step
from patients.words.trust_words import Grading
from radiomics_tasks import runs
from radiomics_tasks.imaging.phantom.cohort import DEMO_PATIENTS
from radiomics_tasks.management.commands.seed_demo import Command, begun, calls_of, is_loaded
from radiomics_tasks.management.demo_people import enter_plan, follow_up
from radiomics_tasks.models import ProcessingRun
from radiomics_tasks.relay.standing import unfinished
from radiomics_tasks.relay.waiting import wait
from tests.factories import BASELINE_ON, PatientFactory, ResponseAssessmentFactory, TimepointFactory, UserFactory, login
from tests.live_worker import running_worker
from tests.radiomics_tasks.management.test_demo_people import filed

pytestmark = pytest.mark.django_db
PLAN = next(plan for plan in DEMO_PATIENTS if plan.pseudonym == "SYN-04")


def called(patient, criterion, *categories):
    for number, category in enumerate(categories):
        ResponseAssessmentFactory.create(
            timepoint=TimepointFactory.create(patient=patient),
            criterion=criterion,
            category=category,
            assessed_on=BASELINE_ON + timedelta(days=56 * number),
        )


def test_targets_are_told_until_somebody_has_read():
    patient = PatientFactory.create()
    called(patient, Criterion.RECIST_1_1_TARGET, ResponseCategory.BASELINE, ResponseCategory.PD)
    assert calls_of(patient) == "RECIST 1.1, target lesions only BASELINE → PD"
    called(patient, Criterion.RECIST_1_1, ResponseCategory.PD)
    called(patient, Criterion.IRECIST, ResponseCategory.IUPD)
    assert calls_of(patient) == "RECIST 1.1 PD; iRECIST iUPD"


def test_a_patient_is_loaded_once_every_visit_is_read_and_concluded():
    assert not is_loaded(PLAN)
    patient, person = filed(PLAN), UserFactory.create()
    enter_plan(PLAN, patient, person)
    ProcessingRun.objects.all().delete()
    assert not is_loaded(PLAN)
    for _ in range(2):
        follow_up(PLAN, patient, person, person)
        assert not is_loaded(PLAN)
        ProcessingRun.objects.all().delete()
    assert is_loaded(PLAN)


def board_of(team):
    (board,) = scoreboards_of([team.pk])
    return board


@pytest.mark.django_db(transaction=True)
def test_scores_are_given_before_their_outcome_and_counted_also_where_the_start_was_interrupted(team, tmp_path):
    """With a real worker: two pseudoprogressions (one under the strict label) and two true ones, one by a death."""
    plans = [plan for plan in DEMO_PATIENTS if plan.pseudonym in ("SYN-02", "SYN-03", "SYN-04", "SYN-18")]
    patients = {plan.pseudonym: filed(plan, team=team) for plan in plans}
    person, reader = (login(team, role, username=role.value) for role in (Role.COORDINATOR, Role.READER))
    half = next(plan for plan in plans if plan.pseudonym == "SYN-03")
    enter_plan(half, patients["SYN-03"], person)
    follow_up(half, patients["SYN-03"], person, reader)
    with running_worker(tmp_path / "worker.log", DELTARAD_VERIFY_HOURS="0"):
        seeding = Command(stdout=io.StringIO())
        seeding.load(plans, team, person)
        wait(lambda: not unfinished({Step.SCOREBOARD: [team.pk]}), {Step.SCOREBOARD: [team.pk]})
    assert seeding.failed == [] and all(map(is_loaded, plans))
    given = {name: patient.scores.get(superseded_at=None) for name, patient in patients.items()}
    assert not any(score.is_after_outcome for score in given.values())
    graded = {name: score.grades[-1]["grading"] for name, score in given.items()}
    assert graded == {"SYN-02": "TRUE_PD", "SYN-03": "PSP_BROAD", "SYN-04": "TRUE_PD", "SYN-18": "PSP_STRICT"}
    board = board_of(team)
    assert (board.after_outcome, board.waiting, board.board.n, board.board.events) == (0, 0, 3, 1)
    assert board.board.not_graded == ((Grading.BROAD, 1),)


@pytest.mark.django_db(transaction=True)
def test_a_patient_who_cannot_be_concluded_is_named_and_tried_again_at_the_next_start(monkeypatch):
    patient, person, told = filed(PLAN), UserFactory.create(), io.StringIO()
    monkeypatch.setattr("radiomics_tasks.hints.current_app.send_task", lambda *_, **__: None)
    seeding = Command(stderr=told)
    one = begun(PLAN, patient.team, person)
    assert not seeding.is_ready(one, person)
    run = ProcessingRun.objects.get(step=Step.REASSESS, subject_pk=patient.pk)
    claim = runs.claim(run.pk)
    assert claim is not None
    runs.fail(claim, "E_CRASH", "The work stopped.", is_final=True)
    assert seeding.is_ready(one, person) and seeding.failed == [PLAN]
    assert told.getvalue().strip() == "SYN-04: The work stopped."
    assert not seeding.is_ready(begun(PLAN, patient.team, person), person)
    run.refresh_from_db()
    assert run.state == RunState.QUEUED
