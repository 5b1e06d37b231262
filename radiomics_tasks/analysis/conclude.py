"""Timeline in, findings out: everything concluded of one patient in one pure call."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import partial

import numpy as np

from patients.concluded.trusted import AggregateColumns, LesionComparison
from patients.findings import Delta, PatientFindings, Response
from patients.timeline import PatientTimeline
from patients.vocabulary import Absence, LesionRole, Reference
from radiomics_tasks.analysis.change.columns import aggregate_columns
from radiomics_tasks.analysis.change.delta import Snapshot, feature_delta, refusal_of, withheld_delta
from radiomics_tasks.analysis.change.discordant import discordances
from radiomics_tasks.analysis.change.followed import Pairing, pairings
from radiomics_tasks.analysis.change.noise.bands import is_log_scale
from radiomics_tasks.analysis.change.noise.visits import Judgeable, judged_noise, panels_by_visit
from radiomics_tasks.analysis.change.summed import lesion_growth, visit_summaries
from radiomics_tasks.analysis.change.trajectory import panel_trajectories
from radiomics_tasks.analysis.criteria.protocol import Protocol
from radiomics_tasks.analysis.criteria.sums import STANDARD
from radiomics_tasks.analysis.grounds import Grounds
from radiomics_tasks.analysis.response.called import called_responses
from radiomics_tasks.analysis.response.flags import SCANS_NOT_COMPARABLE, flag_words
from radiomics_tasks.analysis.response.targets import target_responses
from radiomics_tasks.analysis.trust.compared import PairReader
from radiomics_tasks.analysis.trust.pseudoprogression.episodes import episode_scores

Paired = tuple[Pairing, LesionComparison, Delta | None]


def conclude(
    timeline: PatientTimeline, protocol: Protocol = STANDARD, grounds: Grounds | None = None
) -> PatientFindings:
    """Everything that follows from what was seen of one patient and what readers signed.

    Pure: equal timelines, protocols and grounds give equal findings, in the same order. Deltas come by lesion,
    visit, modality and reference, then those of the rings around lesions; target responses by visit from the
    baseline on, then the calls of every line of therapy and reader. Another criterion adds its responses here.
    """
    stands_on = grounds or Grounds()
    reader = PairReader(timeline, stands_on.rules)
    paired = _paired(timeline, reader)
    comparisons = tuple(comparison for _, comparison, _ in paired)
    deltas = tuple(delta for _, _, delta in paired if delta is not None)
    names_of = _names_of(timeline)
    judgeable = [
        Judgeable(pairing, None if comparison.hides_texture else delta)
        for pairing, comparison, delta in paired
        if not comparison.hides_size and comparison.interval_days > 0
    ]
    noises = judged_noise(judgeable, stands_on.reader, stands_on.slopes)
    disagreeing, departures = discordances(noises, names_of, _dates(paired))
    targets = target_responses(timeline, protocol)
    responses, summaries = called_responses(timeline, protocol)
    apart = partial(_keeps_sums_apart, timeline, reader)
    unlike = {one.timepoint_pk for one in comparisons if one.hides_size and one.lesion_pk in _targets(timeline)}
    return PatientFindings(
        timeline.patient_pk,
        deltas + tuple(_ring_deltas(paired)),
        tuple(_marked(one, unlike) for one in targets + responses),
        summaries,
        comparisons=comparisons,
        noises=noises,
        visits=visit_summaries(timeline, comparisons, targets, panels_by_visit(noises, names_of), apart),
        aggregates=tuple(_aggregates(timeline, paired, names_of)),
        discordances=disagreeing,
        departures=departures,
        scores=episode_scores(timeline, summaries, comparisons, protocol, stands_on),
        trajectories=panel_trajectories([one.pairing for one in judgeable if one.delta is not None]),
    )


def _names_of(timeline: PatientTimeline) -> dict[int, tuple[str, ...]]:
    """The features of each set, in its order."""
    seen = [seen.features for track in timeline.tracks for seen in track.observations if seen.features]
    return {features.feature_set_pk: features.names for features in seen}


def _dates(paired: Sequence[Paired]) -> dict[tuple[int, int, int], date]:
    """The day of the scan of each lesion, visit and feature set."""
    return {
        (p.track.lesion_pk, p.now.timepoint_pk, p.now.snapshot.features.feature_set_pk): p.now.observation.observed_on
        for p, _, _ in paired
        if p.now.snapshot
    }


def _targets(timeline: PatientTimeline) -> set[int]:
    return {track.lesion_pk for track in timeline.targets}


def _keeps_sums_apart(timeline: PatientTimeline, reader: PairReader, then_pk: int, now_pk: int) -> bool:
    visits = {visit.pk: visit for visit in timeline.timepoints}
    return reader.keeps_sums_apart(timeline, visits[then_pk], visits[now_pk])


def _marked(response: Response, unlike: Collection[int]) -> Response:
    """A sum stays whatever the scans are, since a diameter is a reader's act; the visit says what it stands on."""
    if response.timepoint_pk not in unlike or response.sum_mm is None:
        return response
    reasons = (*response.reasons, flag_words(SCANS_NOT_COMPARABLE, {}))
    return replace(response, flags=(*response.flags, SCANS_NOT_COMPARABLE), reasons=reasons)


