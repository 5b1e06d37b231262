"""`manage.py fit_harmonisation`: fit and freeze the harmonisation of one team's scanners under one profile."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from patients.reads.trusting.harmonisation import in_force
from patients.vocabulary import RunState, Step
from radiomics_tasks import runs
from radiomics_tasks.arrivals.teams import TeamUnclear, team_named
from radiomics_tasks.relay.own_worker import worker_at_hand
from radiomics_tasks.relay.standing import unfinished
from radiomics_tasks.relay.waiting import WorkerLost, wait


class Command(BaseCommand):
    help = "Fit ComBat on the baseline lesions of a team, keep it as the next version and derive the values under it."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--team", default="", metavar="NAME", help="whose lesions; needed where there are several")
        parser.add_argument("--profile", default="ct", choices=["ct", "mr", "pet"], help="of which features")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            team = team_named(options["team"])
        except TeamUnclear as unclear:
            raise CommandError(str(unclear)) from None
        if team.pk is None:
            raise CommandError("There is no team yet, so there are no lesions.")
        left = {Step.HARMONISE: [team.pk]}
        try:
            with worker_at_hand():
                with transaction.atomic():
                    run = runs.arm(Step.HARMONISE, team.pk, options["profile"])
                wait(lambda: not unfinished(left), left)
        except WorkerLost as reason:
            raise CommandError(str(reason)) from None
        run.refresh_from_db()
        if run.state != RunState.DONE:
            raise CommandError(f"Not harmonised. {run.reason}")
        for model in in_force(team.pk):
            if model.profile == options["profile"]:
                self._tell(f"{model}, {model.digest[:12]}", model.content)

    def _tell(self, name: str, content: dict[str, Any]) -> None:
        self.stdout.write(f"{name}: {content['rows']:,} lesions, {len(content['features']):,} features")
        for batch in content["batches"]:
            self.stdout.write(f"  {batch['label']}: {batch['rows']:,} lesions")
        for warning in content["warnings"]:
            self.stdout.write(f"  {warning}")
