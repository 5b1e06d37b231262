"""What a check found: one damaged file or row, and what stands on it."""

from dataclasses import dataclass

from patients.words.integrity_words import Damage


@dataclass(frozen=True, slots=True)
class Damaged:
    """One fault; `subject` is the file or row, `segmentation_pks` the outlines whose numbers are not to be used.

    `reaches_sizes`: their sizes, too, and not their features alone.
    """

    kind: Damage
    subject: str
    sentence: str
    patient_pk: int | None = None
    segmentation_pks: tuple[int, ...] = ()
    reaches_sizes: bool = True
