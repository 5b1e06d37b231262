"""What one line of therapy comes to under iRECIST: best response, dates, and a label for every episode."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from patients.findings import UnconfirmedProgression
from patients.vocabulary import ResponseCategory
from radiomics_tasks.analysis.criteria.immune import ICR, IPR, ISD, ImmuneCourse
from radiomics_tasks.analysis.criteria.irecist.advance import called
from radiomics_tasks.analysis.criteria.irecist.states import CONFIRMED, OPEN, Block
from radiomics_tasks.analysis.criteria.protocol import Protocol
from radiomics_tasks.analysis.criteria.rules.confirmation import confirmed_pairs
from radiomics_tasks.analysis.criteria.sums import STANDARD

ICPD, NE = ResponseCategory.ICPD, ResponseCategory.NE
RESPONSES = frozenset({ICR, IPR})
# From best to worst. NED (no disease at baseline, none now) stands beside non-iCR/non-iUPD: never both in a course.
ORDER = (ICR, IPR, ISD, ResponseCategory.NON_ICR_NON_IUPD, ResponseCategory.NED, ICPD, ResponseCategory.IUPD, NE)

Dated = tuple[date, ResponseCategory]


@dataclass(frozen=True, slots=True)
class ImmuneSummary:
    """Best responses, dates and episodes of one line of therapy; None where there is none.

    `responded_on` is the first iCR or iPR, `confirmed_responded_on` the first that a later one confirms.
    `progressed_on` is the date that counts as progression (iPFS): of the iUPD confirmed later, or of one still
    open at the last visit. `late_pd` holds the opening dates of the blocks reset to iPR or iCR that were
    followed by another iUPD within `broad_label_withdrawn_days`.
    """

    best: ResponseCategory | None
    confirmed_best: ResponseCategory | None
    responded_on: date | None
    confirmed_responded_on: date | None
    confirmed_progression_on: date | None
    progressed_on: date | None
    is_progression_confirmed: bool
    blocks: tuple[UnconfirmedProgression, ...]
    late_pd: tuple[date, ...]

    @property
    def progression(self) -> str | None:
        """The iPFS event in words: its date, and whether it was never confirmed."""
        if self.progressed_on is None:
            return None
        return f"{self.progressed_on}{'' if self.is_progression_confirmed else ' (iUPD, unconfirmed)'}"

    @property
    def response_days(self) -> int | None:
        """Days from the first iCR or iPR to the iUPD confirmed later (iDOR); None while it lasts."""
        if self.responded_on is None or self.progressed_on is None or not self.is_progression_confirmed:
            return None
        return (self.progressed_on - self.responded_on).days


def immune_summary(
    course: ImmuneCourse, protocol: Protocol = STANDARD, *, next_treatment_on: date | None = None
) -> ImmuneSummary:
    """Best response, dates and labels of a line of therapy.

    Responses count as they are by numbers and up to the first iCPD; visits after the start of the next
    therapy do not count for the best response.

    References
    ----------
    Seymour L et al. Lancet Oncol 2017;18:e143-52, Table 3. RECIST group (EORTC), iRECIST: duration of response.
    """
    dated = [(visit.on, visit.by_numbers) for visit in course.visits if visit.is_read]
    series = counted([(on, word) for on, word in dated if next_treatment_on is None or on <= next_treatment_on])
    pairs = list(confirmed_pairs([called(word, on) for on, word in series], protocol))
    event = next((block for block in course.blocks if block.outcome in {CONFIRMED, OPEN}), None)
    return ImmuneSummary(
        best=immune_best(series, course.reference_on, protocol),
        confirmed_best=confirmed_immune_best(series, course.reference_on, protocol),
        responded_on=next((on for on, word in series if word in RESPONSES), None),
        confirmed_responded_on=min((pair.responded_on for pair in pairs), default=None),
        confirmed_progression_on=next((block.closed_on for block in course.blocks if block.outcome == CONFIRMED), None),
        progressed_on=event.progressed_on if event else None,
        is_progression_confirmed=event is not None and event.outcome == CONFIRMED,
        blocks=tuple(_episode(number, course.blocks, protocol) for number in range(len(course.blocks))),
        late_pd=_late_pd(course.blocks, protocol),
    )


def counted(series: Sequence[Dated]) -> list[Dated]:
    """The visits up to and including the first iCPD."""
    last = next((number for number, (_, word) in enumerate(series) if word is ICPD), len(series))
    return list(series[: last + 1])


def immune_best(series: Sequence[Dated], reference_on: date, protocol: Protocol = STANDARD) -> ResponseCategory | None:
    """The best category of a series (iBOR); an iSD before `min_sd_days` is not evaluable. None: no visit.

    Examples
    --------
    >>> day = date(2024, 1, 1)
    >>> immune_best([(day + timedelta(14), ResponseCategory.ISD)], day).value
    'NE'
    """
    return _best(_reached(series, reference_on, protocol) | {word for _, word in series if word in RESPONSES})


def confirmed_immune_best(
    series: Sequence[Dated], reference_on: date, protocol: Protocol = STANDARD
) -> ResponseCategory | None:
    """The same where an iCR or iPR counts only with a later one that confirms it; else it falls to iSD or NE."""
    as_immune = {ResponseCategory.CR: ICR, ResponseCategory.PR: IPR}
    pairs = confirmed_pairs([called(word, on) for on, word in series], protocol)
    return _best(_reached(series, reference_on, protocol) | {as_immune[pair.category] for pair in pairs})


def _reached(series: Sequence[Dated], reference_on: date, protocol: Protocol) -> set[ResponseCategory]:
    """What the series reaches without its responses: a response held long enough is stable disease too."""
    controlled = RESPONSES | {ISD}
    reached = {word for _, word in series if word not in controlled and word in ORDER}
    if any(word in controlled and (on - reference_on).days >= protocol.min_sd_days for on, word in series):
        reached.add(ISD)
    return reached | ({NE} if series else set())


def _best(reached: set[ResponseCategory]) -> ResponseCategory | None:
    return min(reached, key=ORDER.index, default=None)


def _episode(number: int, blocks: Sequence[Block], protocol: Protocol) -> UnconfirmedProgression:
    block = blocks[number]
    return UnconfirmedProgression(
        opened_on=block.opened_on,
        drivers=block.drivers,
        outcome=block.outcome,
        confirm_from=block.opened_on + timedelta(days=protocol.confirm_from_days),
        confirm_until=block.opened_on + timedelta(days=protocol.confirm_until_days),
        closed_on=block.closed_on,
        label=_label(number, blocks, protocol),
    )


def _label(number: int, blocks: Sequence[Block], protocol: Protocol) -> str:
    """What the episode was; a formal reset within measurement noise is no pseudoprogression."""
    block = blocks[number]
    if block.outcome == OPEN:
        return "OPEN"
    if block.outcome == CONFIRMED:
        return "TRUE_PD"
    if block.closed_as in RESPONSES:
        return "PSP_STRICT"
    is_broad = block.closed_as is ISD and block.has_fallen and not _is_soon_again(number, blocks, protocol)
    return "PSP_BROAD" if is_broad else "UNRESOLVED"


def _is_soon_again(number: int, blocks: Sequence[Block], protocol: Protocol) -> bool:
    closed_on = blocks[number].closed_on
    if closed_on is None or number + 1 == len(blocks):
        return False
    return (blocks[number + 1].opened_on - closed_on).days <= protocol.broad_label_withdrawn_days


def _late_pd(blocks: Sequence[Block], protocol: Protocol) -> tuple[date, ...]:
    strict = [n for n, block in enumerate(blocks) if block.closed_as in RESPONSES]
    return tuple(blocks[n].opened_on for n in strict if _is_soon_again(n, blocks, protocol))
