"""`manage.py verify`: whether stored files and rows are what they were; exit status 0 only if all of them are."""

import argparse
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from patients.files import site_storage
from radiomics_tasks.verifying import verify

MOST_TOLD = 100


class Command(BaseCommand):
    help = "Hold stored files against the digests in their names, and stored rows against the audit trail."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--full", action="store_true", help="read every byte; without it files must only be there")

    def handle(self, *_args: Any, **options: Any) -> None:
        began = time.monotonic()
        told = verify(site_storage(), is_full=options["full"])
        for damaged in told.found[:MOST_TOLD]:
            self.stdout.write(f"{damaged.kind.value}: {damaged.sentence}")
        if told.found:
            raise CommandError(
                f"{len(told.found):,} damaged. Their features are not used, and their patients' pages say so. "
                "Put the files back from a backup and verify again."
            )
        read = "read and held against their names" if options["full"] else "there"
        before = f" {told.unsealed:,} rows are older than the audit trail and were not held." if told.unsealed else ""
        self.stdout.write(
            f"Nothing is damaged: {told.files:,} files {read}, every stored row says what it said; "
            f"{time.monotonic() - began:.1f} s.{before}"
        )
