"""Sentences on what had to be chosen: which of several outlines of one visit counts, and why that one."""

from collections.abc import Iterator, Sequence

from patients.timeline import Observation, PatientTimeline, Timepoint
from radiomics_tasks.analysis.reasons import counted, day


def of_several(timeline: PatientTimeline, visit: Timepoint) -> Iterator[str]:
    """For each target with several sized outlines at one visit, the one that counts and why."""
    for track in timeline.targets:
        sized = [seen for seen in track.observations if seen.timepoint_pk == visit.pk and seen.sizes is not None]
        chosen = track.at(visit.pk)
        if chosen is not None and len(sized) > 1:
            others = [seen for seen in sized if seen is not chosen]
            number = counted(len(sized), "outline")
            yield f"{track.tracking_id} has {number} on this visit: {_shown(chosen)} counts, {_why(chosen, others)}"


def _shown(seen: Observation) -> str:
    return f"that on the {seen.modality.label} of {day(seen.observed_on)}"


def _why(chosen: Observation, others: Sequence[Observation]) -> str:
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
