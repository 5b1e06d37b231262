"""What a strip of slices needs: each date's outline, and the lines its sizes were taken from, outlined or drawn."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from monitoring.number_words import mm
from patients.models import LesionReading, Segmentation
from patients.slice_lines import SliceGrid
from patients.vocabulary import Modality
from patients.words.reading_words import ReadingState

Line = dict[str, Any]


def pictures_of(
    outlines: Sequence[Segmentation], current: str = "", *, lines: Sequence[LesionReading] = (), measured: str = ""
) -> list[dict[str, Any]]:
    """Each date of a strip of slices; the last is the current one unless another (an outline's code) is named.

    `lines`: what readers drew of these lesions. `measured`: the visit (its key) on whose slices a diameter may be
    drawn.
    """
    codes = [str(outline.code) for outline in outlines]
    kinds = {outline.scan.modality for outline in outlines}
    shown = current if current in codes else (codes[-1] if codes else "")
    return [
        {
            "code": str(outline.code),
            "title": Modality(outline.scan.modality).label if len(kinds) > 1 else "",
            "on": outline.scan.acquired_on,
            "sizes": outline.sizes_told,
            "is_current": str(outline.code) == shown,
            "is_synthetic": outline.scan.is_synthetic,
            "may_draw": str(outline.scan.timepoint_id) == measured and SliceGrid.of(outline.scan.geometry) is not None,
            **lines_of(outline, lines),
        }
        for outline in outlines
    ]


def lines_of(outline: Segmentation, drawn: Iterable[LesionReading]) -> dict[str, Any]:
    """The lines on an outline's pictures, for the script and in words; `opens_at`: the slice of a reader's line.

    A reader's line belongs to the scan it was drawn on, so it stays where another outline replaced that one.
    """
    grid = SliceGrid.of(outline.scan.geometry)
    if grid is None:
        return {"lines": "[]", "drawn": [], "opens_at": None}
    here = [row for row in drawn if row.drawn_on and row.drawn_on.scan_id == outline.scan_id]
    here = [row for row in here if row.lesion_id == outline.lesion_id]
    read = [_drawn(grid, row) for row in here]
    own = _outlined(grid, outline)
    return {
        "lines": json.dumps([*own, *read]),
        "drawn": [*own, *read] if read else [],
        "opens_at": read[-1]["k"] if read else None,
    }


def _outlined(grid: SliceGrid, outline: Segmentation) -> list[Line]:
    """The diameter of the outline that counts: a node's short axis, else the longest one."""
    measured = outline.sizes_told
    is_node = outline.lesion is not None and outline.lesion.is_node
    if measured is None:
        return []
    at = measured.shortest_at if is_node else measured.longest_at
    if not at:
        return []
    size_mm = measured.short_axis_mm if is_node else measured.longest_diameter_mm
    return [_line(grid, at, size_mm, f"outline {mm(size_mm)}", "outline")]


def _drawn(grid: SliceGrid, row: LesionReading) -> Line:
    is_draft = row.reading.state == ReadingState.DRAFT
    who = "your draft" if is_draft else row.reading.who
    line = _line(grid, row.drawn_at, row.diameter_mm or 0.0, f"{who} {mm(row.diameter_mm)}", "reader")
    return line | {"is_draft": is_draft}


def _line(grid: SliceGrid, at: dict[str, Any], size_mm: float, words: str, by: str) -> Line:
    found = grid.line_between(at["points_mm"])
    return {"k": at["slice"], "ends_px": found.ends_px, "mm": round(size_mm, 1), "words": words, "by": by}
