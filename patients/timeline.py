"""What was seen of one patient, in order: frozen objects, no Django.

Findings are derived from these and from nothing else, so equal timelines give equal findings.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from patients.concluded.trusted import PairAccepted
from patients.judged import Judgement
from patients.labs.seen import Event, Lab
from patients.vocabulary import Absence, DrugClass, LesionRole, Modality, Organ, Tumour
from patients.words.reading_words import (
    LocalTherapy,
    NewLesionKind,
)
from patients.words.regions import Region


@dataclass(frozen=True, slots=True)
class Course:
    """One line of therapy; `started_on` is day zero."""

    pk: int
    name: str
    drug_class: DrugClass
    started_on: date
    stopped_on: date | None = None
    randomised_on: date | None = None
    holds: tuple[tuple[date, date | None], ...] = ()


@dataclass(frozen=True, slots=True)
class ScanSeen:
    """One accepted series of a visit; `facts` as intake kept them, where they were asked for."""

    pk: int
    code: str
    modality: Modality
    acquired_on: date
    unit: str
    description: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Timepoint:
    """One visit at which disease is judged, with every scan of it.

    A visit that was measured elsewhere has no scan but a date, `judged_on`.
    """

    pk: int
    scans: tuple[ScanSeen, ...]
    judged_on: date | None = None

    @property
    def dates(self) -> tuple[date, ...]:
        """The dates of its scans, or the one date of a visit without scans; never empty."""
        return tuple(scan.acquired_on for scan in self.scans) or ((self.judged_on,) if self.judged_on else ())

    @property
    def first_on(self) -> date:
        """Date of the first scan of the visit."""
        return min(self.dates)

    @property
    def last_on(self) -> date:
        """Date of the last scan of the visit."""
        return max(self.dates)


@dataclass(frozen=True, slots=True)
class Sizes:
    """The size of one outline (millimetres and millilitres), by methods of RECIST 1.1 on its mask.

    `absence` is set where a size may not enter a sum (an outline in several parts, an empty one).
    """

    longest_diameter_mm: float
    short_axis_mm: float
    volume_ml: float
    absence: Absence | None = None


@dataclass(frozen=True, slots=True)
class Features:
    """One snapshot: values in the order of its feature set, None where `reasons` says why."""

    snapshot_pk: int
    feature_set_pk: int
    profile_digest: str
    build_digest: str
    names: tuple[str, ...]
    values: tuple[float | None, ...]
    reasons: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Observation:
    """One lesion on one scan: its size and features, or the typed reason why not. `rings`: features around it."""

    timepoint_pk: int
    scan_pk: int
    observed_on: date
    modality: Modality
    segmentation_pk: int | None = None
    segmentation_code: str = ""
    sizes: Sizes | None = None
    features: Features | None = None
    absence: Absence | None = None
    texture_voxels: int | None = None
    slice_mm: float | None = None
    rings: tuple[tuple[Region, Features], ...] = ()
    method: str = ""
    annotator: str = ""
    outside_ratio: float | None = None


@dataclass(frozen=True, slots=True)
class LesionTrack:
    """A lesion's observations, in the order of their dates; of one day, thinner slices later, then by the images."""

    lesion_pk: int
    code: str
    tracking_id: str
    organ: Organ
    is_node: bool
    role: LesionRole
    observations: tuple[Observation, ...]
    new_kind: NewLesionKind | None = None
    local_therapy: LocalTherapy | None = None
    local_therapy_on: date | None = None

    @property
    def usual_modality(self) -> Modality | None:
        """The modality the lesion was first measured on: CT or MR where there is one, else PET."""
        sized = [seen.modality for seen in self.observations if seen.sizes is not None]
        return next((modality for modality in sized if modality is not Modality.PT), sized[0] if sized else None)

    def at(self, timepoint_pk: int, until: date | None = None) -> Observation | None:
        """The observation that counts at one visit: the last outlined one, else the last of any kind.

        Where a visit has outlines on several kinds of scan, one of the usual modality counts, then CT or MR
        before PET: sizes are followed on the same kind of scan. `until`: where there are outlines of this day or
        before, later ones do not count.
        """
        here = [seen for seen in self.observations if seen.timepoint_pk == timepoint_pk]
        sized = [seen for seen in here if seen.sizes is not None]
        if not sized:
            return here[-1] if here else None
        sized = [seen for seen in sized if until is None or seen.observed_on <= until] or sized
        usual = self.usual_modality
        # max() keeps the first of equals, so the latest goes first.
        return max(reversed(sized), key=lambda seen: (seen.modality is usual, seen.modality is not Modality.PT))


