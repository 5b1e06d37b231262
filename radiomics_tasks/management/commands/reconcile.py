"""`manage.py reconcile`: the relay's safety net from outside, once or for ever under a process supervisor."""

import argparse
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import close_old_connections

from radiomics_tasks.relay.overtaken import Lookout
from radiomics_tasks.relay.reconcile import reconcile


class Command(BaseCommand):
    help = (
        "Queue who was concluded under other rules than those in force, publish again what the broker lost, "
        "close in words what keeps failing, and sweep staging."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--loop", action="store_true", help=f"every {settings.RECONCILE_SECONDS} s, for ever")

    def handle(self, *_args: Any, **options: Any) -> None:
        lookout = Lookout()
        while True:
            lookout.look()
            done = reconcile()
            if done or not options["loop"]:
                self.stdout.write(str(done))
            if not options["loop"]:
                return
            close_old_connections()
            time.sleep(settings.RECONCILE_SECONDS)
