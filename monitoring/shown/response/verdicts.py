"""The verdict of one line of therapy: both criteria at the last assessed visit, in sentences. No queries, no Django."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from monitoring.charts.response.calls import CourseCalls
from patients.findings import CourseSummary, Flip, Response, UnconfirmedProgression
from patients.timeline import Timepoint
from patients.vocabulary import Organ, ResponseCategory
from patients.written_dates import day, days

# Limits of agreement of repeated reads of one lesion (Oxnard 2011).
LESS, MORE = Decimal("0.125"), Decimal("0.14")
MOST_FLIPS = 3
# Nobody misreads a lesion by more: millimetres, and the fraction of its size.
PLAUSIBLE_MM, PLAUSIBLE_RATIO = Decimal(5), Decimal("0.5")
STANDS = "No single reading error of a target would change this call."
RESPONSES = (ResponseCategory.CR, ResponseCategory.PR, ResponseCategory.ICR, ResponseCategory.IPR)


@dataclass(frozen=True, slots=True)
class Called:
    """One criterion at one visit: the deciding sentence, the others, the rule, and what would flip the call.

    `after_progression`: the day of the progression after which this response does not count any more.
    """

    name: str
    response: Response
    flips: tuple[str, ...]
    after_progression: date | None = None

    @property
    def decided_by(self) -> str:
        """The deciding sentence."""
        return next(iter(self.response.reasons), "")

    @property
    def others(self) -> tuple[str, ...]:
        """The numbers and circumstances."""
        return self.response.reasons[1:]


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and what it is, for the strip's list of best responses and dates."""

    name: str
    value: str
    category: ResponseCategory | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the strip says of the last assessed visit.

    `noise` stands beside the flips: how far repeated readings differ. `later`: visits after it that nobody has
    assessed. `pending`: numbers of visits after it that are signed and not concluded yet.
    """

    number: int
    when: str
    reader: str
    is_stale: bool
    called: tuple[Called, ...]
    noise: str
    block: UnconfirmedProgression | None
    facts: tuple[Fact, ...]
    later: tuple[tuple[int, str], ...]
    pending: tuple[int, ...]

    @property
    def edge(self) -> ResponseCategory | None:
        """The category that colours the strip; None where it does not count any more."""
        overall = self.called[0]
        return None if overall.after_progression else overall.response.category


def verdict_of(calls: CourseCalls) -> Verdict | None:
    """The verdict of the last assessed visit; None where nobody assessed one, or the viewer may not know it."""
    visit = calls.last_called
    if visit is None or visit.pk not in calls.immune:
        return None
    overall, immune = calls.overall[visit.pk], calls.immune[visit.pk]
    said = calls.judgements[visit.pk]
    has_flips = not said.is_stale and not calls.blinding.hidden
    after = calls.progressed_before(visit)
    called = (
        Called("RECIST 1.1", overall, tuple(_flips(overall)) if has_flips and not after else (), after),
        Called("iRECIST", immune, tuple(_flips(immune)) if has_flips else ()),
    )
    numbers = {one.pk: number for number, one in enumerate(calls.timeline.timepoints, start=1)}
    after_it = list(_after(calls, visit))
    return Verdict(
        number=numbers[visit.pk],
        when=days(visit.first_on, visit.last_on),
        reader=said.reader_name,
        is_stale=said.is_stale,
        called=called,
        noise=_noise(calls, overall, called) if any(set(one.flips) - {STANDS} for one in called) else "",
        block=calls.summary.open_block if calls.summary else None,
        facts=tuple(_facts(calls.summary)) if calls.summary else (),
        later=tuple((numbers[one.pk], _when(one)) for one in after_it if one.pk not in calls.judgements),
        pending=tuple(numbers[one.pk] for one in after_it if one.pk in calls.judgements),
    )


def _after(calls: CourseCalls, visit: Timepoint) -> Iterator[Timepoint]:
    """The later visits without a call that the viewer may see."""
    is_after = False
    for one in calls.timeline.timepoints:
        if is_after and one.pk not in calls.blinding.hidden:
            yield one
        is_after = is_after or one is visit


def _when(visit: Timepoint) -> str:
    return days(visit.first_on, visit.last_on)


def _flips(response: Response) -> Iterator[str]:
    """The smallest changes that would give another call, the nearest of each category; none beyond a reading error."""
    nearest: dict[ResponseCategory, Flip] = {}
    sizes = {part.lesion_pk: part.size_mm for part in response.contributions}
    for flip in response.flips:
        if abs(flip.change_mm) <= max(PLAUSIBLE_MM, PLAUSIBLE_RATIO * (sizes.get(flip.lesion_pk) or 0)):
            nearest.setdefault(flip.becomes, flip)
    if response.flips and not nearest:
        yield STANDS
    for flip in list(nearest.values())[:MOST_FLIPS]:
        where = "larger" if flip.change_mm > 0 else "smaller"
        yield f"If {flip.tracking_id} were {abs(flip.change_mm):.1f} mm {where}: {_short(flip.becomes)}."


def _short(category: ResponseCategory) -> str:
    """Letters, or the words of a category whose code is none."""
    return category.label if "_" in category.value else category.value


def _noise(calls: CourseCalls, overall: Response, called: tuple[Called, ...]) -> str:
    """How far repeated readings of the lesions in those sentences differ, by what is published of lung tumours."""
    named = {flip.lesion_pk: flip.tracking_id for one in called for flip in one.response.flips}
    told = {
        pk for pk, name in named.items() if any(f"If {name} were" in words for one in called for words in one.flips)
    }
    sizes = [(p.tracking_id, p.size_mm) for p in overall.contributions if p.lesion_pk in told and p.size_mm]
    here = ", ".join(f"{name} −{mm * LESS:.1f} to +{mm * MORE:.1f} mm" for name, mm in sizes)
    words = "Repeated readings of one lesion differ by −12.5 % to +14 % (Oxnard 2011, lung tumours on repeated CT)"
    elsewhere = [
        track.tracking_id
        for track in calls.timeline.tracks
        if track.lesion_pk in told and track.organ is not Organ.LUNG
    ]
    about = f" For {', '.join(elsewhere)}, not in the lung, this is an approximation." if elsewhere else ""
    return f"{words}, here: {here}.{about}" if here else f"{words}.{about}"


def _facts(summary: CourseSummary) -> Iterator[Fact]:
    """Best responses, unconfirmed and confirmed, and the dates that count."""
    if summary.best:
        yield Fact("Best response, RECIST 1.1", _confirmed(summary.best, summary.confirmed_best), summary.best)
    if summary.immune_best:
        said = _confirmed(summary.immune_best, summary.immune_confirmed_best)
        yield Fact("Best response, iRECIST", said, summary.immune_best)
    responded_on, progressed_on = summary.immune_responded_on, summary.immune_progressed_on
    if responded_on and progressed_on and responded_on >= progressed_on:
        responded_on = None  # what came with or after the progression that counts is no response of this line
    yield from _dates(
        ("Response since, RECIST 1.1", summary.responded_on),
        ("Progression, RECIST 1.1", summary.progressed_on),
        ("Response since, iRECIST", responded_on),
        ("Progression confirmed, iRECIST", summary.confirmed_progression_on),
    )
    if summary.immune_progressed_on:
        settled = "" if summary.is_immune_progression_confirmed else ", not confirmed"
        yield Fact("Progression counts from, iRECIST", f"{day(summary.immune_progressed_on)}{settled}")


def _dates(*named: tuple[str, date | None]) -> Iterator[Fact]:
    for name, on in named:
        if on is not None:
            yield Fact(name, day(on))


def _confirmed(best: ResponseCategory, confirmed: ResponseCategory | None) -> str:
    """Whether a response was confirmed; the other categories need no second visit."""
    if best not in RESPONSES:
        return ""
    if confirmed is best:
        return "confirmed"
    return f"not confirmed; confirmed best {_short(confirmed)}" if confirmed else "not confirmed"
