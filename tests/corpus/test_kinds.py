"""Every kind of bad input, read as a worker's children read it: the right code, a clear sentence, nothing accepted."""

from collections import Counter
from pathlib import Path

import pytest

from tests.corpus.answers import ROWS, elsewhere, expected, says_too_much, written
from tests.corpus.drawn import KINDS, VARIANTS
from tests.corpus.reading import Outcome, outcomes_of

ROOT = Path(__file__).resolve().parents[2]
Found = dict[tuple[str, int], Outcome]
LEAST_FILES = 450
MOST_MB = 1024


def read(root: Path, variants: int) -> Found:
    """Write the corpus and read it."""
    folders = written(root / "drop", variants)
    (root / "work").mkdir()
    found = outcomes_of({f"{name} {variant}": folder for (name, variant), folder in folders.items()}, root / "work")
    return {(key.split()[0], int(key.split()[1])): told for key, told in found.items()}


@pytest.fixture(scope="module")
def once(tmp_path_factory) -> Found:
    """One variant of every kind."""
    return read(tmp_path_factory.mktemp("corpus"), 1)


@pytest.fixture(scope="module")
def all_variants(tmp_path_factory) -> Found:
    """Every variant of every kind."""
    return read(tmp_path_factory.mktemp("corpus"), VARIANTS)


def wrong(found: Found) -> list[str]:
    """What was not answered as the table says."""
    table = expected()
    answers = []
    for (name, variant), told in found.items():
        codes, loose = set(told["codes"]), {"E_NO_SCAN"} if told.get("loose") else set()
        differs = told.get("died") or table[name].differs(
            codes | loose, set(told["notes"]), told["scans"], told["outlines"]
        )
        answers += [f"{name} {variant}: {differs}"] if differs else []
    return answers


def test_every_row_of_the_table_has_its_kinds_or_names_its_test():
    rows = {each.row for each in expected().values()} | set(elsewhere())
    assert rows == set(ROWS)


def test_every_kind_has_a_row_and_every_row_a_kind():
    assert set(expected()) == set(KINDS)
    assert len(KINDS) * VARIANTS >= LEAST_FILES


def test_the_tests_that_are_named_exist():
    named = [test for tests in elsewhere().values() for test in tests]
    gone = [test for test in named if f"def {test.split('::')[1]}(" not in (ROOT / test.split("::")[0]).read_text()]
    assert gone == []


def test_each_kind_is_answered_as_the_table_says(once):
    assert len(once) == len(KINDS)
    assert wrong(once) == []


def test_no_sentence_gives_anything_away(once):
    sentences = [sentence for told in once.values() for sentence in told["sentences"]]
    assert says_too_much(sentences, ROOT) == []


def test_reading_stays_small(once):
    assert max(told["peak_rss_mb"] for told in once.values()) < MOST_MB


@pytest.mark.corpus
def test_each_variant_is_answered_as_the_table_says(all_variants):
    assert wrong(all_variants) == []
    print(f"\n{len(all_variants)} files of {len(KINDS)} kinds, as a child reads them: every code right")  # noqa: T201  # the figures are what this is for
    print(Counter(code for told in all_variants.values() for code in set(told["codes"])).most_common())  # noqa: T201


@pytest.mark.corpus
def test_no_variant_is_read_as_another_scan(all_variants):
    """Whatever is accepted of different kinds is a different scan: nothing is made of nothing."""
    digests = Counter(digest for told in all_variants.values() for digest in told["digests"][:1])
    assert max(digests.values()) <= VARIANTS
