"""The border of a mask's slice as closed polylines through the midpoints of the pixel faces, for drawing."""

import numpy as np

from radiomics_tasks.imaging.volume import BoolArray

Point = tuple[float, float]
# Marching squares at one half. The corners of a cell are bits: 1 upper left, 2 upper right, 4 lower right,
# 8 lower left. Each case lists its segments between the midpoints of the cell's sides, inside on the right hand.
TOP, RIGHT, BOTTOM, LEFT = (1, 0), (2, 1), (1, 2), (0, 1)
SEGMENTS = {
    1: ((TOP, LEFT),), 2: ((RIGHT, TOP),), 3: ((RIGHT, LEFT),), 4: ((BOTTOM, RIGHT),),
    5: ((TOP, LEFT), (BOTTOM, RIGHT)), 6: ((BOTTOM, TOP),), 7: ((BOTTOM, LEFT),), 8: ((LEFT, BOTTOM),),
    9: ((TOP, BOTTOM),), 10: ((RIGHT, TOP), (LEFT, BOTTOM)), 11: ((RIGHT, BOTTOM),), 12: ((LEFT, RIGHT),),
    13: ((TOP, RIGHT),), 14: ((LEFT, TOP),),
}  # fmt: skip


def polylines(pixels: BoolArray) -> list[list[Point]]:
    """Closed polylines (x, y) around everything marked in a slice (j, i); pixel centres lie at integers.

    The first point is repeated at the end. The points are those that diameters are measured between.
    """
    following = _following(pixels)
    lines = []
    while following:
        start = min(following)
        line = [start]
        while line[-1] != start or len(line) == 1:
            line.append(following.pop(line[-1]))
        lines.append([(x / 2, y / 2) for x, y in _corners(line)])
    return lines


def _following(pixels: BoolArray) -> dict[tuple[int, int], tuple[int, int]]:
    """From each face midpoint to the next along the border, in half pixels."""
    padded = np.pad(pixels, 1).astype(np.uint8)
    case = padded[:-1, :-1] + 2 * padded[:-1, 1:] + 4 * padded[1:, 1:] + 8 * padded[1:, :-1]
    following = {}
    for row, column in np.argwhere((case > 0) & (case < 15)).tolist():
        for (x0, y0), (x1, y1) in SEGMENTS[int(case[row, column])]:
            # The cell's upper left pixel centre is at (column - 1, row - 1).
            left, top = 2 * (column - 1), 2 * (row - 1)
            following[(left + x0, top + y0)] = (left + x1, top + y1)
    return following


def _corners(line: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The line without points in the middle of a straight run."""
    kept = [line[0]]
    for before, here, after in zip(line, line[1:], line[2:], strict=False):
        if (here[0] - before[0], here[1] - before[1]) != (after[0] - here[0], after[1] - here[1]):
            kept.append(here)
    return [*kept, line[-1]]
