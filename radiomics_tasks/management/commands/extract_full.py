"""`manage.py extract_full`: the full profile of scans that were measured already."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from patients.models import Patient, Scan
from patients.vocabulary import RunState, Step
from radiomics_tasks.extraction.profiles import full_profile_for
from radiomics_tasks.further import FurtherProfile, ask, further_of
from radiomics_tasks.models import ProcessingRun
from radiomics_tasks.relay.own_worker import worker_at_hand
from radiomics_tasks.relay.standing import unfinished
from radiomics_tasks.relay.waiting import WorkerLost, wait

PORTION = 200


class Command(BaseCommand):
    help = "Extract every measured outline under the full profile of its scan (ct-full, mr-full), and wait for it."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("pseudonyms", nargs="*", metavar="PSEUDONYM", help="all patients where none is named")
        parser.add_argument("--no-wait", action="store_true", help="queue the work and end")

    def handle(self, *_args: Any, **options: Any) -> None:
        left = [one for one in self._full(options["pseudonyms"]) if not one.is_whole]
        scans = {Step.FULL: [one.scan.pk for one in left]}
        for one in left:
            ask(one.scan, one.profile.name)
        if options["no_wait"]:
            return
        try:
            with worker_at_hand():
                wait(lambda: not unfinished(scans), scans)
        except WorkerLost as reason:
            raise CommandError(str(reason)) from None
        self.stdout.write(f"{sum(one.outlines - one.taken for one in left):,} outlines of {len(left):,} scans")
        self._refuse_failed(scans[Step.FULL])

    def _refuse_failed(self, scan_pks: list[int]) -> None:
        failed = ProcessingRun.objects.filter(step=Step.FULL, subject_pk__in=scan_pks, state=RunState.FAILED)
        if failed:
            raise CommandError(f"{len(failed)} scans were not extracted. {failed[0].reason}")

    def _full(self, pseudonyms: list[str]) -> list[FurtherProfile]:
        patients = Patient.objects.all()
        if pseudonyms:
            patients = patients.filter(pseudonym__in=pseudonyms)
            missing = set(pseudonyms) - set(patients.values_list("pseudonym", flat=True))
            if missing:
                raise CommandError(f"No patient is named {', '.join(sorted(missing))}.")
        scans = list(Scan.objects.filter(patient__in=patients, is_withheld=False).defer("facts", "instances"))
        portions = [scans[first : first + PORTION] for first in range(0, len(scans), PORTION)]
        return [
            one
            for portion in portions
            for one in further_of(portion)
            if one.outlines and one.profile == full_profile_for(one.scan.modality)
        ]
