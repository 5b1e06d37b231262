"""What a check found: one damaged file or row, and what stands on it."""

from dataclasses import dataclass

from patients.words.integrity_words import Damage


@dataclass(frozen=True, slots=True)
class Damaged:
    """One fault; `subject` is the file or row, `segmentation_pks` the outlines whose features are not to be used."""

    kind: Damage
    subject: str
    sentence: str
    patient_pk: int | None = None
    segmentation_pks: tuple[int, ...] = ()
