"""Timeline in, findings out: everything concluded of one patient in one pure call."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from patients.findings import Delta, PatientFindings
from patients.timeline import LesionTrack, Observation, PatientTimeline
from patients.vocabulary import Modality, Reference
from radiomics_tasks.analysis.change.delta import Snapshot, feature_delta
from radiomics_tasks.analysis.criteria.protocol import Protocol
from radiomics_tasks.analysis.criteria.sums import STANDARD
from radiomics_tasks.analysis.response.called import called_responses
from radiomics_tasks.analysis.response.targets import target_responses


def conclude(timeline: PatientTimeline, protocol: Protocol = STANDARD) -> PatientFindings:
    """Everything that follows from what was seen of one patient and what readers signed.

    Pure: equal timelines and protocols give equal findings, in the same order. Deltas come by lesion, visit,
    modality and reference; target responses by visit from the baseline on, then the calls of every line of
    therapy and reader. Another criterion adds its responses here.
    """
    deltas = tuple(delta for track in timeline.tracks for delta in _track_deltas(timeline, track))
    responses, summaries = called_responses(timeline, protocol)
    return PatientFindings(timeline.patient_pk, deltas, target_responses(timeline, protocol) + responses, summaries)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What counts of one lesion in one modality at one visit; `order` is the visit's place in time."""

    order: int
    timepoint_pk: int
    modality: Modality
    observation: Observation
    snapshot: Snapshot | None


def _track_deltas(timeline: PatientTimeline, track: LesionTrack) -> Iterator[Delta]:
    orders = {timepoint.pk: order for order, timepoint in enumerate(timeline.timepoints)}
    baseline = orders[timeline.baseline.pk] if timeline.baseline else 0
    seen = _what_counts(timeline, track, orders)
    for now in seen:
        earlier = [other for other in seen if other.order < now.order]
        if now.snapshot is None or not earlier:
            continue
        for reference, then in _references(now, earlier, baseline):
            if then is not None and then.snapshot is not None:
                yield feature_delta(track.lesion_pk, now.timepoint_pk, reference, now.snapshot, then.snapshot)


def _what_counts(timeline: PatientTimeline, track: LesionTrack, orders: dict[int, int]) -> list[_Seen]:
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
        _Seen(order, seen.timepoint_pk, modality, seen, Snapshot.of(seen))
        for (order, modality), seen in sorted(counted.items(), key=lambda item: item[0])
    ]


def _references(now: _Seen, earlier: Sequence[_Seen], baseline: int) -> Iterator[tuple[Reference, _Seen | None]]:
    """The earlier observations to compare with: of the same modality where there is one.

    Where there is none the comparison is still named, so that a reader learns why it is empty.
    """
    same = [other for other in earlier if other.modality is now.modality]
    pool = same or list(earlier)
    yield Reference.BASELINE, _at_baseline(same, baseline) or _at_baseline(earlier, baseline)
    yield Reference.PREVIOUS, next((other for other in reversed(pool) if other.snapshot), None)
    yield Reference.NADIR, _volume_nadir(pool, baseline)


def _at_baseline(seen: Sequence[_Seen], baseline: int) -> _Seen | None:
    return next((other for other in seen if other.order == baseline), None)


def _volume_nadir(seen: Sequence[_Seen], baseline: int) -> _Seen | None:
    """The visit from the baseline on at which the lesion's volume was smallest, the first of equals.

    Sizes alone decide: a nadir without features is not replaced by another visit.
    """
    sized = [
        (other.observation.sizes.volume_ml, other.order, other)
        for other in seen
        if other.order >= baseline and other.observation.sizes and other.observation.sizes.volume_ml > 0
    ]
    return min(sized, key=lambda item: item[:2])[2] if sized else None
