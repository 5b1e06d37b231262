"""The clinical words, each with the spelling of its standard and a label for people. No Django."""

from enum import StrEnum
from typing import Self


class Word(StrEnum):
    """A word of the vocabulary: its value is the standard's spelling, its label is for reading."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label or value
        return member

    @classmethod
    def pairs(cls) -> list[tuple[str, str]]:
        """Value and label of each member, as Django's `choices` wants them."""
        return [(member.value, member.label) for member in cls]


class Role(Word):
    """What a login may do; a login may hold several. The values are the names of Django groups."""

    COORDINATOR = "coordinator", "Coordinator"
    READER = "reader", "Reader"
    ONCOLOGIST = "oncologist", "Oncologist"
    BOARD = "board", "Board"
    STEWARD = "steward", "Steward"
    AUDITOR = "auditor", "Auditor"
    ADMIN = "admin", "Administrator"


class Modality(Word):
    """DICOM Modality (0008,0060) of the scans that are measured."""

    CT = "CT", "CT"
    MR = "MR", "MR"
    PT = "PT", "PET"


class Unit(Word):
    """What one voxel value means. PET kept in another SUV than by body weight is never compared with it."""

    HU = "HU", "HU"
    ARBITRARY = "a.u.", "arbitrary units"
    SUV_BW = "SUVbw", "SUV (body weight)"
    SUV_LBM = "SUVlbm", "SUV (lean body mass)"
    SUV_BSA = "SUVbsa", "SUV (body surface)"
    SUV_IBW = "SUVibw", "SUV (ideal body weight)"


class DrugClass(Word):
    """The class of a course's drugs: it decides which response rules are worth showing."""

    ANTI_PD1 = "ANTI_PD_L1", "Anti-PD-(L)1"
    ANTI_CTLA4 = "ANTI_CTLA_4", "Anti-CTLA-4"
    COMBINED_CHECKPOINT = "ANTI_PD_L1_AND_CTLA_4", "Anti-PD-(L)1 and anti-CTLA-4"
    CHEMOTHERAPY = "CHEMOTHERAPY", "Chemotherapy"
    TARGETED = "TARGETED", "Targeted therapy"
    RADIOTHERAPY = "RADIOTHERAPY", "Radiotherapy"
    OTHER = "OTHER", "Other"


class Tumour(Word):
    """What kind of tumour a patient has; the values name the priors of the pseudoprogression score."""

    UNKNOWN = "", "Not stated"
    MELANOMA = "melanoma", "Melanoma"
    NSCLC = "nsclc", "Non-small-cell lung cancer"
    RCC = "rcc", "Renal cell carcinoma"
    UROTHELIAL = "urothelial", "Urothelial carcinoma"
    OTHER = "other", "Other"


class UploadState(Word):
    """Where an upload stands."""

    RECEIVING = "RECEIVING", "Receiving files"
    RECEIVED = "RECEIVED", "Received, waiting to be read"
    READING = "READING", "Being read"
    NEEDS_PERSON = "NEEDS_PERSON", "Needs you"
    FILED = "FILED", "Filed"
    REFUSED = "REFUSED", "Refused"
    ABANDONED = "ABANDONED", "Abandoned"


class CandidateState(Word):
    """Where one series of an upload stands in the triage table."""

    READY = "READY", "Ready to file"
    NEEDS_PERSON = "NEEDS_PERSON", "Needs you"
    DUPLICATE = "DUPLICATE", "Already filed"
    REFUSED = "REFUSED", "Refused"
    DECLINED = "DECLINED", "Declined by a person"
    FILED = "FILED", "Filed"


class TimepointKind(Word):
    """Whether the visit was planned."""

    SCHEDULED = "SCHEDULED", "Scheduled"
    UNSCHEDULED = "UNSCHEDULED", "Unscheduled"


class LesionRole(Word):
    """RECIST 1.1: how a lesion is followed."""

    TARGET = "TARGET", "Target"
    NON_TARGET = "NON_TARGET", "Non-target"
    NEW = "NEW", "New"


class AlgorithmType(Word):
    """DICOM Segment Algorithm Type (0062,0008)."""

    MANUAL = "MANUAL", "Manual"
    SEMIAUTOMATIC = "SEMIAUTOMATIC", "Semi-automatic"
    AUTOMATIC = "AUTOMATIC", "Automatic"
    UNKNOWN = "UNKNOWN", "Not stated"


class OutlineFormat(Word):
    """The kind of file an outline came in."""

    SEG = "SEG", "DICOM SEG"
    RTSTRUCT = "RTSTRUCT", "RTSTRUCT"
    LABEL_MAP = "LABEL_MAP", "Label map"


class Organ(Word):
    """Where a lesion lies. Paired organs and all lymph nodes count as one organ (RECIST 1.1)."""

    LUNG = "LUNG", "Lung"
    LIVER = "LIVER", "Liver"
    LYMPH_NODE = "LYMPH_NODE", "Lymph node"
    BRAIN = "BRAIN", "Brain"
    BONE = "BONE", "Bone"
    ADRENAL = "ADRENAL", "Adrenal gland"
    KIDNEY = "KIDNEY", "Kidney"
    SPLEEN = "SPLEEN", "Spleen"
    PANCREAS = "PANCREAS", "Pancreas"
    PLEURA = "PLEURA", "Pleura"
    PERITONEUM = "PERITONEUM", "Peritoneum"
    SOFT_TISSUE = "SOFT_TISSUE", "Soft tissue"
    SKIN = "SKIN", "Skin"
    BREAST = "BREAST", "Breast"
    BOWEL = "BOWEL", "Bowel"
    PELVIS = "PELVIS", "Pelvic organ"
    HEAD_NECK = "HEAD_NECK", "Head and neck"
    OTHER = "OTHER", "Other"


