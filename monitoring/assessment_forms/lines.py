"""A drawn line as one field of the form: outline, slice, and both ends in pixels, with spaces between."""

import math
from uuid import UUID

from patients.models import LesionReading
from patients.slice_lines import SliceGrid, SliceLine

OutlineLine = tuple[UUID, SliceLine]


def read_line(text: str) -> OutlineLine:
    """The outline's code and the line drawn on its pictures; raises ValueError where the text is none."""
    code, k, *ends = text.split()
    i, j, other_i, other_j = (float(word) for word in ends)
    if not all(map(math.isfinite, (i, j, other_i, other_j))):
        raise ValueError("an end lies nowhere")
    return UUID(code), SliceLine(int(k), ((i, j), (other_i, other_j)))


def written_line(said: LesionReading) -> str:
    """The line of a drawn diameter as the page sends it, to the hundredth of a pixel; empty where there is none."""
    grid = SliceGrid.of(said.drawn_on.scan.geometry) if said.drawn_on else None
    if said.drawn_on is None or grid is None:
        return ""
    (i, j), (other_i, other_j) = grid.line_between(said.drawn_at["points_mm"]).ends_px
    return f"{said.drawn_on.code} {said.drawn_at['slice']} {i:.2f} {j:.2f} {other_i:.2f} {other_j:.2f}"


def shown_mm(said: LesionReading) -> float | str | None:
    """The reader's diameter for its field; of a line, two decimals of its length."""
    return said.diameter_mm if said.diameter_mm is None or said.drawn_on_id is None else f"{said.diameter_mm:.2f}"
