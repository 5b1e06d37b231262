"""Words of a score: the state of its progression today, and values as a person says them."""

from dataclasses import replace
from datetime import date

import pytest

from monitoring.shown.trust.scores_shown import headline, part_shown, value_words
from patients.concluded.trust_findings import ItemLeftOut, Source
from patients.findings import UnconfirmedProgression
from patients.models import Patient
from patients.words.trust_words import NotCounted, SourceKind

OPEN = UnconfirmedProgression(date(2024, 1, 1), ("T",), "OPEN", date(2024, 1, 29), date(2024, 2, 26))


def test_the_state_stands_first_with_its_window():
    assert headline(OPEN) == (
        "iUPD: progression not yet confirmed; confirm between 29 Jan 2024 and 26 Feb 2024 if clinically stable."
    )


@pytest.mark.parametrize(
    ("outcome", "words"),
    [("CONFIRMED", "was confirmed on 12 Feb 2024"), ("RESET", "was not confirmed: reset on 12 Feb 2024")],
)
def test_a_closed_progression_says_how_it_ended(outcome, words):
    assert words in headline(replace(OPEN, outcome=outcome, closed_on=date(2024, 2, 12)))


def test_a_visit_that_is_called_otherwise_today():
    assert headline(None) == "iUPD: this visit is called otherwise today."


@pytest.mark.parametrize(
    ("item", "value", "words"),
    [
        ("volume_ratio", 2.19, "2.19 × the smallest"),
        ("ldh", 1.5, "1.5 × upper limit"),
        ("ctdna", -1.0, "unfavourable"),
        ("first_assessment", 1.0, "yes, within 16 weeks"),
        ("nlr", 3.246, "3.25"),
        ("new_lesions", 2, "three or more, or in a new organ"),
    ],
)
def test_values(item, value, words):
    assert value_words(item, value) == words


@pytest.mark.parametrize(
    ("reason", "value", "sources"),
    [
        (NotCounted.COMPARISON_BLOCKED, "", ["liver 1"]),
        (NotCounted.TARGETS_NOT_DRIVER, "2.19 × the smallest", ["50.0 and 109.5 ml", "liver 1"]),
    ],
)
def test_growth_over_scans_that_are_not_comparable_is_not_told(reason, value, sources):
    came_from = (Source("50.0 and 109.5 ml", SourceKind.VISIT, ""), Source("liver 1", SourceKind.LESION, ""))
    part = part_shown(Patient(), ItemLeftOut("volume_ratio", reason, 2.19, None, came_from))
    assert (part.value, part.why_not, [source.text for source in part.sources]) == (value, reason.label, sources)
