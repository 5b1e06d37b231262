"""`manage.py seed_demo`: the made-up cohort, written as DICOM and filed by the very same intake."""

import argparse
import tempfile
import time
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, User
from django.core.management.base import BaseCommand, CommandError

from patients.models import Membership, Patient, Scan, Team, Upload
from patients.reads.findings import responses_of
from patients.vocabulary import Criterion, LesionRole, Modality, Role, RunState, Step
from radiomics_tasks import runs
from radiomics_tasks.arrivals import hand_in
from radiomics_tasks.hosting import ensure_default_model
from radiomics_tasks.imaging.phantom.cohort import DEMO_PATIENTS
from radiomics_tasks.imaging.phantom.cohort.plan import DemoPatient
from radiomics_tasks.imaging.phantom.patient_out import write_patient
from radiomics_tasks.management.demo_people import enter_plan, follow_up, is_complete
from radiomics_tasks.models import ProcessingRun
from radiomics_tasks.relay.own_worker import worker_at_hand
from radiomics_tasks.relay.standing import UNFINISHED
from radiomics_tasks.relay.waiting import Subjects, Watch, WorkerLost

TEAM = "Demo clinic"
# The auditor and the administrator belong to no team: they see no patients.
SEEING_ROLES = (Role.COORDINATOR, Role.READER, Role.ONCOLOGIST, Role.BOARD, Role.STEWARD)
POLL_SECONDS = 0.5
# Reading goes before measuring: with the whole cohort handed in at once nobody would be concluded for a long time.
# Fewer would let the workers run dry, and begin with the noise of scans while others are still to be measured.
AT_ONCE = 4
# Seldom: each patient that is ready is told anyway.
TELL_SECONDS = 60.0


@dataclass
class Arriving:
    """A patient on the way: handed in, then confirmed, then measured, then read and concluded visit by visit.

    `upload` is None where an earlier start had filed everything.
    """

    plan: DemoPatient
    upload: Upload | None
    patient: Patient | None = None


class Command(BaseCommand):
    help = "Make the demo logins and load the made-up patients; those that are there already are left alone."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--logins", action="store_true", help="only the logins")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.began_at = time.monotonic()
        self.failed: list[DemoPatient] = []

    def handle(self, *_args: Any, **options: Any) -> None:
        team = demo_team()
        ensure_default_model()
        if options["logins"]:
            return
        person = get_user_model().objects.get(username=Role.COORDINATOR)
        wanted = [plan for plan in DEMO_PATIENTS if not is_loaded(plan)]
        if not wanted:
            self.stdout.write("The demo cohort is there.")
            return
        try:
            with worker_at_hand():
                self.load(wanted, team, person)
        except WorkerLost as reason:
            raise CommandError(str(reason)) from None
        if self.failed:
            names = ", ".join(plan.pseudonym for plan in self.failed)
            raise CommandError(f"Not everything could be measured or concluded of {names}: start again to try again.")
        self.stdout.write(f"The demo cohort is there ({time.monotonic() - self.began_at:.0f} s).")

    def load(self, wanted: list[DemoPatient], team: Team, person: User) -> None:
        """Bring these patients to their end, in this order as far as nothing must be waited for."""
        left, arriving = deque(wanted), list[Arriving]()
        watch = Watch(self.stderr.write, tell_every_s=TELL_SECONDS)
        while left or arriving:
            if left and len(arriving) < AT_ONCE:
                arriving.append(begun(left.popleft(), team, person))
            else:
                watch.look(_work_of(arriving))
                time.sleep(POLL_SECONDS)
            arriving = [one for one in arriving if not self.is_ready(one, person)]

    def is_ready(self, one: Arriving, person: User) -> bool:
        """Move a patient on as far as the workers allow; true, and told, when nothing more will come of it.

        No patient waits for another: where the score of a progression must be given first, the others go on.
        """
        if one.patient is None:
            if one.upload is not None and not hand_in.is_read(one.upload):
                return False
            one.patient = confirmed(one, person)
        if is_busy(one.patient):
            return False
        failed = work_of(one.patient, (RunState.FAILED,))
        if failed:
            self.stderr.write(f"  {one.plan.pseudonym}: {failed[0].reason}")
            self.failed.append(one.plan)
            return True
        if not is_complete(one.plan, one.patient):
            follow_up(one.plan, one.patient, person, get_user_model().objects.get(username=Role.READER))
            return False
        after = time.monotonic() - self.began_at
        self.stdout.write(f"  {one.plan.pseudonym}  {one.plan.disease}: {calls_of(one.patient)}  ({after:.0f} s)")
        self.stdout.flush()
        return True


