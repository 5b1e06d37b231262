"""`manage.py export_labs`: results, or events, as the table that can be taken in again."""

import argparse
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from patients.lab_tables.table import EVENT_COLUMNS, RESULT_COLUMNS, table_lines
from patients.measured.cells import as_text
from patients.models import Patient
from patients.reads.labs import event_rows, result_rows
from patients.reads.tables.shifted_dates import EVENTS, RESULTS, shifted_lines
from patients.reads.trail.head import newest_link
from patients.trail.carried import in_a_cell
from patients.writes.trail.exported import note_export


class Command(BaseCommand):
    help = "Write the laboratory results in force, or the events, as CSV to standard output; import reads it again."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("pseudonyms", nargs="*", metavar="PSEUDONYM", help="all patients where none is named")
        parser.add_argument("--events", action="store_true", help="events instead of results")
        parser.add_argument(
            "--shift-dates", action="store_true", help="dates moved by days of each patient's own; intervals stay"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        patients = Patient.objects.all()
        names = options["pseudonyms"]
        if names:
            patients = patients.filter(pseudonym__in=names)
            missing = set(names) - set(patients.values_list("pseudonym", flat=True))
            if missing:
                raise CommandError(f"No patient is named {', '.join(sorted(missing))}.")
        keys = list(patients.values_list("pk", flat=True))
        note_export(patients, is_of_all=not names)
        columns, rows = (EVENT_COLUMNS, event_rows(keys)) if options["events"] else (RESULT_COLUMNS, result_rows(keys))
        head = in_a_cell(*newest_link())
        lines = table_lines(columns, rows, head)
        if options["shift_dates"]:
            texts = (tuple(as_text(row.get(name)) for name in columns) for row in rows)
            telling = EVENTS if options["events"] else RESULTS
            lines = shifted_lines(columns, texts, keys, settings.SITE_KEY, telling, head)
        for line in lines:
            self.stdout.write(line, ending="")
