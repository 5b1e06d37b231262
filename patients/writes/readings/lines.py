"""Diameters that a reader drew: the length is worked out here again from the end points, and must agree."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from patients.models import Reading, Segmentation
from patients.slice_lines import SliceGrid
from patients.writes.readings.content import LesionContent, ReadingContent, ReadingProblem

# What the page shows is rounded to the hundredth; anything beyond is another line.
AGREES_MM = 0.05


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """A drawn line as it is kept: the outline on whose pictures it was drawn, slice and ends (LPS, mm), length (mm)."""

    drawn_on_pk: int
    drawn_at: dict[str, Any]
    length_mm: float


def placed_lines(row: Reading, content: ReadingContent) -> tuple[dict[int, PlacedLine], list[ReadingProblem]]:
    """Where the drawn lines lie, by lesion, and what is wrong with those that are not there; one query at most."""
    drawn = [said for said in content.lesions if said.line is not None]
    if not drawn:
        return {}, []
    rows = Segmentation.objects.filter(code__in=[said.line_on for said in drawn], scan__timepoint=row.timepoint_id)
    outlines = {outline.code: outline for outline in rows.select_related("scan")}
    found = [(said.lesion_pk, _placed(said, outlines)) for said in drawn]
    placed = {pk: one for pk, one in found if isinstance(one, PlacedLine)}
    return placed, [one for _, one in found if isinstance(one, ReadingProblem)]


def _placed(said: LesionContent, outlines: Mapping[UUID, Segmentation]) -> PlacedLine | ReadingProblem:
    outline = outlines.get(said.line_on) if said.line_on else None
    if said.line is None or outline is None or outline.lesion_id != said.lesion_pk:
        return _wrong(said, "The pictures of this line are no longer of this lesion at this visit. Draw it again.")
    grid = SliceGrid.of(outline.scan.geometry)
    if grid is None:
        return _wrong(said, "The pixel spacing of this scan is not known. Type the diameter.")
    if not grid.holds(said.line):
        return _wrong(said, "This line lies outside the scan. Draw it again.")
    length_mm = grid.length_mm(said.line)
    if said.diameter_mm is not None and abs(said.diameter_mm - length_mm) > AGREES_MM:
        return _wrong(
            said,
            f"The line that was drawn is {length_mm:.2f} mm long, not {said.diameter_mm:.2f} mm. Draw it again, or "
            "say that the diameter was typed.",
        )
    drawn_at = {"slice": said.line.k, "points_mm": [list(point) for point in grid.points_mm(said.line)]}
    return PlacedLine(outline.pk, drawn_at, length_mm)


def _wrong(said: LesionContent, sentence: str) -> ReadingProblem:
    return ReadingProblem("E_LINE", "diameter_mm", sentence, said.lesion_pk)
