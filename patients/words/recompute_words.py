"""What became of a number that was computed again. No Django."""

from patients.vocabulary import Word


class Recomputed(Word):
    """Whether the stored files give the stored digits again; everything but SAME raises an alarm."""

    SAME = "SAME", "the same digits"
    DIGITS_DIFFER = "DIGITS_DIFFER", "other digits"
    VOLUME_CHANGED = "VOLUME_CHANGED", "the stored scan is not the one that was filed"
    MASK_CHANGED = "MASK_CHANGED", "the stored outline is not the one that was filed"
    PROFILE_CHANGED = "PROFILE_CHANGED", "the extraction profile has changed since"
    BUILD_DIFFERS = "BUILD_DIFFERS", "another build of the engine gives other digits"
    INPUTS_CHANGED = "INPUTS_CHANGED", "what it was made of is another now"
    FILE_MISSING = "FILE_MISSING", "a stored file is missing"
    FAILED = "FAILED", "it could not be computed again"

    @property
    def is_alarm(self) -> bool:
        """Whether the number cannot be stood for."""
        return self is not Recomputed.SAME
