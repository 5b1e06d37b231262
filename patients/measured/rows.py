"""One row of the table of sizes measured elsewhere, and what one patient's rows say together. No Django."""

from dataclasses import dataclass
from datetime import date

from patients.vocabulary import DrugClass, LesionRole, Organ
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
class TableProblem:
    """What is wrong in one cell, or one row, of a file; `row` counts as a spreadsheet does, the header is row 1."""

    row: int
    column: str
    sentence: str

    def __str__(self) -> str:
        return f"row {self.row}, {self.column}: {self.sentence}" if self.column else f"row {self.row}: {self.sentence}"


@dataclass(frozen=True, slots=True)
class LesionNamed:
    """A lesion as the table knows it: by the patient's own name for it, with what was done to it alone."""

    name: str
    organ: Organ
    is_node: bool
    role: LesionRole
    kind: NewLesionKind | None = None
    local_therapy: LocalTherapy | None = None
    local_therapy_on: date | None = None


@dataclass(frozen=True, slots=True)
class LesionSized:
    """One lesion at one visit: `diameter_mm` is the short axis of a node and the longest diameter of the rest.

    `parts_mm`: the diameters of the parts of a lesion that split. `merged_into`: the name of the lesion it
    became one with. `observed_on`: the date of the scan, where it is not that of the visit.
    """

    lesion: LesionNamed
    state: SizeState
    diameter_mm: float | None = None
    parts_mm: tuple[float, ...] = ()
    merged_into: str = ""
    trend: Trend | None = None
    observed_on: date | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class VisitJudged:
    """What a reader said of a visit beside sizes; the words are those of a reading."""

    non_target: NonTarget
    new_disease: NewDisease
    non_target_trend: Trend | None = None
    non_target_on: date | None = None
    new_on: date | None = None
    new_why: str = ""
    confirms_equivocal: bool = False
    equivocal_resolved: bool = False
    regions_not_scanned: tuple[Organ, ...] = ()
    reappearance: Reappearance | None = None
    reappearance_why: str = ""
    is_merged_cr_confirmed: bool = False
    clinical_status: ClinicalStatus | None = None
    steroid_mg: float | None = None
    is_for_symptom: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class CourseNamed:
    """The line of therapy in force; `started_on` is day zero. A patient has one line for each day zero."""

    started_on: date
    name: str = "First line"
    drug_class: DrugClass = DrugClass.OTHER
    stopped_on: date | None = None
    randomised_on: date | None = None


@dataclass(frozen=True, slots=True)
class MeasuredRow:
    """One row: a lesion at a visit, or, without a lesion, a visit where none was listed."""

    number: int
    patient: str
    on: date
    reader: str
    judged: VisitJudged
    sized: LesionSized | None = None
    course: CourseNamed | None = None

    @property
    def visit(self) -> tuple[date, str]:
        """When and by whom: what tells one reading of a patient from another."""
        return self.on, self.reader

    @property
    def lesion_name(self) -> str:
        """The lesion's name, empty in a row that speaks of the visit alone."""
        return self.sized.lesion.name if self.sized else ""


@dataclass(frozen=True, slots=True)
class MeasuredVisit:
    """One reading: what one reader said of one visit, with every lesion of it."""

    on: date
    reader: str
    judged: VisitJudged
    sized: frozenset[LesionSized] = frozenset()


@dataclass(frozen=True, slots=True)
class MeasuredPatient:
    """What is to be filed of one patient, or is filed already; lesions stand in the order they were first named."""

    pseudonym: str
    visits: tuple[MeasuredVisit, ...] = ()
    lesions: tuple[LesionNamed, ...] = ()
    courses: tuple[CourseNamed, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownPatient:
    """What is filed of a patient already. `visit_days`: first and last day of each visit, read or not.

    The `on` of a filed visit is its last day.
    """

    patient: MeasuredPatient
    visit_days: tuple[tuple[date, date], ...] = ()
