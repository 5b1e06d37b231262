"""`manage.py check_invariants`: what must always hold of work, numbers and files, asked of a site as it runs."""

import argparse
import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from patients.files import site_storage
from radiomics_tasks.invariants.every import INVARIANTS, broken
from radiomics_tasks.invariants.terms import Terms


class Command(BaseCommand):
    help = "Ask rows and files whether every invariant holds; nothing is changed. Exit status 0 only where all do."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        codes = [invariant.code for invariant in INVARIANTS]
        parser.add_argument("codes", nargs="*", metavar="CODE", help=f"only these of {', '.join(codes)}")
        parser.add_argument("--files", action="store_true", help="read every stored file and hold it against its name")
        parser.add_argument("--minutes", type=float, default=60, help="work unfinished for longer is late (60)")
        parser.add_argument("--json", action="store_true", help="one JSON object a broken row")

    def handle(self, *_args: Any, **options: Any) -> None:
        asked = frozenset(options["codes"])
        if unknown := asked - {invariant.code for invariant in INVARIANTS}:
            raise CommandError(f"There is no invariant {', '.join(sorted(unknown))}.")
        terms = Terms(site_storage(), 60 * options["minutes"], 3600 * settings.STAGING_HOURS, options["files"])
        count = 0
        for invariant, told in broken(terms, asked):
            count += 1
            line = {"invariant": invariant.code, "holds": invariant.holds, "broken": told}
            self.stdout.write(json.dumps(line) if options["json"] else f"{invariant.code}  {told}  ({invariant.holds})")
        if count:
            raise CommandError(f"{count} broken.")
        if not options["json"]:
            self.stdout.write(f"{len(asked or INVARIANTS)} invariants hold.")
