"""Damaged files are refused, or change no number: never accepted and different, and nobody dies of them.

python3 manage.py test -m fuzz -n0 -s --runs 3000 --seed 1
"""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.corpus.reading import Outcome, outcomes_of
from tests.fuzz.mutants import Mutant, mutants
from tests.fuzz.seeds import MAKERS, Seed, seeds

QUICK_RUNS, SEED = 60, 20261130
BATCH = 250
# What numbers stand on. All else that a header says is shown with its source, or asked for: names, dates, settings.
NUMBERS_STAND_ON = ("modality", "unit", "geometry", "suv", "volume_digest")


def stands(told: Outcome) -> list[dict[str, Any]]:
    """What the numbers of everything that was accepted stand on."""
    return [{name: facts[name] for name in NUMBERS_STAND_ON} for facts in told["facts"] if facts["volume_digest"]]


def verdict(mutant: Mutant, told: Outcome, good: Outcome) -> str:
    """How a mutant ended; what begins with a capital letter must not be."""
    if told.get("died"):
        return f"DIED: {told['died']}"
    if told["codes"] or told["loose"] or not told["scans"]:
        return "refused or asked"
    if told["digests"] == good["digests"] and stands(told) == stands(good):
        return "the same"
    return "another good file" if mutant.is_anywhere else "DIFFERENT"


def run(root: Path, runs: int, seed: int) -> Counter[str]:
    """Read that many mutants and count how they ended, by seed."""
    origins: list[Seed] = seeds(root / "seeds")
    (root / "work").mkdir()
    good = outcomes_of({origin.name: origin.folder for origin in origins}, root / "work")
    assert {name: told["codes"] for name, told in good.items()} == {name: [] for name in MAKERS}
    ends: Counter[str] = Counter()
    for start in range(0, runs, BATCH):
        made = list(mutants(origins, root / f"from{start}", seed, range(start, min(runs, start + BATCH))))
        found = outcomes_of({str(mutant.folder): mutant.folder for mutant in made}, root / "work")
        for mutant in made:
            end = verdict(mutant, found[str(mutant.folder)], good[mutant.seed])
            told = found[str(mutant.folder)]
            ends[f"{mutant.seed}: {end}" + (f" {mutant.folder.name} {told['notes']}" if end[:2].isupper() else "")] += 1
    return ends


def wrong(ends: Counter[str]) -> list[str]:
    return [end for end in ends if end.partition(": ")[2][:2].isupper()]


def test_some_damage_is_refused_or_changes_nothing(tmp_path):
    ends = run(tmp_path, QUICK_RUNS, SEED)
    assert wrong(ends) == []
    assert sum(ends.values()) == QUICK_RUNS


@pytest.mark.fuzz
def test_damage_is_refused_or_changes_nothing(tmp_path, pytestconfig):
    runs, seed = pytestconfig.getoption("--runs"), pytestconfig.getoption("--seed")
    ends = run(tmp_path, runs, seed)
    for end, count in sorted(ends.items()):
        print(f"{count:6d} {end}")  # noqa: T201  # the figures are what this is for
    assert wrong(ends) == []
    assert sum(ends.values()) == runs
