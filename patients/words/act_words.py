"""What a login may do, by its roles. No Django."""

from enum import Enum

from patients.vocabulary import Role


class Act(Enum):
    """What a login is about to do, or had a worker do; the value says it in words."""

    READ = "see patients"
    UPLOAD = "upload and file scans"
    LINK = "say which lesion an outline shows"
    TREAT = "change lines of therapy"
    ENTER_LABS = "enter results and events"
    IMPORT_LABS = "take in tables of results and events"
    BOOK = "book confirming scans"
    ASSESS = "assess response"
    ADJUDICATE = "decide between two assessments"
    SEE_MODELS = "see models"
    SEND_MODELS = "send models in"
    APPROVE_MODELS = "approve and retire models"
    HARMONISE = "harmonise scanners"
    AUDIT = "search the audit trail"
    SEE_TRAIL = "see who saw a patient"
    ACCEPT_PAIR = "accept that scans are compared"
    SEE_STATUS = "see how the site's work stands"
    KEEP_LOGINS = "end what opens a login"
    DECIDE_HOLD = "release what is held for a doubt"
    WITHHOLD = "hide numbers, and put identities right"


MAY: dict[Act, frozenset[Role]] = {
    Act.READ: frozenset({Role.COORDINATOR, Role.READER, Role.ONCOLOGIST, Role.BOARD, Role.STEWARD}),
    Act.UPLOAD: frozenset({Role.COORDINATOR, Role.STEWARD}),
    Act.LINK: frozenset({Role.COORDINATOR, Role.READER}),
    Act.TREAT: frozenset({Role.COORDINATOR, Role.ONCOLOGIST}),
    Act.ENTER_LABS: frozenset({Role.COORDINATOR, Role.ONCOLOGIST}),
    Act.IMPORT_LABS: frozenset({Role.COORDINATOR}),
    Act.BOOK: frozenset({Role.COORDINATOR, Role.ONCOLOGIST}),
    Act.ASSESS: frozenset({Role.READER}),
    # Whoever is one of the two readers is refused where the decision is written.
    Act.ADJUDICATE: frozenset({Role.READER, Role.STEWARD}),
    # A model's card tells of no patient.
    Act.SEE_MODELS: frozenset(Role),
    Act.SEND_MODELS: frozenset({Role.STEWARD}),
    # Whoever sent a model in is refused where the approval is written.
    Act.APPROVE_MODELS: frozenset({Role.STEWARD, Role.ADMIN}),
    Act.HARMONISE: frozenset({Role.STEWARD}),
    Act.AUDIT: frozenset({Role.AUDITOR}),
    # Not readers: the trail tells who else has read.
    Act.SEE_TRAIL: frozenset({Role.COORDINATOR, Role.ONCOLOGIST, Role.STEWARD}),
    Act.ACCEPT_PAIR: frozenset({Role.READER, Role.ONCOLOGIST}),
    # It names no patient.
    Act.SEE_STATUS: frozenset({Role.ADMIN}),
    Act.KEEP_LOGINS: frozenset({Role.ADMIN}),
    # Whoever sent it is refused where the decision is written.
    Act.DECIDE_HOLD: frozenset({Role.STEWARD}),
    Act.WITHHOLD: frozenset({Role.STEWARD}),
}
