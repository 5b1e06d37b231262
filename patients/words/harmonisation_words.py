"""The words of harmonisation: what a model may know of a lesion, why a value has no harmonised one. No Django."""

from patients.vocabulary import Word


class Covariate(Word):
    """Biology that differs between scanners and must survive harmonisation: a closed list, never an outcome."""

    TUMOUR = "tumour", "tumour type"
    ORGAN = "organ", "organ"
    VOLUME = "volume", "volume (logarithm of mL)"

    @property
    def is_number(self) -> bool:
        """Whether it is a number; the others are kinds."""
        return self is Covariate.VOLUME


class NoBatch(Word):
    """Why the batch of a scan cannot be told."""

    SCANNER = "SCANNER", "the file does not name the scanner's model"
    KERNEL = "KERNEL", "the reconstruction kernel is not in the table of kernels"
    SLICES = "SLICES", "the file does not tell the slice thickness"
    RECONSTRUCTION = "RECONSTRUCTION", "the file does not name the reconstruction method"
    FIELD = "FIELD", "the file does not tell the field strength"


class NotHarmonised(Word):
    """Why a raw value has no harmonised one beside it."""

    BATCH_NOT_IN_MODEL = "BATCH_NOT_IN_MODEL", "scanner not in the model"
    BATCH_UNKNOWN = "BATCH_UNKNOWN", "the scanner, kernel or slice thickness is not known"
    FEATURE_NOT_IN_MODEL = "FEATURE_NOT_IN_MODEL", "feature not in the model"
    COVARIATE_NOT_IN_MODEL = "COVARIATE_NOT_IN_MODEL", "tumour or organ not in the model"
    COVARIATE_UNKNOWN = "COVARIATE_UNKNOWN", "tumour, organ or volume is not known"
    NO_RAW_VALUE = "NO_RAW_VALUE", "no raw value"
    NOT_POSITIVE = "NOT_POSITIVE", "zero or below, where the model takes a logarithm"
    NONFINITE = "NONFINITE", "too large to state"


class HarmonisedNote(Word):
    """What is said beside a harmonised value."""

    MEAN_ONLY = "MEAN_ONLY", "mean-only: 10 to 19 lesions of this scanner, its spread is left as it is"
    OUTSIDE_RANGE = "OUTSIDE_RANGE", "outside the model: the lesion's volume lies beyond what it has seen"

    @property
    def brief(self) -> str:
        """For a table: what stands before the colon."""
        return self.label.partition(":")[0]


class LeftOut(Word):
    """Why a row, a feature, a covariate or a batch of a cohort is not in the model."""

    BATCH_UNKNOWN = "BATCH_UNKNOWN", "its scanner, kernel or slice thickness is not known"
    SINGLE_ROW = "SINGLE_ROW", "a batch of one: nothing tells the scanner from the lesion"
    TOO_FEW_ROWS = "TOO_FEW_ROWS", "fewer than 10 lesions"
    ITS_BATCH = "ITS_BATCH", "its batch is left out"
    OFTEN_MISSING = "OFTEN_MISSING", "missing in more than 5 % of the lesions"
    OFTEN_UNKNOWN = "OFTEN_UNKNOWN", "not known of more than 20 % of the lesions"
    MISSING_VALUE = "MISSING_VALUE", "a feature of the model is missing"
    MISSING_COVARIATE = "MISSING_COVARIATE", "a covariate of the model is not known"
    RARE_LEVEL = "RARE_LEVEL", "the only one of its tumour or organ"
    ONE_LEVEL = "ONE_LEVEL", "the same in all lesions"
    NO_SPREAD = "NO_SPREAD", "constant within a batch"
    SHAPE = "SHAPE", "sizes and shapes are measured, not harmonised"


class ModelStatus(Word):
    """Whether a harmonisation is the one whose values are shown."""

    IN_FORCE = "IN_FORCE", "in force"
    RETIRED = "RETIRED", "retired"
