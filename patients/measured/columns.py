"""The columns of the table: how each is read, where its value belongs, how it is written."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from patients.measured import cells
from patients.measured.rows import CourseNamed, LesionNamed, LesionSized, MeasuredRow, VisitJudged
from patients.vocabulary import DrugClass, LesionRole, Organ, Word
from patients.words.reading_words import (
    ClinicalStatus,
    LocalTherapy,
    NewDisease,
    NewLesionKind,
    NonTarget,
    Reappearance,
    SizeState,
    Trend,
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name in the header, the part of a row it fills, and the field of that part.

    `must_stand`: the header has to name it. `needs`: "row" (never empty), "lesion" (never empty where the row
    names a lesion) or "" (may be empty).
    """

    name: str
    part: str
    field: str
    must_stand: bool = True
    needs: str = ""


COLUMNS = (
    Column("patient", "row", "patient", needs="row"),
    Column("date", "row", "on", needs="row"),
    Column("lesion", "lesion", "name"),
    Column("organ", "lesion", "organ", needs="lesion"),
    Column("nodal", "lesion", "is_node", needs="lesion"),
    Column("role", "lesion", "role", needs="lesion"),
    Column("diameter_mm", "sized", "diameter_mm"),
    Column("state", "sized", "state"),
    Column("trend", "sized", "trend", must_stand=False),
    Column("non_target", "judged", "non_target", needs="row"),
    Column("new_disease", "judged", "new_disease", needs="row"),
    Column("reader", "row", "reader", needs="row"),
    Column("course_start", "course", "started_on"),
    Column("course_name", "course", "name", must_stand=False),
    Column("drug_class", "course", "drug_class", must_stand=False),
    Column("course_stop", "course", "stopped_on", must_stand=False),
    Column("randomised", "course", "randomised_on", must_stand=False),
    Column("kind", "lesion", "kind", must_stand=False),
    Column("local_therapy", "lesion", "local_therapy", must_stand=False),
    Column("local_therapy_date", "lesion", "local_therapy_on", must_stand=False),
    Column("parts_mm", "sized", "parts_mm", must_stand=False),
    Column("merged_into", "sized", "merged_into", must_stand=False),
    Column("scan_date", "sized", "observed_on", must_stand=False),
    Column("why", "sized", "why", must_stand=False),
    Column("non_target_trend", "judged", "non_target_trend", must_stand=False),
    Column("non_target_date", "judged", "non_target_on", must_stand=False),
    Column("new_date", "judged", "new_on", must_stand=False),
    Column("new_why", "judged", "new_why", must_stand=False),
    Column("confirms_equivocal", "judged", "confirms_equivocal", must_stand=False),
    Column("equivocal_resolved", "judged", "equivocal_resolved", must_stand=False),
    Column("not_scanned", "judged", "regions_not_scanned", must_stand=False),
    Column("reappearance", "judged", "reappearance", must_stand=False),
    Column("reappearance_why", "judged", "reappearance_why", must_stand=False),
    Column("merged_cr_confirmed", "judged", "is_merged_cr_confirmed", must_stand=False),
    Column("clinical_status", "judged", "clinical_status", must_stand=False),
    Column("steroid_mg", "judged", "steroid_mg", must_stand=False),
    Column("for_symptom", "judged", "is_for_symptom", must_stand=False),
    Column("note", "judged", "note", must_stand=False),
)
NAMES = tuple(column.name for column in COLUMNS)
MUST_STAND = tuple(column.name for column in COLUMNS if column.must_stand)
OF_A_LESION = tuple(column for column in COLUMNS if column.part in ("lesion", "sized"))
OF_A_COURSE = tuple(column for column in COLUMNS if column.part == "course")

Reader = Callable[[str], Any]


DAYS = (
    *("date", "course_start", "course_stop", "randomised", "scan_date"),
    *("local_therapy_date", "non_target_date", "new_date"),
)
FLAGS = ("nodal", "confirms_equivocal", "equivocal_resolved", "merged_cr_confirmed", "for_symptom")
# The longest name and the longest text that are kept of each.
TITLES = {"patient": 64, "lesion": 64, "merged_into": 64, "reader": 80, "course_name": 120}
TEXTS = {"why": 200, "new_why": 200, "reappearance_why": 200, "note": 2000}
WORDS: Mapping[str, type[Word]] = {
    "organ": Organ,
    "role": LesionRole,
    "state": SizeState,
    "trend": Trend,
    "kind": NewLesionKind,
    "local_therapy": LocalTherapy,
    "non_target": NonTarget,
    "non_target_trend": Trend,
    "new_disease": NewDisease,
    "reappearance": Reappearance,
    "clinical_status": ClinicalStatus,
    "drug_class": DrugClass,
}


def readers(today: date) -> Mapping[str, Reader]:
    """How the text of each column becomes its value; a reader raises CellRefused."""
    return {
        **dict.fromkeys(DAYS, cells.day(today)),
        **dict.fromkeys(FLAGS, cells.yes_no),
        **{name: cells.title(longest) for name, longest in TITLES.items()},
        **{name: cells.name(longest) for name, longest in TEXTS.items()},
        **{name: cells.word(kind) for name, kind in WORDS.items()},
        "diameter_mm": cells.size_mm,
        "parts_mm": cells.sizes_mm,
        "not_scanned": cells.organs,
        "steroid_mg": cells.dose_mg,
    }


def row_of(number: int, values: Mapping[str, Any]) -> MeasuredRow:
    """The row that these values, by column, stand for; columns without a value are left out of `values`."""

    def part(kind: str) -> dict[str, Any]:
        return {
            column.field: values[column.name] for column in COLUMNS if column.part == kind and column.name in values
        }

    sized = LesionSized(LesionNamed(**part("lesion")), **part("sized")) if "lesion" in values else None
    course = CourseNamed(**part("course")) if "course_start" in values else None
    return MeasuredRow(number=number, judged=VisitJudged(**part("judged")), sized=sized, course=course, **part("row"))


def texts_of(row: MeasuredRow) -> tuple[str, ...]:
    """The cells of one row, in the order of COLUMNS; read again they give the same row."""
    parts = {
        "row": row,
        "judged": row.judged,
        "sized": row.sized,
        "lesion": row.sized.lesion if row.sized else None,
        "course": row.course,
    }
    return tuple(cells.as_text(getattr(parts[column.part], column.field, None)) for column in COLUMNS)
