"""`manage.py export_measurements`: signed readings as the table that `import_measurements` reads."""

import argparse
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from patients.measured.columns import NAMES, texts_of
from patients.measured.written import table_lines
from patients.models import Patient, Team
from patients.reads.tables.measurements import measured_rows
from patients.reads.tables.shifted_dates import MEASUREMENTS, shifted_lines
from patients.reads.trail.head import newest_link
from patients.trail.carried import in_a_cell
from patients.writes.trail.exported import note_export


class Command(BaseCommand):
    help = "Write every signed reading as CSV, one lesion of one visit a row; read again it says the same."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="where to write; - for standard output")
        parser.add_argument("--patient", action="append", default=[], metavar="PSEUDONYM", help="this one; repeatable")
        parser.add_argument("--team", default="", metavar="NAME", help="the patients of this team")
        parser.add_argument(
            "--shift-dates", action="store_true", help="dates moved by days of each patient's own; intervals stay"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        patients = Patient.objects.all()
        if options["team"]:
            if not Team.objects.filter(name=options["team"]).exists():
                raise CommandError(f"There is no team named {options['team']}.")
            patients = patients.filter(team__name=options["team"])
        if options["patient"]:
            patients = patients.filter(pseudonym__in=options["patient"])
            missing = set(options["patient"]) - set(patients.values_list("pseudonym", flat=True))
            if missing:
                raise CommandError(f"No patient is named {', '.join(sorted(missing))}.")
        keys = list(patients.values_list("pk", flat=True))
        note_export(patients, is_of_all=not options["patient"])
        if options["file"] == "-":
            count = _write(self.stdout, keys, is_shifted=options["shift_dates"])
        else:
            try:
                with open(options["file"], "w", newline="", encoding="utf-8") as file:  # noqa: PTH123  # a user's path
                    count = _write(file, keys, is_shifted=options["shift_dates"])
            except OSError as problem:
                raise CommandError(f"{options['file']} cannot be written: {problem.strerror}.") from None
        self.stderr.write(f"{count:,} rows")


def _write(file: Any, keys: list[int], *, is_shifted: bool) -> int:
    count = -1  # the header is no row
    rows, head = measured_rows(keys), in_a_cell(*newest_link())
    lines = table_lines(rows, head)
    if is_shifted:
        lines = shifted_lines(NAMES, map(texts_of, rows), keys, settings.SITE_KEY, MEASUREMENTS, head)
    for line in lines:
        file.write(line)
        count += 1
    return count
