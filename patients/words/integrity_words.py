"""What can be wrong with what is stored. No Django."""

from patients.vocabulary import Word


class Damage(Word):
    """One kind of damage, as a check names it."""

    FILE_MISSING = "FILE_MISSING", "a stored file is missing"
    FILE_CHANGED = "FILE_CHANGED", "a stored file holds other bytes than were stored"
    FILE_UNREADABLE = "FILE_UNREADABLE", "a stored file cannot be read"
    FILE_UNKNOWN = "FILE_UNKNOWN", "a file that no row names lies in the store"
    ROW_CHANGED = "ROW_CHANGED", "a stored row says something else than when it was stored"
    ROW_GONE = "ROW_GONE", "a stored row is gone"
    REPOINTED = "REPOINTED", "a stored row belongs to another one than when it was stored"
    OTHER_PATIENT = "OTHER_PATIENT", "a scan stands under another patient than it was filed for"
    MODEL_CHANGED = "MODEL_CHANGED", "a registered model is not what was registered"
    PARAMETERS_CHANGED = "PARAMETERS_CHANGED", "a harmonisation is not what was fitted"
    SETTINGS_CHANGED = "SETTINGS_CHANGED", "a list of features or its settings is not what its digest says"


OF_MODELS = (Damage.MODEL_CHANGED, Damage.PARAMETERS_CHANGED)
