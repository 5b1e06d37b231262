"""The words of hosted models: what they are, where they stand, how far they were validated. No Django."""

from patients.vocabulary import Word


class ModelKind(Word):
    """What a registered file holds."""

    PSP = "PSP", "Pseudoprogression score"
    COEFFICIENTS = "COEFFICIENTS", "Coefficients"


class ModelStatus(Word):
    """Where a registered model stands; only an active one shows numbers."""

    DRAFT = "DRAFT", "Draft, waits for approval"
    SHADOW = "SHADOW", "Shadow: computed and kept, not shown"
    ACTIVE = "ACTIVE", "Active"
    RETIRED = "RETIRED", "Retired"


class Tier(Word):
    """How far a model was validated; it stands beside every number that the model gives."""

    NONE = "none", "not validated"
    INTERNAL = "internal", "internal validation only"
    EXTERNAL = "external", "external validation"
    PROSPECTIVE = "prospective", "prospective validation"


class Family(Word):
    """The form of a model of coefficients."""

    LOGISTIC = "logistic", "logistic regression"
    LINEAR = "linear", "linear regression"
    COX = "cox", "Cox regression"


class Level(Word):
    """What one number of a model belongs to."""

    LESION = "lesion", "one lesion at one visit"
    PATIENT = "patient", "one patient at one visit"


class Source(Word):
    """Where the value of a term comes from."""

    SNAPSHOT = "snapshot", "a feature of the lesion"
    DELTA = "delta", "a change of a feature"
    SIZE = "size", "a size of the lesion"
    SIZE_DELTA = "size_delta", "a change of a size"
    LAB = "lab", "a laboratory result"
    ORGAN = "organ", "where the lesion lies (1 there, 0 elsewhere)"


class Transform(Word):
    """What is done to a value before it is centred and scaled."""

    IDENTITY = "identity", "as it is"
    LOG = "log", "natural logarithm"
    LOG2 = "log2", "logarithm to base 2"
    LOG1P = "log1p", "logarithm of 1 + value"
    SQRT = "sqrt", "square root"


class Aggregate(Word):
    """How the lesions of a patient become one value."""

    VOLUME_WEIGHTED_MEAN = "volume_weighted_mean", "mean weighted by volume at baseline"
    MEAN = "mean", "mean of the lesions"
    LARGEST = "largest", "of the lesion that was largest at baseline"


class HostedStatus(Word):
    """Whether a hosted model gives a number."""

    OK = "OK", "Estimated"
    NOT_RELIABLE = "NOT_RELIABLE", "Not reliable here: no number"
    REFUSED = "REFUSED", "Not computed"


class HostedReason(Word):
    """Why a hosted model gives no number, as the beginning of a sentence that names the input."""

    PROFILE_DIFFERS = "PROFILE_DIFFERS", "extracted under another profile than the model was made for"
    NOT_COMPARABLE = "NOT_COMPARABLE", "the scans are not comparable"
    MISSING_INPUT = "MISSING_INPUT", "not available, and the model's card defines no imputation"
    NOTHING_MEASURED = "NOTHING_MEASURED", "no input is available: a number of imputed values alone says nothing"
    UNIT_DIFFERS = "UNIT_DIFFERS", "given in another unit than the model takes"
    OUT_OF_RANGE = "OUT_OF_RANGE", "outside the range that the model allows"
    TOO_OLD = "TOO_OLD", "older at the scan than the model allows"
    OUTSIDE_TRAINING = "OUTSIDE_TRAINING", "outside what the model was trained on (0.5th to 99.5th percentile)"
    FAR_FROM_TRAINING = "FAR_FROM_TRAINING", "the inputs together lie far from the training data"
    OVERFLOW = "OVERFLOW", "too large to state"


HOSTED_SENTENCES = (
    "Imaging-phenotype association; does not replace molecular testing.",
    "Research use only, not for treatment decisions.",
)
