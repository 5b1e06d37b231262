"""The words of trust: may two scans be compared, and where a pseudoprogression score stands. No Django."""

from patients.vocabulary import Word


class Comparability(Word):
    """How far a pair of scans may be compared; each level keeps what the one before it keeps from being said."""

    OK = "OK", "No difference found"
    INFO = "INFO", "To know"
    WARN = "WARN", "Compare with care"
    BLOCK_TEXTURE = "BLOCK_TEXTURE", "Texture not comparable"
    BLOCK = "BLOCK", "Not comparable"

    @property
    def severity(self) -> int:
        """Its place from OK (0) to BLOCK (4)."""
        return list(Comparability).index(self)

    @property
    def hides_texture(self) -> bool:
        """Whether changes of texture are kept from view."""
        return self.severity >= Comparability.BLOCK_TEXTURE.severity

    @property
    def hides_size(self) -> bool:
        """Whether changes of size are kept from view as well."""
        return self is Comparability.BLOCK


class ScoreStatus(Word):
    """Where a pseudoprogression score stands; only OK has a probability."""

    OK = "OK", "Estimated"
    NOT_APPLICABLE = "NOT_APPLICABLE", "Not applicable"
    UNFAVOURABLE_CLINICAL = "UNFAVOURABLE_CLINICAL", "Clinically worse: no number"
    INSUFFICIENT_EVIDENCE = "INSUFFICIENT_EVIDENCE", "Not enough evidence"
    INDETERMINATE = "INDETERMINATE", "Indeterminate"


class ScoreReason(Word):
    """Why there is no probability, as the sentence that stands in its place."""

    NO_OPEN_IUPD = "NO_OPEN_IUPD", "No progression is waiting to be confirmed: there is nothing to estimate."
    NOT_ON_ICI = (
        "NOT_ON_ICI",
        "The patient is not on an immune checkpoint inhibitor: published pseudoprogression data do not apply.",
    )
    ACQUIRED_RESISTANCE = (
        "ACQUIRED_RESISTANCE",
        "Progression after a response: published pseudoprogression data do not cover this.",
    )
    CLINICAL_DETERIORATION = (
        "CLINICAL_DETERIORATION",
        "The patient is clinically worse. iRECIST foresees treatment past iUPD only when clinically stable.",
    )
    CLINICAL_STATUS = "CLINICAL_STATUS", "Enter the clinical status (stable, better or worse) at this visit."
    DRIVERS = "DRIVERS", "It is not known which disease (target, non-target, new) drives the progression."
    BLOOD_OR_CTDNA = (
        "BLOOD_OR_CTDNA",
        "A blood value or ctDNA is needed that is fresh at the scan: imaging alone is never enough.",
    )
    KINETICS = "KINETICS", "Targets drive the progression, and their volume or sum against the nadir is missing."
    KINETICS_NOT_COMPARABLE = (
        "KINETICS_NOT_COMPARABLE",
        "Targets drive the progression, and the scans are not comparable: their growth cannot be used.",
    )
    CONFLICTING_CTDNA = (
        "CONFLICTING_CTDNA",
        "ctDNA speaks against pseudoprogression, the other items for it: no point is given.",
    )
    WIDE_INTERVAL = "WIDE_INTERVAL", "The interval is too wide for a point: it is shown alone."


class SourceKind(Word):
    """What an item of a score came from."""

    LESION = "LESION", "Lesion"
    VISIT = "VISIT", "Visit"
    LAB = "LAB", "Laboratory result"
    COURSE = "COURSE", "Line of therapy"


class NotCounted(Word):
    """Why an item that is known adds nothing."""

    SWITCHED_OFF = "SWITCHED_OFF", "not counted by this model: no usable published direction"
    TARGETS_NOT_DRIVER = "TARGETS_NOT_DRIVER", "targets do not drive this progression"
    COMPARISON_BLOCKED = "COMPARISON_BLOCKED", "the scans are not comparable"
    OTHER_TUMOUR = "OTHER_TUMOUR", "not established for this tumour"
    TOO_OLD = "TOO_OLD", "too old at the scan"
    AFTER_SCAN = "AFTER_SCAN", "taken after the scan"
    EVIDENCE_ONLY = "EVIDENCE_ONLY", "expert weight that would raise the estimate: left out in evidence-only mode"


class Band(Word):
    """Where the interval lies beside the base rate of the tumour."""

    ABOVE = "above the base rate", "Above the base rate"
    BETWEEN = "not distinguishable from the base rate", "Not distinguishable from the base rate"
    BELOW = "below the base rate", "Below the base rate"


class Grading(Word):
    """What a closed episode says about its score, under the strict label."""

    PSEUDOPROGRESSION = "PSP_STRICT", "Pseudoprogression: reset to a response"
    TRUE_PROGRESSION = "TRUE_PD", "True progression"
    BROAD = "PSP_BROAD", "Reset to stable disease with a real fall: not graded under the strict label"
    UNRESOLVED = "UNRESOLVED", "Reset within measurement noise: not graded, counted"
    OPEN = "OPEN", "Neither confirmed nor reset yet"
    INDETERMINATE = "INDETERMINATE", "No assessment under the same therapy followed: not graded, counted"
