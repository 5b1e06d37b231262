"""`manage.py assess_response`: written cases with the answers they expect, held against the engine. No database."""

import argparse
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from radiomics_tasks.analysis.conformance.case import CaseOutcome, plain
from radiomics_tasks.analysis.conformance.run import cases_in, run_case
from radiomics_tasks.errors import Refusal

Named = tuple[str, CaseOutcome | Refusal]


class Command(BaseCommand):
    help = "Run cases (or decision tables) against the response engine; exit status 0 only if all agree."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="JSON: a list of cases, one case, or the tables")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        outcomes = [_outcome(case) for case in _cases(options["file"])]
        if options["json"]:
            self.stdout.write(json.dumps([_as_json(one) for one in outcomes], indent=2, default=_text))
        else:
            self._print(outcomes)
        if not outcomes or not all(_is_met(one) for one in outcomes):
            raise SystemExit(1)

    def _print(self, outcomes: list[Named]) -> None:
        for name, outcome in outcomes:
            if isinstance(outcome, Refusal):
                self.stdout.write(f"{name}: {outcome.code}: {outcome.sentence}")
                continue
            self.stdout.write(f"{name}: {'agrees' if outcome.is_met else 'DIFFERS'}  {outcome.title}")
            for key, agrees in outcome.agrees.items():
                self.stdout.write(f"  {key}")
                self.stdout.write(f"    expected {_shown(outcome.expected[key])}")
                self.stdout.write(
                    f"    obtained {_shown(outcome.obtained.get(key))}{'' if agrees else '   <- differs'}"
                )
        met = sum(_is_met(one) for one in outcomes)
        self.stdout.write(f"{met} of {len(outcomes)} cases agree")


def _cases(path: Path) -> list[Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return list(cases_in(document))
    except OSError as problem:
        raise CommandError(f"{path} cannot be read: {problem.strerror}.") from None
    except (ValueError, RecursionError) as problem:
        raise CommandError(f"{path} is not JSON ({problem}).") from None
    except Refusal as refusal:
        raise CommandError(f"{path}: {refusal.sentence}") from None


def _outcome(case: Any) -> Named:
    name = str(case.get("id", "without id")) if isinstance(case, dict) else "without id"
    try:
        return name, run_case(case)
    except Refusal as refusal:
        return name, refusal


def _is_met(named: Named) -> bool:
    outcome = named[1]
    return isinstance(outcome, CaseOutcome) and outcome.is_met


def _shown(value: Any) -> str:
    return json.dumps(plain(value), ensure_ascii=False, default=_text)


def _text(value: Any) -> Any:
    """What JSON has no word for: an exact decimal as a number, anything else as text."""
    return json.loads(str(value)) if type(value).__name__ == "Decimal" and value.is_finite() else str(value)


def _as_json(named: Named) -> dict[str, Any]:
    name, outcome = named
    if isinstance(outcome, Refusal):
        return {"id": name, "is_met": False, "code": outcome.code, "sentence": outcome.sentence}
    keys = {
        key: {"expected": plain(value), "obtained": plain(outcome.obtained.get(key)), "agrees": outcome.agrees[key]}
        for key, value in outcome.expected.items()
    }
    return {"id": name, "title": outcome.title, "is_met": outcome.is_met, "answers": keys}
