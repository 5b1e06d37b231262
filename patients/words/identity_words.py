"""The words of mixed-up identities: what is held for a second person, and why numbers are hidden. No Django."""

from patients.vocabulary import Word

# What may be another person's, or another day's, is never filed on the word of whoever sent it.
OF_THE_PATIENT = (
    "Q_WRONG_PATIENT",
    "Q_DEMOGRAPHICS",
    "Q_BODY",
    "Q_PIXELS_OTHER_PATIENT",
    "Q_UID_OTHER_PATIENT",
    "Q_IMAGE_NUMBER",
)
OF_AN_OUTLINE = ("Q_MASK_REUSED", "Q_LESION_JUMP")
SECOND_PERSON = (*OF_THE_PATIENT, *OF_AN_OUTLINE)
# These put what is filed already in question as well.
OF_BOTH = ("Q_PIXELS_OTHER_PATIENT", "Q_UID_OTHER_PATIENT")


class HoldState(Word):
    """Where a hold stands."""

    OPEN = "OPEN", "Waits for a steward"
    RELEASED = "RELEASED", "Released"
    REFUSED = "REFUSED", "Refused"
    OVERTAKEN = "OVERTAKEN", "Settled otherwise"


class MoveKind(Word):
    """What is put under another patient."""

    REASSIGN = "REASSIGN", "Scans put under another patient"
    SPLIT = "SPLIT", "Scans put under a new patient"
    MERGE = "MERGE", "Two patients put together"
    BACK = "BACK", "Put back"


class MoveState(Word):
    """Where the act of putting something under another patient stands."""

    ASKED = "ASKED", "Waits for a second steward"
    DONE = "DONE", "Done"
    REFUSED = "REFUSED", "Refused"


class WithheldWhy(Word):
    """Why numbers are hidden while their data are kept."""

    INVESTIGATION = "INVESTIGATION", "Under investigation"
    WITHDRAWN = "WITHDRAWN", "Withdrawn"
