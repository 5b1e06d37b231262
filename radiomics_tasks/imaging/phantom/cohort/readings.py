"""What a reader signs of one visit of a made-up patient, and what must be called from it."""

from dataclasses import dataclass

from patients.vocabulary import Organ, ResponseCategory
from patients.words.reading_words import (
    ClinicalStatus,
    NewDisease,
    NonTarget,
    NotTumour,
    Reappearance,
    SizeState,
    Trend,
)


@dataclass(frozen=True)
class DeclaredLesion:
    """What is said of one lesion beside its outline, or where there is none.

    `name` is that of a `DemoLesion` or a `DemoFinding`; `why` a NotTumour or the reader's own words.
    """

    name: str
    state: SizeState = SizeState.MEASURED
    why: str = ""
    trend: Trend | None = None


@dataclass(frozen=True)
class DeclaredReading:
    """One visit as it is signed; lesions without an entry have the size of their outline.

    Attributes
    ----------
    response, immune_response
        The overall category that must be called: RECIST 1.1 and iRECIST.
    revised
        What RECIST 1.1 calls the visit once later ones are known; None where that is the same.
    non_target, non_target_trend
        All non-target disease against baseline and nadir, and against the last visit.
    new, new_why
        Whether the visit shows a new lesion, and why it is taken as it is.
    steroid_mg
        Prednisone equivalent, mg a day.
    """

    response: ResponseCategory
    immune_response: ResponseCategory
    non_target: NonTarget = NonTarget.NA
    non_target_trend: Trend | None = None
    new: NewDisease = NewDisease.NO
    new_why: NotTumour | str = ""
    equivocal_resolved: bool = False
    reappearance: Reappearance | None = None
    lesions: tuple[DeclaredLesion, ...] = ()
    regions_not_scanned: tuple[Organ, ...] = ()
    clinical_status: ClinicalStatus | None = None
    steroid_mg: float | None = None
    note: str = ""
    revised: ResponseCategory | None = None

    @property
    def final_response(self) -> ResponseCategory:
        """RECIST 1.1 with everything known that came later."""
        return self.revised or self.response
