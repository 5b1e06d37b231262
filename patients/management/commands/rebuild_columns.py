"""`manage.py rebuild_columns`: features by column, made anew from the snapshots."""

from typing import Any

from django.core.management.base import BaseCommand

from patients.models.columns import BLOCK
from patients.writes.columns import rebuild_columns


class Command(BaseCommand):
    help = "Drop the features by column and make them anew from the snapshots; pages go on with the old ones meanwhile."

    def handle(self, *_args: Any, **_options: Any) -> None:
        blocks, waiting = rebuild_columns()
        self.stdout.write(f"{blocks} blocks of {BLOCK} snapshots; {waiting} snapshots are too few for a block yet.")
