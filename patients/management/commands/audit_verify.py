"""`manage.py audit_verify`: whether anybody changed the audit trail, in words; exit status 0 only if nobody did."""

import argparse
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from patients.reads.trail.verified import Verified, verified_trail
from patients.trail.carried import Carried, NothingCarried, carried_by
from patients.writes.trail.chain import link_events

MOST_TOLD = 50


class Command(BaseCommand):
    help = "Work out every link of the audit trail again, and hold it against the heads noted outside the database."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--heads", type=Path, help="a folder with copies of the noted heads (default: the site's)")

        parser.add_argument(
            "--carried",
            type=Path,
            action="append",
            default=[],
            metavar="FILE",
            help="an exported CSV, whose head the chain must still have; repeatable",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        began = time.monotonic()
        told = verified_trail(
            settings.AUDIT_KEY, options["heads"] or Path(settings.AUDIT_DIR), _carried(options["carried"])
        )
        seconds = time.monotonic() - began
        for fault in told.faults[:MOST_TOLD]:
            self.stdout.write(f"{fault.kind.value}: {fault.sentence}")
        if told.faults:
            more = len(told.faults) - MOST_TOLD
            raise CommandError(
                f"The audit trail does not hold: {len(told.faults):,} faults"
                f"{f', {more:,} more than are told here' if more > 0 else ''}. Keep a copy of the database as it is."
            )
        # What an interrupted server left unlinked long ago; only a trail that holds is lengthened.
        link_events(waits=True, is_thorough=True)
        self.stdout.write(_whole(told, seconds))


def _carried(files: list[Path]) -> list[Carried]:
    try:
        return [head for file in files for head in carried_by(file)]
    except NothingCarried as problem:
        raise CommandError(str(problem)) from None


def _whole(told: Verified, seconds: float) -> str:
    return (
        f"The audit trail holds: {told.links:,} events in one unbroken chain, {told.waiting:,} waiting to be linked, "
        f"{told.anchored:,} anchored heads agree{_of_files(told)}; {seconds:.1f} s. Its head: {told.head[:16]}"
    )


def _of_files(told: Verified) -> str:
    return f", and {told.carried:,} in exported files" if told.carried else ""
