"""`manage.py restore FOLDER|FILE.tar`: a backup into an empty database and empty folders, verified; or a sentence."""

import argparse
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from monitoring.backing_up.manifest import BackupRefused
from monitoring.backing_up.restoring import restore_backup
from patients.files import site_storage


class Command(BaseCommand):
    help = "Restore a backup and verify it. The broker is not in it: the reconciler queues again what was unfinished."
    # Nothing is there yet that could be checked.
    requires_migrations_checks = False

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("source", type=Path, help="the folder or file that `manage.py backup` made")

    def handle(self, *_args: Any, **options: Any) -> None:
        began = time.monotonic()
        try:
            done = restore_backup(options["source"], site_storage())
        except BackupRefused as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(
            f"Restored and verified: every table is what was backed up at {done.manifest.made_at}, {done.files:,} "
            f"files hold, {done.events:,} audit events in one unbroken chain; {time.monotonic() - began:.1f} s."
        )