def _paired(timeline: PatientTimeline, reader: PairReader) -> list[Paired]:
    found = []
    for track in timeline.tracks:
        for pairing in pairings(timeline, track):
            comparison = _with_sizes(pairing, reader.compared(pairing))
            found.append((pairing, comparison, _delta(pairing, comparison)))
    return found


def _with_sizes(pairing: Pairing, comparison: LesionComparison) -> LesionComparison:
    then, now = pairing.then.observation.sizes, pairing.now.observation.sizes
    if then is None or now is None or comparison.hides_size:
        return comparison
    return replace(
        comparison,
        volume_ml=(then.volume_ml, now.volume_ml),
        longest_diameter_mm=(then.longest_diameter_mm, now.longest_diameter_mm),
        growth=lesion_growth(then, now, pairing.interval_days),
    )


def _delta(pairing: Pairing, comparison: LesionComparison) -> Delta | None:
    now, then = pairing.now.snapshot, pairing.then.snapshot
    if now is None or then is None:
        return None
    return _shown_or_withheld(pairing, comparison, now, then)


def _shown_or_withheld(pairing: Pairing, comparison: LesionComparison, now: Snapshot, then: Snapshot) -> Delta:
    """The changes, or in the place of each the reason: a plain one (another profile, the same day) goes first."""
    of = pairing.track.lesion_pk, pairing.now.timepoint_pk, pairing.reference
    if comparison.hides_texture and refusal_of(now, then) is None:
        return withheld_delta(*of, now, then, Absence.NOT_COMPARABLE)
    return feature_delta(*of, now, then)


def _ring_deltas(paired: Sequence[Paired]) -> Iterator[Delta]:
    """The changes of the tissue around lesions; a ring is compared with the same ring."""
    for pairing, comparison, _ in paired:
        then = dict(pairing.then.observation.rings)
        for region, features in pairing.now.observation.rings:
            if region in then:
                sides = [
                    Snapshot(seen.observation.observed_on, seen.modality, held)
                    for seen, held in ((pairing.now, features), (pairing.then, then[region]))
                ]
                yield replace(_shown_or_withheld(pairing, comparison, *sides), region=region)


def _aggregates(
    timeline: PatientTimeline, paired: Sequence[Paired], names_of: dict[int, tuple[str, ...]]
) -> Iterator[AggregateColumns]:
    baseline_ml = _baseline_volumes(timeline)
    by_kind: dict[tuple[int, Reference, int], list[Delta]] = defaultdict(list)
    for _, _, delta in paired:
        if delta is not None:
            by_kind[delta.timepoint_pk, delta.reference, delta.feature_set_pk].append(delta)
    compared = {(p.track.lesion_pk, p.now.timepoint_pk, p.reference) for p, _, _ in paired}
    for (visit, reference, feature_set), deltas in by_kind.items():
        is_log = np.array([is_log_scale(name) for name in names_of[feature_set]], dtype=bool)
        here = [track for track in timeline.tracks if track.at(visit) is not None]
        new = {
            track.lesion_pk
            for track in here
            if track.role is LesionRole.NEW and (track.lesion_pk, visit, reference) not in compared
        }
        old = {track.lesion_pk for track in here} - new
        without = len(old - {delta.lesion_pk for delta in deltas})
        yield aggregate_columns(deltas, is_log, baseline_ml, without=without, new=len(new))


def _baseline_volumes(timeline: PatientTimeline) -> dict[int, float]:
    baseline = timeline.baseline
    seen = [(track.lesion_pk, timeline.at(track, baseline)) for track in timeline.tracks] if baseline else []
    return {pk: found.sizes.volume_ml for pk, found in seen if found and found.sizes and found.sizes.volume_ml > 0}
