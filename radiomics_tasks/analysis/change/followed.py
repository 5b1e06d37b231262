"""What is compared with what: the observations of a lesion that count, each beside its references."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from patients.timeline import LesionTrack, Observation, PatientTimeline
from patients.vocabulary import Modality, Reference
from radiomics_tasks.analysis.change.delta import Snapshot


@dataclass(frozen=True, slots=True)
class Seen:
    """What counts of one lesion in one modality at one visit; `order` is the visit's place in time."""

    order: int
    timepoint_pk: int
    modality: Modality
    observation: Observation
    snapshot: Snapshot | None


@dataclass(frozen=True, slots=True)
class Pairing:
    """One lesion at one visit beside an earlier observation of it; where both have features they are compared."""

    track: LesionTrack
    reference: Reference
    now: Seen
    then: Seen

    @property
    def interval_days(self) -> int:
        """Days from the earlier scan to the later one."""
        return (self.now.observation.observed_on - self.then.observation.observed_on).days


def pairings(timeline: PatientTimeline, track: LesionTrack) -> Iterator[Pairing]:
    """Every comparison of one lesion, by visit, modality and reference.

    Within one modality where there is one; where there is none the comparison is still named, so that a reader
    learns why it is empty.
    """
    orders = {timepoint.pk: order for order, timepoint in enumerate(timeline.timepoints)}
    baseline = orders[timeline.baseline.pk] if timeline.baseline else 0
    seen = _what_counts(timeline, track, orders)
    for now in seen:
        earlier = [other for other in seen if other.order < now.order]
        if not _is_measured(now) or not earlier:
            continue
        for reference, then in _references(now, earlier, baseline):
            if then is not None and _is_measured(then):
                yield Pairing(track, reference, now, then)


def _is_measured(seen: Seen) -> bool:
    return seen.observation.sizes is not None or seen.snapshot is not None


def _what_counts(timeline: PatientTimeline, track: LesionTrack, orders: dict[int, int]) -> list[Seen]:
    """The last observation of each visit and modality, one with features before one without.

    At baseline an outline from before treatment goes before all later ones.
    """
    until = {visit.pk: timeline.counts_until(visit) for visit in timeline.timepoints}

    def rank(seen: Observation) -> tuple[bool, bool]:
        last_on = until[seen.timepoint_pk]
        is_late = last_on is not None and seen.observed_on > last_on
        return seen.sizes is not None and not is_late, seen.features is not None

    counted: dict[tuple[int, Modality], Observation] = {}
    for seen in track.observations:
        key = (orders[seen.timepoint_pk], seen.modality)
        if key not in counted or rank(seen) >= rank(counted[key]):
            counted[key] = seen
    return [
        Seen(order, seen.timepoint_pk, modality, seen, Snapshot.of(seen))
        for (order, modality), seen in sorted(counted.items(), key=lambda item: item[0])
    ]


def _references(now: Seen, earlier: Sequence[Seen], baseline: int) -> Iterator[tuple[Reference, Seen | None]]:
    same = [other for other in earlier if other.modality is now.modality]
    pool = same or list(earlier)
    yield Reference.BASELINE, _at_baseline(same, baseline) or _at_baseline(earlier, baseline)
    yield Reference.PREVIOUS, _previous(pool)
    yield Reference.NADIR, _volume_nadir(pool, baseline)


def _at_baseline(seen: Sequence[Seen], baseline: int) -> Seen | None:
    return next((other for other in seen if other.order == baseline), None)


def _previous(seen: Sequence[Seen]) -> Seen | None:
    """The last one with features, where none has any the last one with a size."""
    backwards = list(reversed(seen))
    with_features = next((other for other in backwards if other.snapshot), None)
    return with_features or next((other for other in backwards if other.observation.sizes), None)


def _volume_nadir(seen: Sequence[Seen], baseline: int) -> Seen | None:
    """The visit from the baseline on at which the lesion's volume was smallest, the first of equals.

    Sizes alone decide: a nadir without features is not replaced by another visit.
    """
    sized = [
        (other.observation.sizes.volume_ml, other.order, other)
        for other in seen
        if other.order >= baseline and other.observation.sizes and other.observation.sizes.volume_ml > 0
    ]
    return min(sized, key=lambda item: item[:2])[2] if sized else None
