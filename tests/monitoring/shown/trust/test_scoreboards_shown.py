"""A scoreboard in words: what cannot be said is named, and who is not counted is counted."""

from datetime import datetime

from monitoring.shown.trust.scoreboards_shown import board_words
from patients.concluded.trust_findings import Figure, Scoreboard
from patients.reads.trusting.scoreboards import BoardKept
from patients.words.trust_words import Grading


def board(**changes) -> BoardKept:
    usual = Scoreboard(3, 1, 3, 0, 0, ((Grading.BROAD, 2),), 0, ("few",), **changes)
    return BoardKept("Team", "psp-default", "0.2.0", "d", usual, 4, 0, False, datetime(2024, 5, 1))


def test_counts_say_what_is_in_no_figure():
    words = board_words(board())
    assert dict(words.counts) == {
        "Graded, with a number: pseudoprogression": 1,
        "Graded, with a number: true progression": 2,
        "Not graded: reset to stable disease with a real fall: not graded under the strict label": 2,
        "Scored after the outcome was known: in no figure": 4,
    }


def test_figures_only_where_there_are_any():
    assert not board_words(board()).has_figures
    words = board_words(board(brier=Figure(0.2, 0.1, 0.3, 20)))
    assert [row.name for row in words.rows if row.figure] == ["Brier score"] and words.has_figures
