"""Two or more readings of one visit, row by row, with what differs marked. No queries but what is loaded."""

from collections.abc import Sequence
from dataclasses import dataclass

from monitoring.number_words import mm, percent
from monitoring.templatetags.clinical import reading_why
from patients.models import LesionReading, Reading
from patients.vocabulary import LesionRole, Organ
from patients.words.reading_words import SizeState

NOTHING = "–"


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One thing that the readers said, a cell each, in the order of the readings; remarks are not compared.

    `judged`: the cells without sizes, where only these are compared. `note`: how far the sizes lie apart, which is
    no disagreement while the category is the same.
    """

    label: str
    cells: tuple[str, ...]
    is_remark: bool = False
    judged: tuple[str, ...] = ()
    note: str = ""

    @property
    def differs(self) -> bool:
        """Whether not all said the same."""
        return not self.is_remark and len(set(self.judged or self.cells)) > 1


def compared_lesions(readings: Sequence[Reading]) -> tuple[ComparedRow, ...]:
    """Each lesion that one of them spoke of, targets first as they stand in the record."""
    said = [{one.lesion: one for one in row.lesions.all()} for row in readings]
    lesions = sorted({lesion for found in said for lesion in found}, key=lambda one: (one.role != "TARGET", one.pk))
    return tuple(_row(lesion.tracking_id, [found.get(lesion) for found in said]) for lesion in lesions)


def _row(name: str, said: Sequence[LesionReading | None]) -> ComparedRow:
    cells, judged = tuple(map(_lesion, said)), tuple(map(_judged, said))
    return ComparedRow(name, cells, judged=judged, note=apart([_size_mm(one) for one in said]))


def apart(sizes_mm: Sequence[float | None]) -> str:
    """How far the sizes of several readers lie apart, in millimetres and of their mean; nothing where they agree.

    >>> apart([21.0, 29.5, None]).replace(chr(0x202F), " "), apart([21.0, 21.0]), apart([21.0])
    ('sizes differ by 8.5 mm, 33.7 % of their mean', '', '')
    """
    known = [size for size in sizes_mm if size is not None]
    if len(set(known)) < 2:
        return ""
    difference_mm = max(known) - min(known)
    share = percent(difference_mm * len(known) / sum(known)).removeprefix("+")
    return f"sizes differ by {mm(difference_mm)}, {share} of their mean"


def _size_mm(said: LesionReading | None) -> float | None:
    """The size that a reader gave, all parts together."""
    if said is None or said.state not in (SizeState.MEASURED, SizeState.SPLIT):
        return None
    return sum(said.parts_mm) if said.parts_mm else said.outline_mm if said.diameter_mm is None else said.diameter_mm


def compared_judgements(readings: Sequence[Reading]) -> tuple[ComparedRow, ...]:
    """What was judged of the visit as a whole; what nobody spoke of is left out."""
    rows = (
        ComparedRow("Non-target disease", tuple(_joined(r.get_non_target_display(), _trend(r)) for r in readings)),
        ComparedRow("New lesion", tuple(_new(r) for r in readings)),
        ComparedRow("Earlier equivocal finding", tuple(_earlier(r) for r in readings)),
        ComparedRow("Not scanned", tuple(_regions(r) for r in readings)),
        ComparedRow("After complete response", tuple(_reappearance(r) for r in readings)),
        ComparedRow("The patient is", tuple(_joined(_shown(r, "clinical_status"), _dose(r)) for r in readings)),
        ComparedRow("Note", tuple(r.note or NOTHING for r in readings), is_remark=True),
    )
    return tuple(row for row in rows if set(row.cells) != {NOTHING})


def _lesion(said: LesionReading | None) -> str:
    if said is None:
        return "not spoken of"
    size = mm(_size_mm(said)) if said.state == SizeState.MEASURED else ""
    parts = " + ".join(mm(part) for part in said.parts_mm)
    own = f"{said.get_diameter_from_display().lower()}: {said.diameter_why}" if said.diameter_mm is not None else ""
    return _joined(*_found(said), size, parts, own, *_remarks(said))


def _judged(said: LesionReading | None) -> str:
    return "not spoken of" if said is None else _joined(*_found(said), *_remarks(said))


def _found(said: LesionReading) -> tuple[str, ...]:
    into = f"into {said.merged_into.tracking_id}" if said.merged_into else ""
    return SizeState(said.state).label, into


def _remarks(said: LesionReading) -> tuple[str, ...]:
    role = LesionRole(said.role or said.lesion.role).label.lower()
    trend = said.get_trend_display().lower() if said.trend else ""
    return role, trend, reading_why(said.why)


def _joined(*parts: str | None) -> str:
    return ", ".join(part for part in parts if part and part != NOTHING) or NOTHING


def _shown(row: Reading, name: str) -> str:
    return str(getattr(row, f"get_{name}_display")()) or NOTHING


def _reappearance(row: Reading) -> str:
    return _joined(_shown(row, "reappearance"), row.reappearance_why)


def _trend(row: Reading) -> str:
    return row.get_non_target_trend_display().lower() if row.non_target_trend else ""


def _new(row: Reading) -> str:
    return _joined(row.get_new_disease_display(), reading_why(row.new_disease_why))


def _earlier(row: Reading) -> str:
    return "confirmed" if row.confirms_equivocal else "resolved" if row.equivocal_resolved else NOTHING


def _regions(row: Reading) -> str:
    return _joined(*(Organ(name).label for name in row.regions_not_scanned))


def _dose(row: Reading) -> str:
    return "" if row.steroid_mg is None else f"steroids {row.steroid_mg:g} mg"
