"""A login as its roles and teams; which role may do what is said in patients/words/act_words.py."""

from dataclasses import dataclass

from patients.vocabulary import Role
from patients.words.act_words import MAY as MAY
from patients.words.act_words import Act as Act


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

    @property
    def may_keep_logins(self) -> bool:
        """For templates."""
        return self.may(Act.KEEP_LOGINS)
