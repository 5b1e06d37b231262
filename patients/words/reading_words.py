"""The words of a reader's judgement: what RECIST 1.1 and iRECIST ask beside sizes. No Django."""

from patients.vocabulary import Word


class NonTarget(Word):
    """All non-target disease of one visit, judged as a whole against baseline and nadir (RECIST 1.1)."""

    CR = "CR", "All gone"
    NCNP = "NCNP", "Still there, not unequivocally worse"
    PD = "PD", "Unequivocal progression"
    NE = "NE", "Not all evaluated"
    NA = "NA", "None at baseline"


class Trend(Word):
    """Change since the last assessment (iRECIST asks for it beside the comparison with baseline).

    UNEQUIVOCAL is said of a new lesion that is not measured, and of nothing else: there alone the reader's word
    stands where a sum would.
    """

    INCREASED = "INC", "Larger than last time"
    UNEQUIVOCAL = "INC_UNEQ", "Unequivocally larger"
    SAME = "SAME", "As last time"
    DECREASED = "DEC", "Smaller than last time"

    @classmethod
    def usual_pairs(cls) -> list[tuple[str, str]]:
        """What may be said of everything else, as `pairs`."""
        return [pair for pair in cls.pairs() if pair[0] != cls.UNEQUIVOCAL]


class NewDisease(Word):
    """Whether a visit shows a new lesion."""

    NO = "NO", "No new lesion"
    YES = "YES", "Unequivocal new lesion"
    EQUIVOCAL = "EQ", "Equivocal, to be followed"
    NE = "NE", "Not evaluated"


class NotTumour(Word):
    """Why a new finding is kept as equivocal and not called tumour."""

    IMMUNE_RELATED = "IMMUNE_RELATED", "Suspected immune-related event"
    INFECTION = "INFECTION", "Infection"
    FLARE = "FLARE", "Flare"
    AFTER_RADIATION = "AFTER_RADIATION", "After radiation"


class SizeState(Word):
    """How a lesion was found at one visit."""

    MEASURED = "MEASURED", "Measured"
    TOO_SMALL = "TSTM", "Too small to measure (counts 5 mm)"
    ABSENT = "ABSENT", "Gone"
    PRESENT = "PRESENT", "Present, not measured"
    SPLIT = "SPLIT", "Split into parts"
    MERGED = "MERGED", "Merged into another lesion"
    NOT_EVALUABLE = "NE", "Not evaluable"


class DiameterFrom(Word):
    """Where the size of a lesion in a reading comes from."""

    OUTLINE = "MASK", "From the outline"
    TYPED = "TYPED", "Typed by the reader"
    DRAWN = "DRAWN", "Drawn by the reader"


class NewLesionKind(Word):
    """iRECIST: a new lesion that is measured in a sum of its own, or one that is not."""

    TARGET = "NLT", "New, measured"
    NON_TARGET = "NLNT", "New, not measured"


class Reappearance(Word):
    """What a reader decides where disease may be back after a complete response; needs a reason."""

    PROGRESSION = "PD", "Progression"
    EQUIVOCAL = "EQ", "Equivocal, re-image"
    REREAD_AS_PR = "REREAD_PR", "The earlier complete response was a partial one"


class ClinicalStatus(Word):
    """The patient's state at the visit; asked for while a progression is unconfirmed."""

    STABLE = "STABLE", "Stable"
    IMPROVED = "IMPROVED", "Improved"
    WORSE = "WORSE", "Worse"
    UNKNOWN = "UNKNOWN", "Not known"


class ReadingState(Word):
    """Where one reader's assessment of one visit stands."""

    DRAFT = "DRAFT", "Draft"
    SIGNED = "SIGNED", "Signed"
    REOPENED = "REOPENED", "Re-opened: an outline changed after signing"
    REPLACED = "REPLACED", "Replaced by a later version"
    WITHDRAWN = "WITHDRAWN", "Withdrawn: what it was signed on is another patient's"


class LocalTherapy(Word):
    """Treatment of a single lesion, from which on it no longer counts as an untouched target."""

    SURGERY = "SURGERY", "Surgery"
    RADIATION = "RADIATION", "Radiation"
    ABLATION = "ABLATION", "Ablation"


class WindowState(Word):
    """Where the confirmation of an unconfirmed progression stands."""

    OPEN = "OPEN", "Not booked"
    BOOKED = "BOOKED", "Booked"
    LATE = "LATE", "Late"
    DONE = "DONE", "Done"