def calls_of(patient: Patient) -> str:
    """What is called of a patient, visit by visit, under each criterion; of the targets alone where nothing else is."""
    counting = [response for response in responses_of(patient.pk) if response.reader_pk is None]
    overall = (Criterion.RECIST_1_1, Criterion.IRECIST)
    told = []
    for criterion in overall if any(one.criterion in overall for one in counting) else (Criterion.RECIST_1_1_TARGET,):
        calls = " → ".join(one.category for one in counting if one.criterion is criterion)
        told.append(f"{criterion.label} {calls}")
    return "; ".join(told)


def demo_team() -> Team:
    """The team and one login for each role; the password is the role's name, for a demo on this machine only."""
    team, _ = Team.objects.get_or_create(name=TEAM)
    for role in Role:
        user, is_new = get_user_model().objects.get_or_create(
            username=role.value, defaults={"is_staff": role is Role.ADMIN}
        )
        if is_new:
            user.set_password(role.value)
            user.save()
            user.groups.add(Group.objects.get(name=role.value))
        if role in SEEING_ROLES:
            Membership.objects.get_or_create(user=user, team=team)
    return team


def is_loaded(plan: DemoPatient) -> bool:
    """Whether every scan of a patient is filed, measured and read, so that an interrupted start is made good."""
    patient = filed(plan)
    return patient is not None and is_complete(plan, patient) and not is_busy(patient)


def filed(plan: DemoPatient) -> Patient | None:
    """The patient where every scan is filed."""
    patient = Patient.objects.filter(pseudonym=plan.pseudonym).first()
    expected = sum(len(visit.scans) for visit in plan.visits)
    return patient if patient is not None and patient.scans.count() == expected else None


def is_busy(patient: Patient) -> bool:
    """Whether anything of a patient is still to be measured or concluded."""
    return bool(work_of(patient, UNFINISHED))


def work_of(patient: Patient, states: Collection[RunState]) -> list[ProcessingRun]:
    """What is to be measured and concluded of a patient, as far as it stands so."""
    scans = Scan.objects.filter(patient=patient).values_list("pk", flat=True)
    of_scans = ProcessingRun.objects.filter(step=Step.EXTRACT, subject_pk__in=list(scans), state__in=states)
    return [*of_scans, *ProcessingRun.objects.filter(step=Step.REASSESS, subject_pk=patient.pk, state__in=states)]


def _work_of(arriving: list[Arriving]) -> Subjects:
    """What is to be done for those on the way."""
    patients = [one.patient.pk for one in arriving if one.patient is not None]
    scans = Scan.objects.filter(patient__in=patients).values_list("pk", flat=True)
    uploads = [one.upload.pk for one in arriving if one.upload is not None and one.patient is None]
    return {Step.INGEST: uploads, Step.EXTRACT: list(scans), Step.REASSESS: patients}


def begun(plan: DemoPatient, team: Team, person: User) -> Arriving:
    """A patient as far as an earlier start came; else the scans are written and handed in."""
    if filed(plan) is not None:
        return Arriving(plan, upload=None)
    return Arriving(plan, handed_in(plan, team, person))


def handed_in(plan: DemoPatient, team: Team, person: User) -> Upload:
    """Write a patient's scans as DICOM and hand them in like a coordinator would."""
    with tempfile.TemporaryDirectory(prefix="deltarad-demo-") as folder:
        write_patient(plan, Path(folder))
        return hand_in.hand_in([Path(folder)], team, person)


def confirmed(one: Arriving, person: User) -> Patient:
    """File everything that was proposed, say what the plan says, and have tried again what failed before."""
    patient = filed(one.plan) if one.upload is None else _confirmed_now(one.plan, one.upload, person)
    if patient is None:
        raise CommandError(f"{one.plan.pseudonym}: a scan is gone. Start again to hand it in again.")
    for run in work_of(patient, (RunState.FAILED,)):
        runs.retry(run.pk)
    enter_plan(one.plan, patient, person)
    return patient


def _confirmed_now(plan: DemoPatient, upload: Upload, person: User) -> Patient:
    answers = hand_in.Answers(pseudonym=plan.pseudonym, new_lesions=_waiting_names(plan))
    outcomes = hand_in.confirm(upload, answers, person)
    for outcome in outcomes:
        if outcome.scan is None:
            raise CommandError(f"{plan.pseudonym}, {outcome.name}: {outcome.code}: {outcome.sentence}")
    return hand_in.patients_of(outcomes)[0]


def _waiting_names(plan: DemoPatient) -> frozenset[str]:
    """Lesions that wait for a person, here the plan: new ones, and those the first scan, a CT, does not show."""
    return frozenset(
        lesion.name for lesion in plan.lesions if lesion.modality is not Modality.CT or lesion.role is LesionRole.NEW
    )
