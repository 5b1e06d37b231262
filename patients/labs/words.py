"""The words of laboratory results and clinical events, each with a label for people. No Django."""

from patients.vocabulary import Word


class Analyte(Word):
    """What was measured in blood or tissue; anything else is OTHER under its own name."""

    LDH = "LDH", "LDH"
    S100B = "S100B", "S100B"
    CTDNA = "CTDNA", "ctDNA"
    NLR = "NLR", "NLR"
    CRP = "CRP", "CRP"
    NEUTROPHILS = "NEUTROPHILS", "Neutrophils"
    LYMPHOCYTES = "LYMPHOCYTES", "Lymphocytes"
    ALBUMIN = "ALBUMIN", "Albumin"
    HAEMOGLOBIN = "HAEMOGLOBIN", "Haemoglobin"
    PDL1_TPS = "PDL1_TPS", "PD-L1 (TPS)"
    PDL1_CPS = "PDL1_CPS", "PD-L1 (CPS)"
    TMB = "TMB", "TMB"
    OTHER = "OTHER", "Other"


class Bound(Word):
    """Whether a result is a value, or only a limit that the assay did not reach or ran over."""

    EXACT = "=", "measured"
    BELOW = "<", "below detection"
    ABOVE = ">", "above the measuring range"


class Standing(Word):
    """Where a result lies beside its reference range."""

    LOW = "LOW", "below the reference range"
    NORMAL = "NORMAL", "within the reference range"
    HIGH = "HIGH", "above the reference range"
    UNKNOWN = "UNKNOWN", "no reference range given"


class EventKind(Word):
    """What happened to a patient beside scans and lines of therapy."""

    ECOG = "ECOG", "ECOG performance status"
    SYMPTOM = "SYMPTOM", "Symptom"
    STEROID = "STEROID", "Steroids"
    IRAE = "IRAE", "Immune-related event"
    RADIATION = "RADIATION", "Radiation"
    BIOPSY = "BIOPSY", "Biopsy"
    CLINICAL_PROGRESSION = "CLINICAL_PROGRESSION", "Clinical progression"
    DEATH = "DEATH", "Death"
    LOST = "LOST", "Lost to follow-up"
    ADJUDICATED_OUTCOME = "ADJUDICATED_OUTCOME", "Adjudicated outcome"
    OTHER = "OTHER", "Other"


class BiopsyResult(Word):
    """What the pathologist found."""

    TUMOUR = "TUMOUR", "Viable tumour"
    NO_TUMOUR = "NO_TUMOUR", "No viable tumour"
    INFLAMMATION = "INFLAMMATION", "Inflammation"
    NOT_DIAGNOSTIC = "NOT_DIAGNOSTIC", "Not diagnostic"


class DeathCause(Word):
    """What a patient died of."""

    DISEASE = "DISEASE", "The disease"
    OTHER = "OTHER", "Another cause"
    UNKNOWN = "UNKNOWN", "Not known"


class SymptomCause(Word):
    """What a symptom is put down to; deterioration counts against a progression only where it is the tumour."""

    TUMOUR = "TUMOUR", "The tumour"
    TREATMENT = "TREATMENT", "The treatment"
    OTHER = "OTHER", "Something else"
    UNKNOWN = "UNKNOWN", "Not known"


class EventOrgan(Word):
    """Where an immune-related event shows."""

    COLON = "COLON", "Bowel (colitis)"
    SKIN = "SKIN", "Skin"
    LIVER = "LIVER", "Liver (hepatitis)"
    LUNG = "LUNG", "Lung (pneumonitis)"
    THYROID = "THYROID", "Thyroid"
    PITUITARY = "PITUITARY", "Pituitary (hypophysitis)"
    ADRENAL = "ADRENAL", "Adrenal gland"
    PANCREAS = "PANCREAS", "Pancreas"
    KIDNEY = "KIDNEY", "Kidney (nephritis)"
    HEART = "HEART", "Heart (myocarditis)"
    MUSCLE = "MUSCLE", "Muscle (myositis)"
    JOINTS = "JOINTS", "Joints (arthritis)"
    NERVES = "NERVES", "Nerves"
    EYE = "EYE", "Eye"
    BLOOD = "BLOOD", "Blood"
    NODES = "NODES", "Lymph nodes (sarcoid-like)"
    OTHER = "OTHER", "Other"


class Outcome(Word):
    """What two readers call a first unconfirmed progression once it is over."""

    PSP_STRICT = "PSP_STRICT", "Pseudoprogression: a response followed"
    PSP_BROAD = "PSP_BROAD", "Stable disease with a real fall followed"
    UNRESOLVED = "UNRESOLVED", "Reset within measurement noise"
    TRUE_PD = "TRUE_PD", "True progression"
    INDETERMINATE = "INDETERMINATE", "Cannot be said"


# The one word that a kind of event needs beside its dates, where it needs one.
DETAILS: dict[EventKind, type[Word]] = {
    EventKind.SYMPTOM: SymptomCause,
    EventKind.IRAE: EventOrgan,
    EventKind.BIOPSY: BiopsyResult,
    EventKind.DEATH: DeathCause,
    EventKind.ADJUDICATED_OUTCOME: Outcome,
}
# Grades from and to: ECOG, and CTCAE for what is suffered.
GRADES: dict[EventKind, tuple[int, int]] = {
    EventKind.ECOG: (0, 4),
    EventKind.SYMPTOM: (1, 5),
    EventKind.IRAE: (1, 5),
}
