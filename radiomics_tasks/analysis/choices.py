"""Sentences on what had to be chosen: the outline that counts of several, a late baseline, a planned course."""

from collections.abc import Iterator, Sequence
from datetime import date

from patients.timeline import Observation, PatientTimeline, Timepoint
from patients.written_dates import day
from radiomics_tasks.analysis.reasons import counted


def sentences(timeline: PatientTimeline, visit: Timepoint) -> Iterator[str]:
    """Everything that had to be chosen at one visit."""
    yield from _of_several(timeline, visit)
    yield from _late_at_baseline(timeline, visit)
    if visit.pk == timeline.timepoints[-1].pk:
        for course in timeline.planned_courses:
            yield f"{course.name} starts after this visit ({day(course.started_on)}): nothing was seen under it yet"


def _late_at_baseline(timeline: PatientTimeline, visit: Timepoint) -> Iterator[str]:
    """A warning for each target whose baseline size was taken after treatment began."""
    started_on = timeline.counts_until(visit)
    for track in timeline.targets if started_on else ():
        seen = timeline.at(track, visit)
        if started_on and seen and seen.sizes and seen.observed_on > started_on:
            yield (
                f"Warning: {track.tracking_id} was measured at baseline only on {day(seen.observed_on)}, "
                f"after treatment began on {day(started_on)}"
            )


def _of_several(timeline: PatientTimeline, visit: Timepoint) -> Iterator[str]:
    """For each target with several sized outlines at one visit, the one that counts and why."""
    for track in timeline.targets:
        sized = [seen for seen in track.observations if seen.timepoint_pk == visit.pk and seen.sizes is not None]
        chosen = timeline.at(track, visit)
        if chosen is not None and len(sized) > 1:
            others = [seen for seen in sized if seen is not chosen]
            several = f"{track.tracking_id} has {counted(len(sized), 'outline')} on this visit"
            yield f"{several}: {_shown(chosen)} counts, {_why(chosen, others, timeline.counts_until(visit))}"


def _shown(seen: Observation) -> str:
    return f"that on the {seen.modality.label} of {day(seen.observed_on)}"


def _why(chosen: Observation, others: Sequence[Observation], until: date | None) -> str:
    if until is not None and chosen.observed_on <= until:
        others = [seen for seen in others if seen.observed_on <= until]
        if not others:
            return f"as treatment began on {day(until)}"
    same = [seen for seen in others if seen.modality is chosen.modality]
    if not same:
        return "the kind of scan that it is followed on"
    if all(seen.observed_on < chosen.observed_on for seen in same):
        return "the last one"
    if chosen.slice_mm is not None and all(_is_thicker(seen, chosen.slice_mm) for seen in same):
        return f"of that day the one with the thinnest slices ({chosen.slice_mm:.4g} mm)"
    return "chosen by its images' digest, since neither day nor slices decide"


def _is_thicker(seen: Observation, slice_mm: float) -> bool:
    return seen.slice_mm is None or seen.slice_mm > slice_mm
