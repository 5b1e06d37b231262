"""`manage.py benchmark`: agreement and speed of our engine beside pyradiomics, on this machine. No database."""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from radiomics_tasks.extraction.benchmark.cases import SIZES_ML, Case, made_up_cases
from radiomics_tasks.extraction.benchmark.compared import Compared, compare
from radiomics_tasks.extraction.build import OWN, build_of

_HEAD = (
    f"{'case':<28}{'features':>9}{'unequal':>8}{'worst':>9}{'own s':>8}{'pyrad. s':>9}{'faster':>8}"
    f"{'2 threads':>10}{'cold s':>8}{'cold':>6}{'peak MB':>9}{'peak':>6}"
)


class Command(BaseCommand):
    help = (
        "Hold our engine against pyradiomics in one run: agreement, time of one outline warm and of a whole process "
        "cold (in turn, medians of ratios), two threads, peak memory. Exit status 0 only if the numbers agree."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON")
        parser.add_argument("--profile", default="ct-full", help="ct, mr, pet, ct-full (default) or mr-full")
        parser.add_argument(
            "--ml", type=float, nargs="+", default=list(SIZES_ML), help="made-up lesions of these sizes"
        )
        parser.add_argument("--rounds", type=int, default=3, help="how often each is timed (default 3)")
        parser.add_argument(
            *("--pair",),
            type=Path,
            nargs=2,
            action="append",
            metavar=("IMAGE", "MASK"),
            help="files of your own (1 inside the mask) in place of the made-up lesions; may be repeated",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if build_of(OWN).name != OWN:
            raise CommandError("The engine's kernels are not built: install a C compiler and run manage.py check.")
        with tempfile.TemporaryDirectory() as folder:
            found = []
            if not options["json"]:
                self.stdout.write(_HEAD)
            for case in _cases(Path(folder), options):
                try:
                    found.append(compare(case, options["profile"], max(1, options["rounds"])))
                except RuntimeError as problem:
                    raise CommandError(str(problem)) from None
                if not options["json"]:
                    self.stdout.write(_row(found[-1]))
        if options["json"]:
            build = build_of(OWN)
            told = {"engine": build.engine, "versions": build.versions, "cases": [each.as_dict() for each in found]}
            self.stdout.write(json.dumps(told, indent=2))
        if any(each.unequal or not each.is_same_with_two_threads for each in found):
            raise SystemExit(1)


def _cases(folder: Path, options: dict[str, Any]) -> list[Case]:
    if not options["pair"]:
        return made_up_cases(folder, tuple(options["ml"]))
    for path in [path for pair in options["pair"] for path in pair]:
        if not path.is_file():
            raise CommandError(f"{path} is no file.")
    return [Case(image.name, image, mask) for image, mask in options["pair"]]


def _row(one: Compared) -> str:
    return (
        f"{one.case[:27]:<28}{one.features:>9,}{one.unequal:>8}{one.worst_ratio:>9.0e}{one.own_s:>8.2f}"
        f"{one.pyradiomics_s:>9.2f}{one.times_faster:>7.1f}x{one.two_threads_faster:>9.2f}x{one.cold_own_s:>8.2f}"
        f"{one.cold_ratio:>6.2f}{one.peak_own_mb:>9.0f}{one.peak_ratio:>6.2f}"
    )
