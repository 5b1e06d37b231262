"""The word SYNTHETIC as pixels, small enough for the corner of a lesion's slice."""

import numpy as np

from radiomics_tasks.imaging.volume import BoolArray

# Five rows of three pixels a letter.
LETTERS = {
    "S": "xxx x.. xxx ..x xxx", "Y": "x.x x.x xxx .x. .x.", "N": "xx. x.x x.x x.x x.x", "T": "xxx .x. .x. .x. .x.",
    "H": "x.x x.x xxx x.x x.x", "E": "xxx x.. xx. x.. xxx", "I": "xxx .x. .x. .x. xxx", "C": "xxx x.. x.. x.. xxx",
}  # fmt: skip
WHOLE, BROKEN, SHORT = ("SYNTHETIC",), ("SYNTH", "ETIC"), ("SYN",)


def stamp(size_px: tuple[int, int]) -> BoolArray:
    """The largest form of the word that fits into (width, height), as marked pixels on their plate; may be empty."""
    for lines in (WHOLE, BROKEN, SHORT):
        drawn = _drawn(lines)
        if drawn.shape[1] <= size_px[0] and drawn.shape[0] <= size_px[1]:
            return drawn
    return np.zeros((0, 0), dtype=np.bool_)


def _drawn(lines: tuple[str, ...]) -> BoolArray:
    plate = np.zeros((6 * len(lines) + 1, 4 * max(map(len, lines)) + 1), dtype=np.bool_)
    for row, line in enumerate(lines):
        for column, letter in enumerate(line):
            shape = [[pixel == "x" for pixel in part] for part in LETTERS[letter].split()]
            plate[6 * row + 1 : 6 * row + 6, 4 * column + 1 : 4 * column + 4] = shape
    return plate
