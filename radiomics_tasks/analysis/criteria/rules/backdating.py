"""An equivocal finding that proves to be progression: the earlier visits it takes with it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from patients.vocabulary import ResponseCategory
from patients.words.reading_words import NewDisease, NonTarget, Reappearance
from radiomics_tasks.analysis.criteria.rules.after_cr import NON_TARGET_DISEASE, Back

# The name of a finding that only the reader saw: no target is back, no non-target disease.
SEEN_BY_READER = "\n"


@dataclass(frozen=True, slots=True)
class Finding:
    """What the call of one visit rests on, as far as later visits may revise it. `sized` names the measured targets."""

    category: ResponseCategory
    target: ResponseCategory
    new: NewDisease
    non_target: NonTarget
    back: Back
    sized: frozenset[str]

    @property
    def culprits(self) -> frozenset[str] | None:
        """Which of the lesions that are back make this visit progression; None: all, since the reader says so."""
        if self.back.visit.reappearance is Reappearance.PROGRESSION:
            return None
        return self.back.keys if self.target is ResponseCategory.PD else self.back.certain_keys

    @property
    def is_new_confirmed(self) -> bool:
        """Whether the reader finds an earlier equivocal lesion to be a new lesion beyond doubt."""
        return self.back.visit.confirms_equivocal and self.new is NewDisease.YES

    @property
    def gone(self) -> frozenset[str]:
        """What is stated not to be there any more; a target without a size says nothing."""
        unseen = {NON_TARGET_DISEASE} if self.non_target is NonTarget.CR else set()
        if self.category is ResponseCategory.CR:
            unseen = {NON_TARGET_DISEASE, SEEN_BY_READER}
        return (self.sized - self.back.keys) | unseen


@dataclass(frozen=True, slots=True)
class Revision:
    """A visit that became progression: since when it was there, and the visit that showed it."""

    progressed_on: date
    revised_on: date


@dataclass(slots=True)
class _Sightings:
    """Equivocal findings that are still open: the number of the visit and the date of the scan of the first."""

    new: tuple[int, date] | None = None
    back: dict[str, tuple[int, date]] = field(default_factory=dict)

    def confirmed_by(self, finding: Finding) -> tuple[int, date] | None:
        """The first sighting that this visit proves to be progression."""
        proved = []
        if self.new and finding.is_new_confirmed:
            proved.append(self.new)
        if finding.category is ResponseCategory.PD:
            culprits = finding.culprits
            proved += [seen for key, seen in self.back.items() if culprits is None or key in culprits]
        return min(proved, default=None)

    def after(self, number: int, finding: Finding) -> None:
        """Close what this visit resolves, open what it sees for the first time."""
        visit, back = finding.back.visit, finding.back
        if visit.equivocal_resolved or finding.is_new_confirmed:
            self.new = None
        if visit.new is NewDisease.EQUIVOCAL:
            self.new = self.new or (number, visit.new_on or visit.on)
        for key in finding.gone:
            self.back.pop(key, None)
        if finding.category is ResponseCategory.EQUIVOCAL_REAPPEARANCE:
            for seen in (*back.lesions, *back.nodes):
                self.back.setdefault(seen.key, (number, seen.on or visit.on))
            for key in (back.keys or {SEEN_BY_READER}) - finding.sized:
                self.back.setdefault(key, (number, visit.non_target_on or visit.on))


def revisions(findings: Sequence[Finding]) -> dict[int, Revision]:
    """The visits (by their number) that a later one proves to have been progression already.

    A new lesion called equivocal counts from its first sighting when a reader confirms it, unless it was
    stated resolved; a node back at 10 to under 15 mm when it is part of a later progression, or the reader
    confirms. Every visit from the first sighting up to the one that proves it is revised. A visit nobody judged
    neither sees, proves nor resolves anything.
    """
    found: dict[int, Revision] = {}
    open_ = _Sightings()
    read = [(number, finding) for number, finding in enumerate(findings) if finding.back.visit.is_read]
    for order, (number, finding) in enumerate(read):
        first = open_.confirmed_by(finding)
        if first is not None:
            since, on = first
            for earlier, called in read[:order]:
                if earlier >= since and called.category is not ResponseCategory.PD:
                    found.setdefault(earlier, Revision(on, finding.back.visit.on))
        open_.after(number, finding)
    return found
