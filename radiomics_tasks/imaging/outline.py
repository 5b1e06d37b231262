"""What a file of outlines says about each: its name, its mask on the scan's grid, or why it has none."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from patients.vocabulary import AlgorithmType, Organ, OutlineFormat, Unit
from radiomics_tasks.errors import Refusal
from radiomics_tasks.imaging.series.identity import keyed_hash, keyed_uid
from radiomics_tasks.imaging.series.wording import names_somebody
from radiomics_tasks.imaging.volume import Grid, Mask, Volume, box_on, lps_grid

MAX_OUTLINES = 1000
LARGEST_SHARE_RATIO = 0.5
AIR_HU, AIR_RATIO = -300.0, 0.3
MAX_NAME = 120


@dataclass(frozen=True, slots=True)
class SeriesGeometry:
    """The scan on which outlines were drawn, as far as an outline can be checked against it.

    Parameters
    ----------
    grid : the scan's grid in LPS order.
    sop_instance_uids, frame_of_reference_uid, series_instance_uid : as in the scan's files, or keyed when
        `key` is given; empty for a scan that came as NIfTI or NRRD.
    key : the site key. What an outline's file says is then keyed before it is compared.
    jitter_mm : how far the series' own slices lie off its even grid, at most, along the slice axis. A frame of a
        SEG may lie as far off, because it was drawn on such a slice.
    slice_axis : the axis of the grid (0, 1, 2 for i, j, k) along which its slices were taken: contours lie across it.
    """

    grid: Grid
    sop_instance_uids: frozenset[str] = frozenset()
    frame_of_reference_uid: str = ""
    series_instance_uid: str = ""
    key: bytes | None = None
    jitter_mm: float = 0.0
    slice_axis: int = 2

    def as_known(self, uid: str) -> str:
        """A UID of an outline's file in the form in which this scan knows UIDs."""
        return uid if self.key is None else keyed_uid(uid, self.key)


@dataclass(frozen=True, slots=True)
class Outlined:
    """One outline of a file.

    Parameters
    ----------
    name : segment label, ROI name or "label 2"; cleaned for reading.
    tracking_uid, tracking_id : empty where the format has none.
    organ : from the anatomic code, else from the name; None where neither tells.
    algorithm, tool : the algorithm's name, and the maker, product and version that wrote the file.
    naming : words by which the file names persons; a label that repeats one is not kept as it is.
    annotator : the person whom the file names; never kept but as a keyed hash.
    mask : cropped to what is marked: a sub-box of the scan's grid in LPS order (`place_on` gives the whole).
        None where `problems` say why.
    notes : W_… remarks that do not stand in the way.
    problems : E_… or Q_… reasons why this outline cannot be filed as it is.
    """

    name: str
    outline_format: OutlineFormat
    tracking_uid: str = ""
    tracking_id: str = ""
    organ: Organ | None = None
    algorithm_type: AlgorithmType = AlgorithmType.UNKNOWN
    algorithm: str = ""
    tool: str = ""
    annotator: str = ""
    naming: frozenset[str] = frozenset()
    mask: Mask | None = None
    notes: tuple[Refusal, ...] = ()
    problems: tuple[Refusal, ...] = ()

    def made_with(self, key: bytes) -> dict[str, str]:
        """How it was made, as plain data that names nobody."""
        person = " ".join(self.annotator.replace("^", " ").casefold().split())
        return {
            "format": str(self.outline_format),
            "algorithm_type": str(self.algorithm_type),
            "algorithm": self._unless_naming(self.algorithm),
            "tool": self.tool,
            "annotator": keyed_hash("annotator", person, key)[:8],
        }

    def _unless_naming(self, text: str) -> str:
        return "" if names_somebody(text, self.naming) else text

    def refused(self, *problems: Refusal) -> "Outlined":
        """The same outline with reasons instead of a mask."""
        return replace(self, mask=None, problems=self.problems + problems)

    def with_mask(self, mask: Mask, grid: Grid, *notes: Refusal) -> "Outlined":
        """The same outline with its mask, cropped, and with what is worth saying about it on the scan's grid."""
        if not mask.array.any():
            return self.refused(empty())
        cropped = mask.cropped()
        return replace(self, mask=cropped, notes=(*self.notes, *notes, *mask_notes(cropped, grid)))


def empty() -> Refusal:
    """The refusal of an outline that marks nothing."""
    return Refusal("E_MASK_EMPTY", "The mask marks nothing. Outline the lesion and send it again.")


def mask_notes(mask: Mask, grid: Grid) -> tuple[Refusal, ...]:
    """Remarks on where a cropped mask lies on its scan: one slice only, touching the border, very large."""
    notes = []
    box = box_on(lps_grid(grid), mask.grid)
    if mask.array.shape[0] == 1:
        notes.append(Refusal("W_ROI_2D", "The outline lies on one slice only: 3-D shape features are not shown."))
    pieces = int(ndimage.label(mask.array, structure=np.ones((3, 3, 3)))[1])
    if pieces > 1:
        sentence = f"The outline has {pieces} separate parts: one lesion split, or only the largest?"
        notes.append(Refusal("W_ROI_PARTS", sentence))
    touches = any(part.start == 0 or part.stop == n for part, n in zip(box, grid.shape, strict=True))
    if touches:
        notes.append(Refusal("W_ROI_BORDER", "The outline touches the border of the scan: the lesion may be cut off."))
    if mask.voxels > LARGEST_SHARE_RATIO * float(np.prod(grid.shape)):
        notes.append(Refusal("W_ROI_LARGE", "The outline covers more than half of the scan. Is it a lesion?"))
    return tuple(notes)


def plausibility_note(volume: Volume, mask: Mask) -> tuple[Refusal, ...]:
    """A remark where much of a CT outline (cropped) is air or lung: it may be flipped, or lie beside the lesion."""
    if volume.unit != Unit.HU:
        return ()
    values = volume.array[box_on(volume.grid, mask.grid)][mask.array]
    share = float(np.mean(values < AIR_HU))
    if share <= AIR_RATIO:
        return ()
    sentence = f"{share:.0%} of the outline is air or lung. Check its orientation and place."
    return (Refusal("W_ROI_PLAUSIBILITY", sentence),)


def slice_axis(grid: Grid, orientation: Sequence[float]) -> int:
    """The axis of a grid that runs most nearly across slices whose rows and columns have these direction cosines."""
    normal = np.cross(orientation[:3], orientation[3:])
    return int(np.argmax(np.abs(normal @ grid.columns)))


def jitter_mm(grid: Grid, places_mm: Sequence[Sequence[float]]) -> float:
    """How far the corners of a series' slices (LPS, mm) lie off the grid that was made of them, at most."""
    index = grid.to_index(np.asarray(places_mm))
    return float(np.max(np.abs(index - np.round(index)) * np.asarray(grid.spacing_mm)))