@dataclass(frozen=True, slots=True)
class PatientTimeline:
    """All that was seen of one patient.

    `timepoints` stand in the order of their dates. `waiting_outlines` counts outlines that no lesion is linked
    to yet: they are in no sum. `judgements`: the signed readings in force. `labs` and `events`: those in force.
    """

    patient_pk: int
    pseudonym: str
    courses: tuple[Course, ...]
    timepoints: tuple[Timepoint, ...]
    tracks: tuple[LesionTrack, ...]
    waiting_outlines: int = 0
    waiting_by_timepoint: tuple[tuple[int, int], ...] = ()
    judgements: tuple[Judgement, ...] = ()
    tumour: Tumour = Tumour.UNKNOWN
    labs: tuple[Lab, ...] = ()
    events: tuple[Event, ...] = ()
    acceptances: tuple[PairAccepted, ...] = ()

    @property
    def current_course(self) -> Course | None:
        """The course that started last; radiotherapy only where there is nothing else.

        A bone irradiated while a drug goes on begins no new line of therapy, and must not move the baseline. Nor
        must a course that starts after the last visit, while there is another: nothing was seen under it yet.
        """
        begun = [course for course in self.courses if course not in self._after_last_visit] or self.courses
        drugs = [course for course in begun if course.drug_class is not DrugClass.RADIOTHERAPY]
        return max(drugs or begun, key=lambda course: (course.started_on, course.pk), default=None)

    @property
    def lines(self) -> tuple[Course, ...]:
        """The lines of therapy in order: radiotherapy is one only where there is no other."""
        drugs = [course for course in self.courses if course.drug_class is not DrugClass.RADIOTHERAPY]
        return tuple(sorted(drugs or self.courses, key=lambda course: (course.started_on, course.pk)))

    def alone(self, line: Course) -> "PatientTimeline":
        """The timeline with one line of therapy alone, and the visits until the next one starts.

        What follows is measured against a new baseline.
        """
        after = self.lines[self.lines.index(line) + 1 :]
        visits = tuple(visit for visit in self.timepoints if not after or visit.first_on <= after[0].started_on)
        return replace(self, courses=(line,), timepoints=visits)

    @property
    def planned_courses(self) -> tuple[Course, ...]:
        """The courses after the current one that start after the last visit."""
        return tuple(course for course in self._after_last_visit if course is not self.current_course)

    @property
    def _after_last_visit(self) -> tuple[Course, ...]:
        last_on = max((visit.last_on for visit in self.timepoints), default=None)
        return tuple(course for course in self.courses if last_on and course.started_on > last_on)

    @property
    def baseline(self) -> Timepoint | None:
        """The last visit on or before the start of the current course, else the first visit."""
        course = self.current_course
        if not self.timepoints:
            return None
        before = [t for t in self.timepoints if course and t.first_on <= course.started_on]
        return before[-1] if before else self.timepoints[0]

    @property
    def baseline_is_before_treatment(self) -> bool:
        """Whether the baseline scans were taken on or before day zero of a known course."""
        course, baseline = self.current_course, self.baseline
        return bool(course and baseline and baseline.first_on <= course.started_on)

    def at(self, track: LesionTrack, timepoint: Timepoint) -> Observation | None:
        """The observation of a lesion that counts at one visit; at baseline, one from before treatment.

        Where a lesion was outlined at baseline only after treatment began, that outline counts all the same.
        """
        return track.at(timepoint.pk, self.counts_until(timepoint))

    def counts_until(self, timepoint: Timepoint) -> date | None:
        """The last day whose scans count at a visit, the start of treatment at baseline; None where all do."""
        course, baseline = self.current_course, self.baseline
        is_baseline = baseline is not None and timepoint.pk == baseline.pk
        return course.started_on if course and is_baseline and self.baseline_is_before_treatment else None

    @property
    def targets(self) -> tuple[LesionTrack, ...]:
        """The target lesions."""
        return tuple(track for track in self.tracks if track.role is LesionRole.TARGET)

    def since_baseline(self) -> Iterator[Timepoint]:
        """The baseline and every later visit."""
        baseline = self.baseline
        for timepoint in self.timepoints:
            if baseline and timepoint.first_on >= baseline.first_on:
                yield timepoint
