"""Where size and texture disagree beyond noise, and which of them left its band first. All against baseline."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from patients.concluded.change_findings import LARGEST_Q, DeltaNoise
from patients.concluded.trusted import Departure, Discordance
from patients.feature_names import FeatureName
from patients.vocabulary import Reference
from patients.words.noise_words import NoiseSource, NoiseVerdict
from patients.written_dates import day
from radiomics_tasks.analysis.change.noise.visits import panel_places
from radiomics_tasks.analysis.reasons import counted

TEXTURE_ONLY = "TEXTURE_ONLY"
SIZE_ONLY = "SIZE_ONLY"
_WITHIN = (NoiseVerdict.INSIDE, NoiseVerdict.INSIDE_PUBLISHED)


@dataclass(frozen=True, slots=True)
class _Side:
    """Size or texture of one lesion on one date: what is outside noise, and whether all else is known to be within."""

    outside: tuple[str, ...] = ()
    is_within: bool = False
    is_lower_bound: bool = False


@dataclass(frozen=True, slots=True)
class _Seen:
    timepoint_pk: int
    on: date
    size: _Side
    texture: _Side


def discordances(
    noises: Sequence[DeltaNoise], names_of: Mapping[int, tuple[str, ...]], dates: Mapping[tuple[int, int, int], date]
) -> tuple[tuple[Discordance, ...], tuple[Departure, ...]]:
    """The dates at which the two disagree, and for each lesion which went first.

    They disagree where one is outside its noise and the other is known to be within: where no repeatability is known
    nothing is said. Texture is the default panel, after the guards against volume and the q-values; beside a mere
    lower bound of noise it is marked as such. `dates`: of each lesion, visit and feature set.
    """
    found: list[Discordance] = []
    departures: list[Departure] = []
    lesions = dict.fromkeys(noise.lesion_pk for noise in noises)
    for lesion_pk in lesions:
        own = [noise for noise in noises if noise.lesion_pk == lesion_pk and noise.reference is Reference.BASELINE]
        seen = sorted(_seen(own, names_of, dates), key=lambda one: one.on)
        found += [told for one in seen if (told := _discordance(lesion_pk, one)) is not None]
        departures += [_departure(lesion_pk, seen)] if seen else []
    return tuple(found), tuple(departures)


def _seen(
    noises: Sequence[DeltaNoise], names_of: Mapping[int, tuple[str, ...]], dates: Mapping[tuple[int, int, int], date]
) -> Iterator[_Seen]:
    """Size and texture of one lesion on each kind of scan of each visit, with the day of that scan."""
    for visit in dict.fromkeys(noise.timepoint_pk for noise in noises):
        here = [noise for noise in noises if noise.timepoint_pk == visit]
        # Texture follows the size of its own scan: a visit may hold scans of several kinds and days.
        for sizes, texture in pairwise(here):
            if sizes.feature_set_pk is None and texture.feature_set_pk is not None:
                on = dates[texture.lesion_pk, visit, texture.feature_set_pk]
                side = _side(sizes, ("volume", "longest diameter"), (0, 1))
                yield _Seen(visit, on, side, _texture(texture, names_of))


def _texture(noise: DeltaNoise, names_of: Mapping[int, tuple[str, ...]]) -> _Side:
    assert noise.feature_set_pk is not None
    return _side(noise, names_of[noise.feature_set_pk], panel_places(noise, names_of))


def _side(noise: DeltaNoise, names: Sequence[str], places: Sequence[int]) -> _Side:
    outside = [place for place in places if _is_outside(noise, place)]
    judged = [noise.verdicts[place] for place in places if noise.verdicts[place] is not NoiseVerdict.NO_VALUE]
    return _Side(
        tuple(names[place] for place in outside),
        is_within=bool(judged) and all(verdict in (*_WITHIN, NoiseVerdict.WITH_VOLUME) for verdict in judged),
        is_lower_bound=any(noise.sources[place] is NoiseSource.PERTURBATION for place in outside),
    )


def _is_outside(noise: DeltaNoise, place: int) -> bool:
    q = noise.q[place]
    return noise.verdicts[place].is_over and (q is None or q < LARGEST_Q)


def _discordance(lesion_pk: int, seen: _Seen) -> Discordance | None:
    size, texture = seen.size, seen.texture
    if texture.outside and size.is_within:
        more = counted(len(texture.outside), "texture feature")
        sentence = f"{more} {_beyond(texture)}; the change of size is smaller than what can be measured"
        return Discordance(
            lesion_pk, seen.timepoint_pk, seen.on, TEXTURE_ONLY, texture.outside, texture.is_lower_bound, sentence
        )
    if size.outside and texture.is_within:
        sentence = f"{' and '.join(size.outside)} {_beyond(size)}; of texture nothing but what follows volume"
        return Discordance(lesion_pk, seen.timepoint_pk, seen.on, SIZE_ONLY, (), size.is_lower_bound, sentence)
    return None


def _beyond(side: _Side) -> str:
    """What may be said of a change outside: beside a lower bound of noise never that it is outside noise."""
    if not side.is_lower_bound:
        return "outside noise"
    return f"exceed{'s' if len(side.outside) == 1 else ''} the perturbation lower bound"


@dataclass(frozen=True, slots=True)
class _Left:
    """When one side first left its noise; `is_sure`: on every date before (on all, if it never did) it was within."""

    on: date | None
    is_sure: bool


def _left(days: Sequence[date], sides: Sequence[_Side]) -> _Left:
    place = next((place for place, side in enumerate(sides) if side.outside), None)
    return _Left(None if place is None else days[place], all(side.is_within for side in sides[:place]))


def _departure(lesion_pk: int, seen: Sequence[_Seen]) -> Departure:
    days = [one.on for one in seen]
    size = _left(days, [one.size for one in seen])
    texture = _left(days, [one.texture for one in seen])
    first_size = next((one.size for one in seen if one.size.outside), _Side())
    first_texture = next((one.texture for one in seen if one.texture.outside), _Side())
    feature = next(iter(first_texture.outside), "")
    lead = (size.on - texture.on).days if size.on and texture.on and size.is_sure and texture.is_sure else None
    is_bound = first_size.is_lower_bound or first_texture.is_lower_bound
    bound = "; a band from perturbation is a lower bound" if is_bound else ""
    label = FeatureName.parse(feature).label if feature else "texture"
    sentence = f"{_first(size, texture, label, lead)}{bound}"
    return Departure(lesion_pk, size.on, texture.on, feature, lead, sentence)


def _first(size: _Left, texture: _Left, label: str, lead: int | None) -> str:
    """Which went first; where a side was not known to be within before, that it is not known."""
    if size.on is None and texture.on is None:
        if size.is_sure and texture.is_sure:
            return "Neither size nor texture of the panel has left its noise band"
        return "Neither size nor texture of the panel is known to have left its noise band"
    if size.on is None and texture.on is not None:
        rest = "size has not" if size.is_sure else "whether size has is not known"
        return f"{label} left its noise band on {day(texture.on)}; {rest}"
    if texture.on is None and size.on is not None:
        rest = "no texture of the panel has" if texture.is_sure else "whether texture has is not known"
        return f"Size left its noise band on {day(size.on)}; {rest}"
    if lead is None:
        assert size.on is not None and texture.on is not None
        return (
            f"Size was outside its noise band on {day(size.on)} and {label} on {day(texture.on)}; "
            "which was first is not known, as not every scan before can be judged"
        )
    if lead == 0:
        return "Size and texture left their noise bands on the same date"
    first, later = (label, "size") if lead > 0 else ("Size", "texture")
    return f"{first} left its noise band {counted(abs(lead), 'day')} before {later}"
