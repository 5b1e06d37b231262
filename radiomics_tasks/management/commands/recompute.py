"""`manage.py recompute`: random stored numbers computed again from files and rows, and whether they are the same."""

import argparse
import uuid
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from patients.models import Patient
from radiomics_tasks.recomputing.conclusions import concluded_again
from radiomics_tasks.recomputing.sample import changes_checked, drawn, values_checked
from radiomics_tasks.recomputing.sampled_derived import Checked, derived_checked

MOST_TOLD = 20


class Command(BaseCommand):
    help = (
        "Compute random stored numbers of every kind again: feature values of lesions and rings from the stored scan "
        "and outline, changes from the stored values, scores, harmonised values and answers of hosted models from what "
        "they were derived from; with --patient everything concluded of that patient as well. Exit status 0 only if "
        "all are identical to the bit. Nothing is written."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--sample", type=int, default=50, metavar="N", help="how many numbers (50)")
        parser.add_argument("--seed", type=int, default=1, help="the same seed draws the same numbers (1)")
        parser.add_argument("--patient", default="", metavar="P", help="only of the patients of this pseudonym")

    def handle(self, *_args: Any, **options: Any) -> None:
        patient_pks = self._patients(options["patient"])
        rows: list[Checked] = []
        for pk in patient_pks:
            rows += self._sampled(options["sample"], options["seed"], pk)
        if not rows:
            raise CommandError("There is no number yet.")
        differing = sum(row.difference is not None for row in rows)
        self.stdout.write(f"{len(rows) - differing} of {len(rows)} identical (seed {options['seed']})")
        found = sum(self._concluded(pk) for pk in patient_pks if pk is not None)
        if differing or found:
            raise SystemExit(1)

    def _patients(self, pseudonym: str) -> list[int | None]:
        if not pseudonym:
            return [None]
        found: list[int | None] = list(Patient.objects.filter(pseudonym=pseudonym).values_list("pk", flat=True))
        if not found:
            raise CommandError(f"There is no patient {pseudonym}.")
        return found

    def _sampled(self, count: int, seed: int, patient_pk: int | None) -> list[Checked]:
        sample = drawn(count, seed, patient_pk)
        rows = []
        for check in (
            values_checked(sample.values, f"sample-{uuid.uuid4().hex}", lambda: None),
            changes_checked(sample.changes),
            derived_checked(sample.derived),
        ):
            for row in check:
                rows.append(row)
                self._tell(len(rows), row)
        return rows

    def _tell(self, place: int, row: Checked) -> None:
        said = "identical" if row.difference is None else f"DIFFERS: {row.difference.sentence}"
        self.stdout.write(f"{place:>3}  {row.patient}  {row.where}  {row.name}  {row.stored}  {said}")

    def _concluded(self, patient_pk: int) -> int:
        """Tell what stored findings of one patient say otherwise than today's conclusion; returns how much it is."""
        concluded = concluded_again(patient_pk)
        found = list(concluded.differences())
        self.stdout.write(f"{len(concluded.stored):,} rows of findings concluded again: {len(found):,} differences")
        for one in found[:MOST_TOLD]:
            self.stdout.write(f"     {one.sentence}")
        return len(found)
