"""Made-up unconfirmed progressions for tests of the score: targets 56 days apart, readings, blood, events."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from patients.concluded.trusted import EpisodeScore
from patients.judged import Judgement
from patients.labs.seen import Event, Lab
from patients.labs.words import Analyte, EventKind
from patients.timeline import PatientTimeline
from patients.vocabulary import LesionRole, Tumour
from patients.words.reading_words import ClinicalStatus, NewDisease, NonTarget
from radiomics_tasks.analysis.conclude import conclude
from tests.timelines import FIRST_ON, Size, followed, observation, track

DAYS = 56


def on(visit: int, days: int = 0) -> date:
    """The day of a visit, counted from 1, and so many days after it."""
    return FIRST_ON + timedelta(DAYS * (visit - 1) + days)


def said(visit: int, **more: Any) -> Judgement:
    """One signed reading: nothing new, clinically stable."""
    usual = {"new": NewDisease.NO, "clinical_status": ClinicalStatus.STABLE}
    return Judgement(visit, visit, 7, "Anna", counts=True, non_target=NonTarget.NA, **{**usual, **more})


def lab(taken_on: date, ratio: float = 1.0, analyte: Analyte = Analyte.LDH, **more: Any) -> Lab:
    """A result as a multiple of its upper limit; of NLR and ctDNA the value itself."""
    has_limit = analyte in (Analyte.LDH, Analyte.S100B)
    value, high = (250.0 * ratio, 250.0) if has_limit else (ratio, None)
    return Lab(0, "", analyte, analyte.label, taken_on, value, "U/L" if has_limit else "1", high=high, **more)


def event(kind: EventKind, started_on: date, **more: Any) -> Event:
    """One clinical event."""
    return Event(0, "", kind, started_on, **more)


def progression(*sizes: Size, **more: Any) -> PatientTimeline:
    """One target with a size a visit, read at all of them, melanoma, LDH at its limit on the day of each visit."""
    count = len(sizes)
    usual = {
        "judgements": tuple(said(visit) for visit in range(1, count + 1)),
        "labs": tuple(lab(on(visit)) for visit in range(1, count + 1)),
        "tumour": Tumour.MELANOMA,
    }
    return replace(followed(sizes), **{**usual, **more})


def with_new_lesion(timeline: PatientTimeline, visit: int) -> PatientTimeline:
    """The same with a new liver lesion outlined from a visit on, and told at it."""
    later = [seen for seen in timeline.timepoints if seen.pk >= visit]
    new = track(9, [observation(seen.pk, seen.first_on, 12.0) for seen in later], role=LesionRole.NEW)
    words = tuple(
        replace(one, new=NewDisease.YES if one.timepoint_pk == visit else one.new) for one in timeline.judgements
    )
    return replace(timeline, tracks=(*timeline.tracks, new), judgements=words)


SCALED = {"RescaleSlope": 1.0, "RescaleIntercept": -1024.0, "RescaleType": "HU", "KVP": 120.0}
SOFT = {**SCALED, "Manufacturer": "GE MEDICAL SYSTEMS", "ConvolutionKernel": "STANDARD"}
# Beside any other scan: texture not comparable, and nothing comparable.
SHARP, UNSCALED = {**SOFT, "ConvolutionKernel": "BONE"}, {**SOFT, "RescaleType": "OD"}


def scanned(timeline: PatientTimeline, unlike: Mapping[int, Mapping[str, Any]]) -> PatientTimeline:
    """The same with the tags of its scans, all alike but those of the visits in `unlike`."""
    visits = [
        replace(
            seen,
            scans=tuple(
                replace(scan, pk=seen.pk, facts={"kind": "dicom", "acquisition": unlike.get(seen.pk, SOFT)})
                for scan in seen.scans
            ),
        )
        for seen in timeline.timepoints
    ]
    return replace(timeline, timepoints=tuple(visits))


def scores(timeline: PatientTimeline) -> Sequence[EpisodeScore]:
    """Every score of a patient."""
    return conclude(timeline).scores


def score_at(timeline: PatientTimeline, visit: int) -> EpisodeScore:
    """The score of one visit."""
    return next(one for one in scores(timeline) if one.timepoint_pk == visit)


GROWN = progression(50.0, 65.0)
