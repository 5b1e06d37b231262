"""What the commands for tables of results and of events share: the file, the team, what is told."""

import argparse
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from radiomics_tasks.arrivals.lab_intake import Kind, take_labs
from radiomics_tasks.arrivals.teams import TeamUnclear, team_named

MOST_PROBLEMS = 50


class LabCommand(BaseCommand):
    """A command that files one kind of table, all of it or nothing; a worker concludes the patients afterwards."""

    kind: ClassVar[Kind]

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="CSV, UTF-8; see the README for its columns")
        parser.add_argument("--team", default="", metavar="NAME", help="whose patients; needed where there are several")
        parser.add_argument("--dry-run", action="store_true", help="check everything, file nothing")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            content = options["file"].read_bytes()
            team = team_named(options["team"])
        except OSError as problem:
            raise CommandError(f"{options['file']} cannot be read: {problem.strerror}.") from None
        except TeamUnclear as unclear:
            raise CommandError(str(unclear)) from None
        taken = take_labs(content, self.kind, team, timezone.localdate(), is_trial=options["dry_run"])
        for slip in taken.problems[:MOST_PROBLEMS]:
            self.stderr.write(str(slip))
        if taken.problems:
            more = len(taken.problems) - MOST_PROBLEMS
            rest = f", {more:,} of them not shown" if more > 0 else ""
            raise CommandError(f"Nothing was filed: {len(taken.problems):,} problems{rest}.")
        verb = "would be filed" if options["dry_run"] else "filed"
        self.stdout.write(f"{taken.filed:,} rows {verb}; {taken.known:,} were filed before")
