"""A scoreboard in words: its figures with intervals, what each means, and whom it does not count."""

from dataclasses import dataclass

from patients.concluded.trust_findings import Figure
from patients.reads.trusting.scoreboards import BoardKept

FIGURES = (
    ("observed_to_expected", "Observed over expected", "1: as many pseudoprogressions as said; above 1: more"),
    ("intercept", "Calibration in the large", "0: right on the whole; above 0: the score says too little"),
    ("slope", "Calibration slope", "1: right; below 1: too extreme"),
    ("brier", "Brier score", "0: perfect; how good it is depends on the prevalence, see the next line"),
    ("scaled_brier", "Scaled Brier score", "0: no better than the prevalence; 1: perfect; below 0: worse"),
    ("discrimination", "Discrimination (AUC)", "0.5: no better than chance; 1: perfect"),
)


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One statistic: its name, its figure (None: cannot be said), and how to read it."""

    name: str
    figure: Figure | None
    reading: str


@dataclass(frozen=True, slots=True)
class BoardWords:
    """Everything around the statistics of one board: rows of figures, and counts with their names."""

    rows: tuple[FigureRow, ...]
    counts: tuple[tuple[str, int], ...]

    @property
    def has_figures(self) -> bool:
        """Whether there are enough episodes of both kinds for any statistic."""
        return any(row.figure is not None for row in self.rows)


def board_words(kept: BoardKept) -> BoardWords:
    """One team's board in words; a count of none is left out but for the first two."""
    board = kept.board
    counts = [
        ("Graded, with a number: pseudoprogression", board.events),
        ("Graded, with a number: true progression", board.n - board.events),
        ("Graded, but the score had given no number", board.abstained),
        ("of these pseudoprogression", board.abstained_events),
        *((f"Not graded: {grading.label[0].lower()}{grading.label[1:]}", count) for grading, count in board.not_graded),
        ("Waiting for a later assessment", kept.waiting),
        ("Scored after the outcome was known: in no figure", kept.after_outcome),
        ("Progressed again within 84 days of the reset", board.late_progressions),
    ]
    rows = tuple(FigureRow(name, getattr(board, field), reading) for field, name, reading in FIGURES)
    return BoardWords(rows, tuple(one for place, one in enumerate(counts) if place < 2 or one[1]))
