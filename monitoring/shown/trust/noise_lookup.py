"""Noise, growth and disagreement of one patient or lesion, looked up for its pages in a fixed number of queries."""

from collections.abc import Mapping, Sequence
from typing import Any

from monitoring.charts.feature_lane import NO_NOISE, LaneNoise
from monitoring.charts.features import NO_UNIT, Readings
from monitoring.charts.table import CourseRow
from monitoring.shown.response.lesion_table import lesion_rows
from monitoring.shown.trust.noise_shown import growths_shown, rows_beside_noise, visits_shown
from monitoring.shown.trust.trajectory_shown import trajectory_shown
from patients.concluded.trusted import LesionComparison
from patients.noise_beside import NoiseBeside
from patients.reads.trusting.noise_beside import (
    growth_of_lesion,
    lesion_at_odds,
    noise_of_feature,
    noise_of_features,
)
from patients.reads.trusting.trajectories import trajectory_of_feature
from patients.reads.trusting.trust import size_noises_of, visit_summaries_of
from patients.reads.trusting.volume_changes import volume_of_feature
from patients.timeline import PatientTimeline
from patients.vocabulary import Reference

Noises = Mapping[tuple[int, Reference], NoiseBeside]


def of_feature(lesion_pk: int, name: str, readings: Readings) -> Noises:
    """One feature's changes beside their noise, by visit and reference, of the kind of scan that is shown."""
    sets = {
        row.timepoint.pk: row.seen.features.feature_set_pk for row in readings.rows if row.seen and row.seen.features
    }
    found = noise_of_feature(lesion_pk, name)
    return {
        (visit, reference): beside
        for (visit, reference, feature_set), beside in found.items()
        if sets.get(visit) == feature_set
    }


def of_course(timeline: PatientTimeline, names: Sequence[str]) -> LaneNoise:
    """The changes from baseline of the features that a course shows beside their noise, in one query."""
    if not names or not timeline.tracks:
        return NO_NOISE
    lesions = [track.lesion_pk for track in timeline.tracks]
    found = noise_of_features(lesions, names, [Reference.BASELINE])
    return LaneNoise({(name, lesion, visit, used): one for (name, lesion, visit, _, used), one in found.items()})


def told_of_feature(lesion_pk: int, name: str, readings: Readings) -> dict[str, Any]:
    """How far a feature follows volume at this site, and its course in a few numbers; of the kind of scan shown."""
    sets = [row.seen.features.feature_set_pk for row in readings.rows if row.seen and row.seen.features]
    if not sets:
        return {}
    volume = volume_of_feature(lesion_pk, sets[-1], name)
    course = trajectory_of_feature(lesion_pk, sets[-1], name)
    return {
        "chosen_volume": volume.words if volume else "",
        "trajectory": trajectory_shown(course, "" if readings.unit == NO_UNIT else readings.unit),
    }


def at_visit(noises: Noises, timepoint_pk: int, unit: str) -> list[dict[str, Any] | None]:
    """What stands beside the change of one visit against each reference, in their order."""
    found = [noises.get((timepoint_pk, reference)) for reference in Reference]
    return [None if one is None else _worded(one, "" if unit == NO_UNIT else unit) for one in found]


def _worded(one: NoiseBeside, unit: str) -> dict[str, Any]:
    return {
        "words": one.words(unit),
        "origin": one.origin,
        "source": one.source,
        "is_greyed": one.is_greyed,
        "is_without_volume": one.is_without_volume,
    }


def of_lesion(timeline: PatientTimeline, lesion_pk: int) -> dict[str, Any]:
    """How fast the lesion grows, and whether its size and texture are at odds."""
    on = {visit.pk: visit.last_on for visit in timeline.timepoints}
    at_odds = lesion_at_odds(lesion_pk)
    return {
        "growths": growths_shown(growth_of_lesion(lesion_pk), on),
        "departure": at_odds[1] if at_odds else None,
        "discordances": at_odds[0] if at_odds else (),
    }


def of_patient(
    timeline: PatientTimeline, visits: Sequence[CourseRow], comparisons: Sequence[LesionComparison]
) -> dict[str, Any]:
    """The lesion table beside its noise, and what the lesions of each visit come to."""
    names = {track.lesion_pk: track.tracking_id for track in timeline.tracks}
    return {
        "lesions": rows_beside_noise(lesion_rows(timeline, comparisons), size_noises_of(timeline.patient_pk)),
        "noise_visits": visits_shown(visit_summaries_of(timeline.patient_pk), visits, names),
    }
