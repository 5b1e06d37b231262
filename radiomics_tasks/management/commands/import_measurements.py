"""`manage.py import_measurements`: a table of sizes and judgements that were made elsewhere, all of it or nothing."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from patients.models import Patient
from radiomics_tasks.arrivals import hand_in
from radiomics_tasks.arrivals.measured_intake import Taken, take_table
from radiomics_tasks.arrivals.teams import TeamUnclear, team_named
from radiomics_tasks.relay.own_worker import worker_at_hand
from radiomics_tasks.relay.waiting import WorkerLost

MOST_PROBLEMS = 50


class Command(BaseCommand):
    help = "File a CSV table of sizes measured elsewhere (see the README for its columns), and conclude."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="CSV, UTF-8, one lesion of one visit a row")
        parser.add_argument("--team", default="", metavar="NAME", help="whose patients; needed where there are several")
        parser.add_argument("--dry-run", action="store_true", help="check everything, file nothing")
        parser.add_argument("--no-wait", action="store_true", help="return when the table is filed")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            content = options["file"].read_bytes()
            team = team_named(options["team"])
        except OSError as problem:
            raise CommandError(f"{options['file']} cannot be read: {problem.strerror}.") from None
        except TeamUnclear as unclear:
            raise CommandError(str(unclear)) from None
        today = timezone.localdate()
        taken = take_table(content, team, today, is_trial=True)
        if options["dry_run"] or taken.problems or not taken.visits:
            self._tell(taken, "would be filed" if options["dry_run"] else "filed")
            return
        with worker_at_hand():
            taken = take_table(content, team, today)
            self._tell(taken, "filed")
            if not options["no_wait"]:
                self._wait(taken)

    def _tell(self, taken: Taken, verb: str) -> None:
        if taken.problems:
            for problem in taken.problems[:MOST_PROBLEMS]:
                self.stderr.write(str(problem))
            more = len(taken.problems) - MOST_PROBLEMS
            if more > 0:
                self.stderr.write(f"and {more:,} more")
            raise CommandError(f"Nothing was filed: {len(taken.problems):,} problems.")
        self.stdout.write(f"{taken.visits:,} visits {verb}; {taken.known_visits:,} were filed before")

    def _wait(self, taken: Taken) -> None:
        try:
            hand_in.wait_until_concluded(list(Patient.objects.filter(pk__in=taken.patient_pks)))
        except WorkerLost as reason:
            raise CommandError(str(reason)) from None
        self.stdout.write(f"{len(taken.patient_pks):,} patients concluded")
