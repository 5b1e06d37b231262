"""`manage.py seed_demo`: the made-up cohort, written as DICOM and filed by the very same intake."""

import argparse
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, User
from django.core.management.base import BaseCommand, CommandError

from patients.models import Membership, Patient, Scan, Team, Upload
from patients.reads.findings import responses_of
from patients.vocabulary import Criterion, LesionRole, Modality, Role, Step
from radiomics_tasks.arrivals import hand_in
from radiomics_tasks.hosting import ensure_default_model
from radiomics_tasks.imaging.phantom.cohort import DEMO_PATIENTS
from radiomics_tasks.imaging.phantom.cohort.plan import DemoPatient
from radiomics_tasks.imaging.phantom.patient_out import write_patient
from radiomics_tasks.management.demo_people import enter_plan, is_read, sign_visits
from radiomics_tasks.relay.own_worker import worker_at_hand
from radiomics_tasks.relay.standing import unfinished
from radiomics_tasks.relay.waiting import Subjects, Watch, WorkerLost

TEAM = "Demo clinic"
# The auditor and the administrator belong to no team: they see no patients.
SEEING_ROLES = (Role.COORDINATOR, Role.READER, Role.ONCOLOGIST, Role.BOARD, Role.STEWARD)
POLL_SECONDS = 0.5
# Seldom: each patient that is ready is told anyway.
TELL_SECONDS = 60.0


@dataclass
class Arriving:
    """A patient on the way: handed in, then confirmed, then measured and read, then concluded."""

    plan: DemoPatient
    upload: Upload
    patient: Patient | None = None


class Command(BaseCommand):
    help = "Make the demo logins and load the made-up patients; those that are there already are left alone."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--logins", action="store_true", help="only the logins")

    def handle(self, *_args: Any, **options: Any) -> None:
        team = demo_team()
        ensure_default_model()
        if options["logins"]:
            return
        person = get_user_model().objects.get(username=Role.COORDINATOR)
        self.began_at = time.monotonic()
        wanted = [plan for plan in DEMO_PATIENTS if not is_loaded(plan)]
        if not wanted:
            self.stdout.write("The demo cohort is there.")
            return
        try:
            with worker_at_hand():
                self._load(wanted, team, person)
        except WorkerLost as reason:
            raise CommandError(str(reason)) from None
        self.stdout.write(f"The demo cohort is there ({time.monotonic() - self.began_at:.0f} s).")

    def _load(self, wanted: list[DemoPatient], team: Team, person: User) -> None:
        arriving: list[Arriving] = []
        watch = Watch(self.stderr.write, tell_every_s=TELL_SECONDS)
        for plan in wanted:
            arriving.append(Arriving(plan, handed_in(plan, team, person)))
            arriving = [one for one in arriving if not self.is_ready(one, person)]
        while arriving:
            watch.look(_work_of(arriving))
            time.sleep(POLL_SECONDS)
            arriving = [one for one in arriving if not self.is_ready(one, person)]

    def is_ready(self, one: Arriving, person: User) -> bool:
        """Move a patient on as far as the workers allow; true, and told, when everything is concluded."""
        if one.patient is None:
            if not hand_in.is_read(one.upload):
                return False
            one.patient = confirmed(one, person)
        if is_busy(one.patient):
            return False
        if not is_read(one.plan, one.patient):
            sign_visits(one.plan, one.patient, get_user_model().objects.get(username=Role.READER))
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
    patient = Patient.objects.filter(pseudonym=plan.pseudonym).first()
    expected = sum(len(visit.scans) for visit in plan.visits)
    is_filed = patient is not None and patient.scans.count() == expected
    return patient is not None and is_filed and is_read(plan, patient) and not is_busy(patient)


def is_busy(patient: Patient) -> bool:
    """Whether anything of a patient is still to be measured or concluded."""
    scans = Scan.objects.filter(patient=patient).values_list("pk", flat=True)
    return bool(unfinished({Step.EXTRACT: list(scans), Step.REASSESS: [patient.pk]}))


def _work_of(arriving: list[Arriving]) -> Subjects:
    """What is to be done for those on the way."""
    patients = [one.patient.pk for one in arriving if one.patient is not None]
    scans = Scan.objects.filter(patient__in=patients).values_list("pk", flat=True)
    uploads = [one.upload.pk for one in arriving if one.patient is None]
    return {Step.INGEST: uploads, Step.EXTRACT: list(scans), Step.REASSESS: patients}


def handed_in(plan: DemoPatient, team: Team, person: User) -> Upload:
    """Write a patient's scans as DICOM and hand them in like a coordinator would."""
    with tempfile.TemporaryDirectory(prefix="deltarad-demo-") as folder:
        write_patient(plan, Path(folder))
        return hand_in.hand_in([Path(folder)], team, person)


def confirmed(one: Arriving, person: User) -> Patient:
    """File everything that was proposed, and say what the plan says of lesions and therapy."""
    answers = hand_in.Answers(pseudonym=one.plan.pseudonym, new_lesions=_waiting_names(one.plan))
    outcomes = hand_in.confirm(one.upload, answers, person)
    for outcome in outcomes:
        if outcome.scan is None:
            raise CommandError(f"{one.plan.pseudonym}, {outcome.name}: {outcome.code}: {outcome.sentence}")
    patient = hand_in.patients_of(outcomes)[0]
    enter_plan(one.plan, patient, person)
    return patient


def _waiting_names(plan: DemoPatient) -> frozenset[str]:
    """Lesions that wait for a person, here the plan: new ones, and those the first scan, a CT, does not show."""
    return frozenset(
        lesion.name for lesion in plan.lesions if lesion.modality is not Modality.CT or lesion.role is LesionRole.NEW
    )
