"""Courses of up to three visits over every combination of changes: explained, called as by hand, counted."""

import re
from collections import Counter
from itertools import product, takewhile
from pathlib import Path

import pytest

from tests.every_course import STATES, Written, added, all_counts, checked, counted_from, table

README = Path(__file__).resolve().parents[3] / "README.md"
WHOLE = [len(STATES) ** n for n in (1, 2, 3)]


def written_counts() -> tuple[list[list[str]], list[list[str]]]:
    """The rows of the README's table of counts: RECIST 1.1 and iRECIST."""
    lines = README.read_text(encoding="utf-8").splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("| category | visit 1"))
    table_lines = takewhile(lambda line: line.startswith("|"), lines[start:])
    rows = [line.strip("| ").split(" | ") for line in table_lines][2:]
    middle = next(n for n, row in enumerate(rows) if row[0] == "**iRECIST**")
    return rows[1:middle], rows[middle + 1 :]


def test_every_course_of_two_visits_and_the_counts_of_the_readme() -> None:
    for place, pair in enumerate(counted_from(Written(), 2), start=1):
        assert pair[0].total() == pair[1].total() == WHOLE[place - 1]
        for counter, rows in zip(pair, written_counts(), strict=True):
            shown = {row[0]: int(row[place].replace(",", "")) for row in rows}
            assert {word: number for word, number in shown.items() if number} == dict(counter)


def test_third_visits_over_every_pair_of_states_of_any_two_visits() -> None:
    """14,400 of the 1,728,000: each two states of each two visits meet once, so each share is near the whole one."""
    sample: list[Counter[str]] = [Counter(), Counter()]
    for one, two in product(range(len(STATES)), repeat=2):
        words = checked(Written().then(STATES[one]).then(STATES[two]).then(STATES[(one + two) % len(STATES)]))
        for counter, word in zip(sample, words, strict=True):
            counter[word] += 1
    for counter, rows in zip(sample, written_counts(), strict=True):
        whole = {row[0]: int(row[3].replace(",", "")) for row in rows}
        assert sum(whole.values()) == WHOLE[2] and set(counter) <= set(whole)
        assert all(abs(counter[word] / WHOLE[1] - number / WHOLE[2]) < 0.02 for word, number in whole.items())


@pytest.mark.exhaustive
def test_every_course_of_three_visits() -> None:
    assert table(all_counts()) in README.read_text(encoding="utf-8")


def test_counts_of_two_parts_are_those_of_the_whole() -> None:
    assert re.search(r"\| iUPD \| 2 \|", table(added(*[[(Counter(PD=1), Counter(iUPD=1))]] * 2)))
