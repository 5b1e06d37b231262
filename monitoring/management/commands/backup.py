"""`manage.py backup FOLDER|FILE.tar`: database and files, consistent with each other, sealed, while the site runs."""

import argparse
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from monitoring.backing_up.manifest import BackupRefused
from monitoring.backing_up.taking import take_backup
from patients.files import site_storage
from radiomics_tasks.relay import heartbeats


class Command(BaseCommand):
    help = "Back up the database and all files. The keys are not in it: keep them apart, it is of no use without them."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("target", type=Path, help="a folder, or a file ending in .tar, that is not there yet")

    def handle(self, *_args: Any, **options: Any) -> None:
        began = time.monotonic()
        try:
            manifest = take_backup(options["target"], site_storage())
        except BackupRefused as refusal:
            raise CommandError(str(refusal)) from None
        heartbeats.beat(heartbeats.BACKUP, files=len(manifest.files), damaged=len(manifest.damaged))
        rows = sum(int(count) for count, _ in manifest.tables.values())
        self.stdout.write(
            f"Backed up {rows:,} rows of {len(manifest.tables)} tables and {len(manifest.files) - 1:,} files to "
            f"{options['target']}; {time.monotonic() - began:.1f} s."
        )
        if manifest.damaged:
            raise CommandError(
                f"{len(manifest.damaged):,} stored files are damaged and not in the backup: `manage.py verify --full`."
            )
