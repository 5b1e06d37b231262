"""The best overall response of one line of therapy, unconfirmed and confirmed, and its dates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from patients.vocabulary import ResponseCategory
from radiomics_tasks.analysis.criteria.overall import OverallResult
from radiomics_tasks.analysis.criteria.protocol import Protocol
from radiomics_tasks.analysis.criteria.rules.confirmation import Called, ConfirmedPair, confirmed_pairs
from radiomics_tasks.analysis.criteria.rules.tables import SOURCES
from radiomics_tasks.analysis.criteria.sums import STANDARD
from radiomics_tasks.analysis.criteria.visits import JudgedCourse

CR, PR, SD, PD, NE = (
    ResponseCategory.CR,
    ResponseCategory.PR,
    ResponseCategory.SD,
    ResponseCategory.PD,
    ResponseCategory.NE,
)
# From best to worst. NED (no disease at baseline, none now) stands beside non-CR/non-PD: never both in a course.
ORDER = (CR, PR, SD, ResponseCategory.NON_CR_NON_PD, ResponseCategory.NED, PD, NE)


@dataclass(frozen=True, slots=True)
class BestResponse:
    """Best overall response with its dates; None where no visit counts.

    `responded_on` is the first of a confirmed pair (the first CR or PR where the protocol asks for no
    confirmation). `progressed_on` is the date of the first progression, back-dated where a later visit
    proved it. `rule` and `confirmed_rule` say how each was found.
    """

    best: ResponseCategory | None
    confirmed: ResponseCategory | None
    responded_on: date | None
    progressed_on: date | None
    rule: str
    confirmed_rule: str

    @property
    def source(self) -> str:
        """Where the rule of the confirmed response is published."""
        return SOURCES[self.confirmed_rule]


def best_response(
    course: JudgedCourse, results: Sequence[OverallResult], protocol: Protocol = STANDARD
) -> BestResponse:
    """The best overall response over the visits that count.

    Those up to and including the first PD, a back-dated one too, and none after the start of the next
    therapy. Responses count as they are by numbers: PR persistence neither improves nor confirms. CR, PR and
    SD at least `min_sd_days` after the reference date count as SD too; an earlier SD counts as NE.

    References
    ----------
    Eisenhauer EA et al. Eur J Cancer 2009;45:228-47, sections 4.4.1 to 4.4.3 and Table 3.
    """
    series = _counted(course, results)
    pairs = tuple(confirmed_pairs(series, protocol))
    reached = {called.category for called in series if called.category not in {CR, PR, SD}}
    reached |= {NE} if series else set()
    if any(_is_held_long(course, called, protocol) for called in series):
        reached.add(SD)
    best = _best(reached | {called.category for called in series if called.category in {CR, PR}})
    confirmed = _best(reached | {pair.category for pair in pairs})
    return BestResponse(
        best=best,
        confirmed=confirmed,
        responded_on=_responded_on(series, pairs, protocol),
        progressed_on=next((called.on for called in series if called.category is PD), None),
        rule="BEST_OF_SERIES" if series else "NO_COUNTED_VISIT",
        confirmed_rule=_confirmed_rule(best, confirmed),
    )


def reference_on(course: JudgedCourse, protocol: Protocol = STANDARD) -> date:
    """The date durations count from: by default treatment's start, else randomisation, else the baseline scan.

    The protocol names the one to prefer; the baseline scan stands in only where no other is known.

    Examples
    --------
    >>> course = JudgedCourse(date(2024, 1, 1), (), (), treatment_start=date(2024, 1, 29))
    >>> reference_on(course).isoformat()
    '2024-01-29'
    >>> reference_on(course, Protocol(reference="baseline_scan")).isoformat()
    '2024-01-01'
    """
    if protocol.reference == "baseline_scan":
        return course.baseline_on
    known = [course.treatment_start, course.randomised_on]
    if protocol.reference == "randomisation":
        known.reverse()
    return next((day for day in known if day is not None), course.baseline_on)


def _counted(course: JudgedCourse, results: Sequence[OverallResult]) -> list[Called]:
    series = []
    for result in results:
        if course.next_treatment_on is not None and result.on > course.next_treatment_on:
            break
        series.append(result.called)
        if result.called.category is PD:
            break
    return series


def _is_held_long(course: JudgedCourse, called: Called, protocol: Protocol) -> bool:
    is_controlled = called.category in {CR, PR, SD}
    return is_controlled and (called.on - reference_on(course, protocol)).days >= protocol.min_sd_days


def _best(reached: set[ResponseCategory]) -> ResponseCategory | None:
    return min(reached, key=ORDER.index, default=None)


def _responded_on(series: Sequence[Called], pairs: Sequence[ConfirmedPair], protocol: Protocol) -> date | None:
    if protocol.confirmation:
        return min((pair.responded_on for pair in pairs), default=None)
    return next((called.on for called in series if called.category in {CR, PR}), None)


def _confirmed_rule(best: ResponseCategory | None, confirmed: ResponseCategory | None) -> str:
    if confirmed is None:
        return "NO_COUNTED_VISIT"
    if confirmed in {CR, PR}:
        return "CONFIRMED_PAIR"
    return "REACHED_SD" if confirmed is SD and best is not SD else "BEST_OF_SERIES"
