"""What the audit trail says was done, by what kind of hand. No Django."""

from patients.vocabulary import Word


class Deed(Word):
    """One thing that was done. Kept for ever: a word that was used is never renamed or used for something else."""

    # ---- at the door: what was asked for, and what was answered
    SAW = "SAW", "saw"
    LISTED = "LISTED", "saw in a list or a search"
    EXPORTED = "EXPORTED", "exported"
    ASKED = "ASKED", "sent a form or a file"
    REFUSED = "REFUSED", "was refused"
    BROKE = "BROKE", "met an error"
    # ---- logins
    SIGNED_IN = "SIGNED_IN", "signed in"
    SIGNED_OUT = "SIGNED_OUT", "signed out"
    SIGN_IN_FAILED = "SIGN_IN_FAILED", "failed to sign in"
    ACCESS_CHANGED = "ACCESS_CHANGED", "changed a login, a team or a membership"
    TOKEN_MADE = "TOKEN_MADE", "made an access token"
    TOKEN_REVOKED = "TOKEN_REVOKED", "revoked an access token"
    # ---- uploads and filing
    UPLOAD_OPENED = "UPLOAD_OPENED", "began an upload"
    FILE_RECEIVED = "FILE_RECEIVED", "sent a file"
    UPLOAD_COMPLETED = "UPLOAD_COMPLETED", "completed an upload"
    UPLOAD_ABANDONED = "UPLOAD_ABANDONED", "gave an upload up"
    UPLOAD_READ = "UPLOAD_READ", "read an upload"
    SCAN_FILED = "SCAN_FILED", "filed a scan"
    DOUBT_NOTED = "DOUBT_NOTED", "held a scan for a doubt"
    SCAN_DECLINED = "SCAN_DECLINED", "declined a series"
    # ---- identities
    HOLD_RELEASED = "HOLD_RELEASED", "released what was held for a doubt"
    HOLD_REFUSED = "HOLD_REFUSED", "refused what was held for a doubt"
    WITHHELD = "WITHHELD", "hid numbers"
    WITHHOLDING_LIFTED = "WITHHOLDING_LIFTED", "showed hidden numbers again"
    SCAN_REASSIGNED = "SCAN_REASSIGNED", "moved a scan to another patient"
    PATIENTS_MERGED = "PATIENTS_MERGED", "merged two patients"
    PATIENT_SPLIT = "PATIENT_SPLIT", "split a patient"
    MOVE_ASKED = "MOVE_ASKED", "asked a second steward to put scans under another patient"
    MOVE_REFUSED = "MOVE_REFUSED", "refused to put scans under another patient"
    MOVED_BACK = "MOVED_BACK", "put back what had been put under another patient"
    READING_WITHDRAWN = "READING_WITHDRAWN", "withdrew an assessment whose scans are another patient's"
    # ---- lesions and outlines
    OUTLINE_STORED = "OUTLINE_STORED", "stored outlines"
    OUTLINE_LINKED = "OUTLINE_LINKED", "linked an outline to a lesion"
    OUTLINE_UNLINKED = "OUTLINE_UNLINKED", "took an outline from its lesion"
    LESION_OPENED = "LESION_OPENED", "opened a lesion"
    LESION_REVISED = "LESION_REVISED", "revised a lesion"
    # ---- therapy, results and events
    COURSE_SAVED = "COURSE_SAVED", "entered or changed a line of therapy"
    COURSE_REMOVED = "COURSE_REMOVED", "removed a line of therapy"
    HOLDS_REPLACED = "HOLDS_REPLACED", "changed the pauses of a line of therapy"
    LESION_TREATED = "LESION_TREATED", "entered the treatment of a lesion"
    TREATMENT_REMOVED = "TREATMENT_REMOVED", "removed the treatment of a lesion"
    RESULT_ENTERED = "RESULT_ENTERED", "entered a result or an event"
    RESULT_CORRECTED = "RESULT_CORRECTED", "corrected a result or an event"
    RESULT_TAKEN_BACK = "RESULT_TAKEN_BACK", "took a result or an event back"
    TABLE_FILED = "TABLE_FILED", "filed a table"
    # ---- reading
    READING_BEGUN = "READING_BEGUN", "began an assessment"
    READING_SAVED = "READING_SAVED", "saved an assessment"
    READING_DISCARDED = "READING_DISCARDED", "threw a draft away"
    READING_SIGNED = "READING_SIGNED", "signed an assessment"
    READING_REOPENED = "READING_REOPENED", "re-opened a signed assessment"
    ADJUDICATED = "ADJUDICATED", "decided between two assessments"
    CONFIRMATION_BOOKED = "CONFIRMATION_BOOKED", "booked a confirming scan"
    PAIR_ACCEPTED = "PAIR_ACCEPTED", "accepted that two scans are compared"
    ACCEPTANCE_WITHDRAWN = "ACCEPTANCE_WITHDRAWN", "took an acceptance back"
    # ---- models and harmonisation
    MODEL_RECEIVED = "MODEL_RECEIVED", "sent a model in"
    MODEL_REGISTERED = "MODEL_REGISTERED", "registered a model"
    MODEL_APPROVED = "MODEL_APPROVED", "approved a model"
    MODEL_RETIRED = "MODEL_RETIRED", "retired a model"
    HARMONISATION_STORED = "HARMONISATION_STORED", "fitted a harmonisation"
    # ---- background work
    WORK_ASKED = "WORK_ASKED", "asked for work"
    MEASURED = "MEASURED", "stored a measurement"
    EXTRACTED = "EXTRACTED", "stored features"
    CONCLUDED = "CONCLUDED", "concluded the patient anew"
    SITE_CONCLUDED = "SITE_CONCLUDED", "concluded the site anew"
    RECOMPUTE_ASKED = "RECOMPUTE_ASKED", "asked for a number to be computed again"
    RECOMPUTED = "RECOMPUTED", "computed a number again"
    # ---- the record itself
    VERIFIED = "VERIFIED", "verified stored files and rows"
    BACKED_UP = "BACKED_UP", "made a backup"
    RESTORED = "RESTORED", "restored a backup"


# What is shown as "seen" rather than "changed".
SEEING = (Deed.SAW, Deed.LISTED, Deed.EXPORTED)


class Origin(Word):
    """Whose hand did it."""

    WEB = "WEB", "a login in the browser"
    WORKER = "WORKER", "background work"
    COMMAND = "COMMAND", "a command on the server"
