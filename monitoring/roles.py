"""Which role may do what: the acts, the roles that each takes, and a login as its roles and teams."""

from dataclasses import dataclass
from enum import Enum

from patients.vocabulary import Role


class Act(Enum):
    """What a view is about to do; the value says it in words."""

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
    # Whoever sent it is refused where the decision is written.
    Act.DECIDE_HOLD: frozenset({Role.STEWARD}),
    Act.WITHHOLD: frozenset({Role.STEWARD}),
}


@dataclass(frozen=True, slots=True)
class Viewer:
    """A login with its roles and teams, read once a request."""

    roles: frozenset[Role]
    teams: tuple[int, ...]

    def may(self, act: Act) -> bool:
        """Whether one of the roles allows the act."""
        return bool(self.roles & MAY[act])

    @property
    def roles_in_words(self) -> str:
        """The roles, in the order of the vocabulary."""
        return ", ".join(role.label for role in Role if role in self.roles) or "No role yet"

    @property
    def may_read(self) -> bool:
        """For templates."""
        return self.may(Act.READ)

    @property
    def may_upload(self) -> bool:
        """For templates."""
        return self.may(Act.UPLOAD)

    @property
    def may_link(self) -> bool:
        """For templates."""
        return self.may(Act.LINK)

    @property
    def may_treat(self) -> bool:
        """For templates."""
        return self.may(Act.TREAT)

    @property
    def may_enter_labs(self) -> bool:
        """For templates."""
        return self.may(Act.ENTER_LABS)

    @property
    def may_import_labs(self) -> bool:
        """For templates."""
        return self.may(Act.IMPORT_LABS)

    @property
    def may_book(self) -> bool:
        """For templates."""
        return self.may(Act.BOOK)

    @property
    def may_assess(self) -> bool:
        """For templates."""
        return self.may(Act.ASSESS)

    @property
    def may_adjudicate(self) -> bool:
        """For templates."""
        return self.may(Act.ADJUDICATE)

    @property
    def may_see_models(self) -> bool:
        """For templates."""
        return self.may(Act.SEE_MODELS)

    @property
    def may_send_models(self) -> bool:
        """For templates."""
        return self.may(Act.SEND_MODELS)

    @property
    def may_approve_models(self) -> bool:
        """For templates."""
        return self.may(Act.APPROVE_MODELS)

    @property
    def may_harmonise(self) -> bool:
        """For templates."""
        return self.may(Act.HARMONISE)

    @property
    def may_accept_pair(self) -> bool:
        """For templates."""
        return self.may(Act.ACCEPT_PAIR)

    @property
    def may_audit(self) -> bool:
        """For templates."""
        return self.may(Act.AUDIT)

    @property
    def may_see_trail(self) -> bool:
        """For templates."""
        return self.may(Act.SEE_TRAIL)

    @property
    def may_see_status(self) -> bool:
        """For templates."""
        return self.may(Act.SEE_STATUS)

    @property
    def may_decide_hold(self) -> bool:
        """For templates."""
        return self.may(Act.DECIDE_HOLD)

    @property
    def may_withhold(self) -> bool:
        """For templates."""
        return self.may(Act.WITHHOLD)
