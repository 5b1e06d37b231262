"""Which responses a later visit confirms, and which stand until progression."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from patients.vocabulary import ResponseCategory
from radiomics_tasks.analysis.criteria.protocol import Protocol

CR, PR, SD, PD, NE = (
    ResponseCategory.CR,
    ResponseCategory.PR,
    ResponseCategory.SD,
    ResponseCategory.PD,
    ResponseCategory.NE,
)


@dataclass(frozen=True, slots=True)
class Called:
    """The category of one visit by numbers, with its date. NE stands for everything that decides nothing."""

    category: ResponseCategory
    on: date


@dataclass(frozen=True, slots=True)
class ConfirmedPair:
    """A response and the later visit that confirms it."""

    category: ResponseCategory
    responded_on: date
    confirmed_on: date


def confirmed_pairs(series: Sequence[Called], protocol: Protocol) -> Iterator[ConfirmedPair]:
    """Every response of the series that a later one confirms.

    A CR needs a later CR with only CR and NE between. A PR needs a later PR or CR with only CR, PR and NE
    between, and no PR after a CR. At least `confirm_days` apart, at most `max_ne` NE between; with `accept_sd`
    one SD may stand between a PR and what confirms it.

    References
    ----------
    Eisenhauer EA et al. Eur J Cancer 2009;45:228-47, Table 3.

    Examples
    --------
    >>> series = [Called(PR, date(2024, 1, 1)), Called(NE, date(2024, 1, 20)), Called(CR, date(2024, 1, 29))]
    >>> [pair.category.value for pair in confirmed_pairs(series, Protocol())]
    ['PR']
    """
    for first, second in combinations(range(len(series)), 2):
        one, other = series[first], series[second]
        if (other.on - one.on).days < protocol.confirm_days:
            continue
        between = [called.category for called in series[first + 1 : second]]
        if (one.category, other.category) == (CR, CR):
            is_confirmed = _may_stand(between, {CR}, 0, protocol)
        elif one.category is PR and other.category in {PR, CR}:
            holds = not _falls_back([*between, other.category])
            is_confirmed = holds and _may_stand(between, {CR, PR}, int(protocol.accept_sd), protocol)
        else:
            is_confirmed = False
        if is_confirmed:
            yield ConfirmedPair(one.category, one.on, other.on)


def _may_stand(
    between: list[ResponseCategory], responses: set[ResponseCategory], most_sd: int, protocol: Protocol
) -> bool:
    others = [category for category in between if category not in responses]
    stable = others.count(SD)
    missing = others.count(NE)
    return stable <= most_sd and missing <= protocol.max_ne and stable + missing == len(others)


def _falls_back(categories: list[ResponseCategory]) -> bool:
    """Whether a PR comes after a CR."""
    return CR in categories and PR in categories[categories.index(CR) :]


def is_response_standing(series: Sequence[Called], protocol: Protocol) -> bool:
    """Whether an SD by numbers after this series is still a PR.

    A CR or PR since the last PD, and where confirmation is required a later one at least `confirm_days` on
    with only CR, PR and NE between. `strict` compares each visit with the baseline only.

    References
    ----------
    RECIST group (EORTC), question on managing PR when measurements change slightly: sums of 100, 70, 70, 80,
    80, 80 mm are PR throughout.

    Examples
    --------
    >>> series = [Called(PR, date(2024, 1, 1)), Called(PR, date(2024, 1, 29))]
    >>> is_response_standing(series, Protocol()), is_response_standing(series[:1], Protocol())
    (True, False)
    """
    if protocol.pr_persistence == "strict":
        return False
    waiting: date | None = None
    is_standing = False
    for called in series:
        if called.category in {CR, PR}:
            waiting = waiting or called.on
            days = (called.on - waiting).days
            is_standing = is_standing or not protocol.confirmation or days >= protocol.confirm_days
        elif called.category is not NE:
            waiting = None
            is_standing = is_standing and called.category is not PD
    return is_standing
