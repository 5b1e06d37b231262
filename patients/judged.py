"""What readers said of a patient, visit by visit: frozen objects, no Django."""

from dataclasses import dataclass
from datetime import date

from patients.vocabulary import LesionRole, Organ
from patients.words.reading_words import (
    ClinicalStatus,
    NewDisease,
    NonTarget,
    Reappearance,
    SizeState,
    Trend,
)


@dataclass(frozen=True, slots=True)
class LesionJudged:
    """What one reader said of one lesion at one visit.

    `diameter_mm` is what the reader typed or drew, None where the outline's own size counts. `parts_mm`: the
    diameters of the parts of a lesion that split. `role`: the reader's choice where one was made (baseline).
    """

    lesion_pk: int
    state: SizeState
    diameter_mm: float | None = None
    diameter_why: str = ""
    parts_mm: tuple[float, ...] = ()
    merged_into_pk: int | None = None
    trend: Trend | None = None
    observed_on: date | None = None
    why: str = ""
    role: LesionRole | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """One signed reading of one visit. `counts`: it is the one that the patient's response is called from.

    `new_on`: date of the scan that shows the new lesion. `is_stale`: an outline of the visit has changed since
    it was signed.
    """

    reading_pk: int
    timepoint_pk: int
    reader_pk: int | None
    reader_name: str
    counts: bool
    non_target: NonTarget
    new: NewDisease
    lesions: tuple[LesionJudged, ...] = ()
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
    is_for_symptom: bool = False
    is_stale: bool = False
    clinical_status: ClinicalStatus = ClinicalStatus.UNKNOWN

    def of(self, lesion_pk: int) -> LesionJudged | None:
        """What was said of one lesion."""
        return next((judged for judged in self.lesions if judged.lesion_pk == lesion_pk), None)