class Reference(Word):
    """Which earlier observation a change is measured against."""

    BASELINE = "BASELINE", "baseline"
    PREVIOUS = "PREVIOUS", "previous visit"
    NADIR = "NADIR", "volume nadir"


class ResponseCategory(Word):
    """RECIST 1.1 and iRECIST categories, and what stands where there is none."""

    BASELINE = "BASELINE", "Baseline"
    CR = "CR", "Complete response"
    PR = "PR", "Partial response"
    SD = "SD", "Stable disease"
    PD = "PD", "Progressive disease"
    NE = "NE", "Not evaluable"
    NA = "NA", "No target lesions"
    NON_CR_NON_PD = "NON_CR_NON_PD", "Non-CR/non-PD"
    NED = "NED", "No evidence of disease"
    EQUIVOCAL_REAPPEARANCE = "EQUIVOCAL_REAPPEARANCE", "CR? not certain, re-image"
    ICR = "iCR", "Immune complete response"
    IPR = "iPR", "Immune partial response"
    ISD = "iSD", "Immune stable disease"
    IUPD = "iUPD", "Immune unconfirmed progression"
    ICPD = "iCPD", "Immune confirmed progression"
    NON_ICR_NON_IUPD = "NON-iCR/NON-iUPD", "Non-iCR/non-iUPD"
    POST_ICPD = "POST_iCPD", "After confirmed progression"


class Criterion(Word):
    """Under which rules a response was called."""

    RECIST_1_1_TARGET = "RECIST_1_1_TARGET", "RECIST 1.1, target lesions only"
    RECIST_1_1 = "RECIST_1_1", "RECIST 1.1"
    IRECIST = "IRECIST", "iRECIST"


class Absence(Word):
    """Why a number is not there: the typed reason beside every NULL."""

    SMALL_ROI = "SMALL_ROI", "too few voxels for texture"
    FLAT_ROI = "FLAT_ROI", "one slice: no 3-D shape"
    SMALL_RING = "SMALL_RING", "fewer than 200 voxels of tissue are left around the lesion"
    OF_A_RING = "OF_A_RING", "the shape of a ring is the shape of its lesion"
    NONFINITE = "NONFINITE", "not defined for this region"
    NOT_COMPUTED = "NOT_COMPUTED", "not computed by the engine"
    NO_REFERENCE = "NO_REFERENCE", "no earlier observation to compare with"
    SAME_DAY = "SAME_DAY", "same-day scans: test and retest, not a change"
    NOT_COMPARABLE = "NOT_COMPARABLE", "the two scans are not comparable in texture, and nobody has accepted that"
    PROFILE_DIFFERS = "PROFILE_DIFFERS", "extracted under another profile or modality"
    REFERENCE_MISSING = "REFERENCE_MISSING", "not defined at the reference date"
    VALUE_MISSING = "VALUE_MISSING", "not defined at this date"
    SCALE = "SCALE", "this form of change is not defined for the feature's scale"
    SMALL_DENOMINATOR = "SMALL_DENOMINATOR", "the reference value is too close to zero"
    NOT_POSITIVE = "NOT_POSITIVE", "a ratio needs two positive values"
    INTERVAL_TOO_SHORT = "INTERVAL_TOO_SHORT", "fewer than 28 days apart"
    NOT_OUTLINED = "NOT_OUTLINED", "not outlined at this visit"
    SEVERAL_PARTS = "SEVERAL_PARTS", "the outline has separate parts: one lesion split, or only the largest?"
    EMPTY = "EMPTY", "the outline marks nothing"
    TREATED = "TREATED", "treated locally (surgery, radiation): no longer an untouched target"
    NOT_EVALUATED = "NOT_EVALUATED", "not evaluable by the reader's assessment"
    WAITING = "WAITING", "measurement is still running"
    FAILED = "FAILED", "measurement failed"
    DAMAGED = "DAMAGED", "stored data are damaged: not used until they are whole again"


class Step(Word):
    """A piece of background work; the value is the task's name."""

    INGEST = "ingest_upload", "Read the upload"
    EXTRACT = "extract_features", "Measure and extract"
    REASSESS = "reassess_patient", "Conclude"
    PERTURB = "perturb_outlines", "Estimate noise"
    FULL = "extract_full", "Extract a further profile"
    NOISE = "gather_noise", "Gather noise"
    HARMONISE = "fit_harmonisation", "Harmonise scanners"
    REGISTER = "register_model", "Read a model"
    APPLY = "apply_model", "Apply a model to every patient"
    SCOREBOARD = "count_scores", "Count how often scores were right"
    RECOMPUTE = "recompute_number", "Compute again"


class RunState(Word):
    """Where a piece of background work stands."""

    QUEUED = "QUEUED", "Queued"
    RUNNING = "RUNNING", "Running"
    RETRY_WAIT = "RETRY_WAIT", "Waiting to try again"
    DONE = "DONE", "Done"
    FAILED = "FAILED", "Failed"
    CANCELLED = "CANCELLED", "Cancelled"
