"""`manage.py export_features`: sizes and features as tidy CSV, one value a row."""

import argparse
import csv
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from patients.csv_cells import csv_cell
from patients.models import Patient
from patients.reads.tables.columns import COLUMNS as FEATURE_COLUMNS
from patients.reads.tables.columns import one_feature_rows, places_of
from patients.reads.tables.exports import COLUMNS, tidy_rows
from patients.reads.tables.shifted_dates import shifted_names, shifted_rows
from patients.reads.trail.head import carrying
from patients.trail.carried import with_column
from patients.writes.trail.exported import note_export


class Command(BaseCommand):
    help = "Write sizes and features with units, profiles and digests as CSV to standard output or a file."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("pseudonyms", nargs="*", metavar="PSEUDONYM", help="all patients where none is named")
        parser.add_argument(
            "--shift-dates", action="store_true", help="dates moved by days of each patient's own; intervals stay"
        )
        parser.add_argument("--profile", default="", help="features of a further profile: ct-full, mr-full")
        parser.add_argument("--feature", metavar="NAME", help="this feature alone, read by column")
        parser.add_argument("--output", "-o", metavar="FILE", help="write to a file")

    def handle(self, *_args: Any, **options: Any) -> None:
        patients = Patient.objects.all()
        if options["pseudonyms"]:
            patients = patients.filter(pseudonym__in=options["pseudonyms"])
            missing = set(options["pseudonyms"]) - set(patients.values_list("pseudonym", flat=True))
            if missing:
                raise CommandError(f"No patient is named {', '.join(sorted(missing))}.")
        if options["feature"] and not places_of(options["feature"], options["profile"]):
            raise CommandError(f"No feature is named {options['feature']}.")
        keys = list(patients.values_list("pk", flat=True))
        note_export(patients, is_of_all=not options["pseudonyms"])
        if options["output"]:
            with open(options["output"], "w", newline="", encoding="utf-8") as file:  # noqa: PTH123  # a user's path
                count = _write(file, keys, options)
        else:
            count = _write(self.stdout, keys, options)
        self.stderr.write(f"{count:,} values")


def _write(file: Any, keys: list[int], options: dict[str, Any]) -> int:
    is_shifted, feature, profile = options["shift_dates"], options["feature"], options["profile"]
    writer, columns = csv.writer(file), FEATURE_COLUMNS if feature else COLUMNS
    writer.writerow(with_column(shifted_names(columns) if is_shifted else columns))
    count = 0
    rows = one_feature_rows(feature, keys, profile) if feature else tidy_rows(keys, profile)
    for row in carrying(shifted_rows(columns, rows, keys, settings.SITE_KEY) if is_shifted else rows):
        writer.writerow([csv_cell(cell) for cell in row])
        count += 1
    return count
