"""What hosted models say, as pages show it: each number with its unit, its visit and whose it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from monitoring.number_words import number
from patients.concluded.hosted_findings import HostedOutput
from patients.reads.trusting.registry import outputs_shown
from patients.timeline import PatientTimeline
from patients.words.hosted_words import Level

THE_PATIENT = "the patient"


@dataclass(frozen=True, slots=True)
class HostedRow:
    """One answer: `value` and `reference` in words, empty where there is none."""

    pk: int
    output: HostedOutput
    on: date | None
    of: str
    value: str
    reference: str


def of_lesion(timeline: PatientTimeline, lesion_pk: int) -> dict[str, Any]:
    """Every visit's answers for one lesion, the newest first."""
    return _context(timeline, outputs_shown(timeline.patient_pk, lesion_pk), names_lesions=False)


def of_patient(timeline: PatientTimeline) -> dict[str, Any]:
    """The answers of every visit for the patient as a whole, and those of the last visit for each lesion."""
    outputs = outputs_shown(timeline.patient_pk)
    order = {visit.pk: place for place, visit in enumerate(timeline.timepoints)}
    last = max((order.get(one.timepoint_pk, -1) for _, one in outputs), default=-1)
    shown = [(pk, one) for pk, one in outputs if one.level is Level.PATIENT or order.get(one.timepoint_pk) == last]
    return _context(timeline, shown, names_lesions=True)


def _context(
    timeline: PatientTimeline, outputs: Sequence[tuple[int, HostedOutput]], *, names_lesions: bool
) -> dict[str, Any]:
    days = {visit.pk: visit.last_on for visit in timeline.timepoints}
    names = {track.lesion_pk: track.tracking_id for track in timeline.tracks}
    rows = [
        HostedRow(
            pk,
            one,
            days.get(one.timepoint_pk),
            THE_PATIENT if one.lesion_pk is None else names.get(one.lesion_pk, ""),
            value_words(one),
            "" if one.reference is None else f"{100 * one.reference:.0f} %",
        )
        for pk, one in outputs
        if one.timepoint_pk in days
    ]
    # Stable: within a visit the order of models and lesions stays.
    rows.sort(key=lambda row: row.on or date.min, reverse=True)
    return {"hosted": rows, "hosted_names_lesions": names_lesions}


def value_words(output: HostedOutput) -> str:
    """A probability in per cent, anything else with four digits and its unit; empty where there is no number.

    A probability of less than one per cent is not rounded to none.
    """
    if output.value is None:
        return ""
    if output.unit:
        return f"{number(output.value)} {output.unit}"
    percent = 100 * output.value
    return "under 1 %" if percent < 1 else "over 99 %" if percent > 99 else f"{percent:.0f} %"
