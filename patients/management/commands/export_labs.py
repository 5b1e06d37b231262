"""`manage.py export_labs`: results, or events, as the table that can be taken in again."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from patients.lab_tables.table import EVENT_COLUMNS, RESULT_COLUMNS, table_lines
from patients.models import Patient
from patients.reads.labs import event_rows, result_rows
from patients.reads.trail.head import newest_link
from patients.trail.carried import in_a_cell
from patients.writes.trail.exported import note_export


class Command(BaseCommand):
    help = "Write the laboratory results in force, or the events, as CSV to standard output; import reads it again."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("pseudonyms", nargs="*", metavar="PSEUDONYM", help="all patients where none is named")
        parser.add_argument("--events", action="store_true", help="events instead of results")

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
        for line in table_lines(columns, rows, in_a_cell(*newest_link())):
            self.stdout.write(line, ending="")
