"""The evidence of one unconfirmed progression, gathered from what was known at its visit and from nothing later."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from patients.concluded.change_findings import Band
from patients.concluded.trust_findings import Source
from patients.concluded.trusted import LesionComparison
from patients.findings import Response
from patients.judged import Judgement
from patients.labs.seen import Event
from patients.labs.words import EventKind, SymptomCause
from patients.timeline import Course, LesionTrack, PatientTimeline, Sizes, Timepoint
from patients.vocabulary import DrugClass, LesionRole, ResponseCategory
from patients.words.reading_words import ClinicalStatus, NewDisease
from patients.words.trust_words import Comparability, SourceKind
from patients.written_dates import day
from radiomics_tasks.analysis.change.growth import growth_per_month_of_diameters
from radiomics_tasks.analysis.change.noise.verdicts import SIZE_PANEL, BandReader
from radiomics_tasks.analysis.change.summed import growth_before, scan_before
from radiomics_tasks.analysis.trust.compared import Judged, PairReader
from radiomics_tasks.analysis.trust.pseudoprogression.blood import blood_doubts, blood_items
from radiomics_tasks.analysis.trust.pseudoprogression.evidence import (
    Evidence,
    ItemEvidence,
    first_assessment,
    growth_ratio,
    new_lesions,
    volume_ratio_of_sums,
    volume_x_se,
)

CHECKPOINT = frozenset({DrugClass.ANTI_PD1, DrugClass.ANTI_CTLA4, DrugClass.COMBINED_CHECKPOINT})
WITH_CTLA4 = frozenset({DrugClass.ANTI_CTLA4, DrugClass.COMBINED_CHECKPOINT})
RESPONDED = (ResponseCategory.IPR, ResponseCategory.ICR)


@dataclass(frozen=True, slots=True)
class KnownThen:
    """One visit as it was known on its day: the line of therapy up to it, what was called, and what compared.

    `targets` and `immune` are target and iRECIST responses of the visits of `line`, in order; `drivers` those of the
    open block. `comparisons` are of this visit, `pairs` judges any other two.
    """

    line: PatientTimeline
    visit: Timepoint
    judgement: Judgement | None
    targets: Sequence[Response]
    immune: Sequence[Response]
    drivers: tuple[str, ...]
    comparisons: Sequence[LesionComparison]
    reader: BandReader
    pairs: PairReader

    @property
    def on(self) -> date:
        """The date by which everything must be known."""
        return self.visit.last_on

    @property
    def course(self) -> Course | None:
        """The line of therapy."""
        return self.line.current_course


def gathered(known: KnownThen) -> Evidence:
    """Everything the score may look at, each item with where it came from."""
    earlier = [one.category for one in known.immune[:-1] if one.category in RESPONDED]
    judged = pairs_of_growth(known)
    level = _worst_level(judged)
    return Evidence(
        state=known.immune[-1].category if known.immune else None,
        is_on_checkpoint_inhibitor=_is_on(known.course, known.on),
        tumour=known.line.tumour.value,
        drivers=known.drivers,
        clinical=clinical_status(known),
        items=dict(_items(known)),
        earlier_response=earlier[-1] if earlier else None,
        comparability=level,
        warnings=tuple(_warnings(known, judged, level)),
    )


def _is_on(course: Course | None, on: date) -> bool:
    if course is None or course.drug_class not in CHECKPOINT:
        return False
    return course.started_on <= on and (course.stopped_on is None or on <= course.stopped_on)


def clinical_status(known: KnownThen) -> ClinicalStatus:
    """What the reading says; worse all the same where ECOG rose, or a symptom is put down to the tumour."""
    said = known.judgement.clinical_status if known.judgement else ClinicalStatus.UNKNOWN
    course = known.course
    if course is None:
        return said
    events = [event for event in known.line.events if event.started_on <= known.on]
    return ClinicalStatus.WORSE if _ecog_rose(events, course) or _has_symptom(events, course, known.on) else said


def _ecog_rose(events: Sequence[Event], course: Course) -> bool:
    grades = sorted((e.started_on, e.grade) for e in events if e.kind is EventKind.ECOG and e.grade is not None)
    before = [grade for on, grade in grades if on <= course.started_on]
    since = [grade for on, grade in grades if on > course.started_on]
    return bool(before and since and since[-1] > before[-1])


def _has_symptom(events: Sequence[Event], course: Course, on: date) -> bool:
    return any(
        event.kind is EventKind.SYMPTOM
        and event.detail is SymptomCause.TUMOUR
        and event.started_on > course.started_on
        and event.covers(on)
        for event in events
    )


def _items(known: KnownThen) -> Iterator[tuple[str, ItemEvidence]]:
    course = known.course
    if course is not None:
        weeks = (known.on - course.started_on).days / 7
        is_first = len(known.immune) == 1
        told = Source(f"{day(known.on)}, week {weeks:.0f} of {course.name}", *_of_visit(known))
        yield "first_assessment", ItemEvidence(first_assessment(weeks, is_first=is_first), sources=(told,))
        yield "anti_ctla4", ItemEvidence(float(course.drug_class in WITH_CTLA4), sources=(_of_course(course),))
    yield from _kinetics(known)
    yield from _new(known)
    yield from blood_items(known.line, known.on)


def _kinetics(known: KnownThen) -> Iterator[tuple[str, ItemEvidence]]:
    now = known.targets[-1] if known.targets else None
    earlier = [one for one in known.targets[:-1] if one.sum_mm]
    if now is None or now.timepoint_pk != known.visit.pk or not earlier:
        return
    nadir = min(earlier, key=lambda one: one.sum_mm or 0)
    volumes = _target_volumes(known.line, nadir.timepoint_pk), _target_volumes(known.line, known.visit.pk)
    dates = f"{day(nadir.assessed_on)} (smallest sum) and {day(now.assessed_on)}"
    if volumes[0] and volumes[1]:
        error = _volume_error(known, "volume_ml")
        told = f"{volumes[0]:.1f} and {volumes[1]:.1f} ml, all targets, {dates}"
        yield "volume_ratio", ItemEvidence(volumes[1] / volumes[0], x_se=error, sources=_of_targets(known, told))
    elif now.sum_mm and nadir.sum_mm:
        told = f"sums of {nadir.sum_mm:.1f} and {now.sum_mm:.1f} mm, volumes not known, {dates}"
        ratio = volume_ratio_of_sums(float(now.sum_mm), float(nadir.sum_mm))
        # A volume told from diameters has three times the noise of a diameter.
        error = 3 * _volume_error(known, "longest_diameter_mm")
        yield "volume_ratio", ItemEvidence(ratio, x_se=error, sources=_of_targets(known, told))
    yield from _pace(known, earlier[0], now)


def _pace(known: KnownThen, baseline: Response, now: Response) -> Iterator[tuple[str, ItemEvidence]]:
    """Growth on treatment beside growth before it: two pairs of visits, and both must be comparable."""
    before = growth_before(known.line)
    if before.value is None or not now.sum_mm or not baseline.sum_mm:
        return
    days = (now.assessed_on - baseline.assessed_on).days
    on = growth_per_month_of_diameters(float(baseline.sum_mm), float(now.sum_mm), days)
    ratio = None if on.value is None else growth_ratio(before.value, on.value)
    if on.value is None or ratio is None:
        return
    told = f"{100 * before.value:+.0f} % a month before treatment, {100 * on.value:+.0f} % on it"
    is_blocked = _is_pace_blocked(known, baseline)
    yield "tgr_ratio", ItemEvidence(ratio, sources=_of_targets(known, told), is_blocked=is_blocked)


def _is_pace_blocked(known: KnownThen, baseline: Response) -> bool:
    """Whether the scan before baseline and baseline, or baseline and this visit, are not comparable."""
    visits = {visit.pk: visit for visit in known.line.timepoints}
    at_baseline, before = visits[baseline.timepoint_pk], scan_before(known.line)
    sides = [(at_baseline, known.visit), *([(before, at_baseline)] if before else [])]
    return any(known.pairs.keeps_sums_apart(known.line, then, now) for then, now in sides)


def _of_visit(known: KnownThen) -> tuple[SourceKind, str]:
    return SourceKind.VISIT, str(known.visit.pk)


def _of_course(course: Course) -> Source:
    return Source(course.name, SourceKind.COURSE, str(course.pk))


def _of_targets(known: KnownThen, told: str) -> tuple[Source, ...]:
    """The numbers, which lead to the visit's pictures, and each target behind them."""
    return (Source(told, *_of_visit(known)), *(_of_lesion(track) for track in known.line.targets))


def _of_lesion(track: LesionTrack) -> Source:
    return Source(track.tracking_id, SourceKind.LESION, track.code)


def _sized_targets(line: PatientTimeline, visit_pk: int) -> list[tuple[LesionTrack, Sizes]] | None:
    """Every target with its size at a visit; None where one has none or may not enter a sum."""
    found = [(track, track.at(visit_pk)) for track in line.targets]
    sized = [(t, seen.sizes) for t, seen in found if seen and seen.sizes and seen.sizes.absence is None]
    return sized if sized and len(sized) == len(found) else None


def _target_volumes(line: PatientTimeline, visit_pk: int) -> float | None:
    sized = _sized_targets(line, visit_pk)
    return math.fsum(sizes.volume_ml for _, sizes in sized) if sized else None


def _volume_error(known: KnownThen, size: str) -> float:
    """Of the item, from the targets' widest band of a size; 0 where no repeatability is known.

    A short axis has no band of its own: that of the longest diameter stands for it.
    """
    place = SIZE_PANEL.index(size)
    found = []
    for track in known.line.targets:
        seen = track.at(known.visit.pk)
        if seen is not None and seen.sizes is not None:
            mm = seen.sizes.longest_diameter_mm
            band = known.reader.columns(SIZE_PANEL, seen.modality, "", (mm, mm)).bands[place]
            found += [band.within_sd] if isinstance(band, Band) else []
    return volume_x_se(max(found)) if found else 0.0


def _new(known: KnownThen) -> Iterator[tuple[str, ItemEvidence]]:
    said = known.judgement
    if said is None or said.new not in (NewDisease.NO, NewDisease.YES):
        return
    came = [track for track in known.line.tracks if _came_since_baseline(track, known.line)]
    new = came if said.new is NewDisease.YES else []
    organs = {track.organ for track in known.line.tracks if track not in came}
    count = max(len(new), 1) if said.new is NewDisease.YES else 0
    is_elsewhere = any(track.organ not in organs for track in new)
    sources = tuple(map(_of_lesion, new)) or (Source(f"Reading of {day(known.on)}", *_of_visit(known)),)
    yield "new_lesions", ItemEvidence(new_lesions(count, is_in_new_organ=is_elsewhere), sources=sources)


def _came_since_baseline(track: LesionTrack, line: PatientTimeline) -> bool:
    """What was new under an earlier line of therapy is there at the baseline of this one."""
    baseline = line.baseline
    before = {visit.pk for visit in line.timepoints if baseline and visit.first_on <= baseline.first_on}
    was_there = any(seen.timepoint_pk in before and seen.sizes is not None for seen in track.observations)
    return track.role is LesionRole.NEW and not was_there


def pairs_of_growth(known: KnownThen) -> list[Judged]:
    """The pairs behind the growth of the targets since their smallest sum; without one, those of their references."""
    earlier = [one for one in known.targets[:-1] if one.sum_mm]
    if not earlier:
        targets = {track.lesion_pk for track in known.line.targets}
        return [(one.found, one.accepted) for one in known.comparisons if one.lesion_pk in targets]
    nadir = min(earlier, key=lambda one: one.sum_mm or 0).timepoint_pk
    then = next(visit for visit in known.line.timepoints if visit.pk == nadir)
    return known.pairs.of_targets(known.line, then, known.visit)


def _worst_level(judged: Sequence[Judged]) -> Comparability:
    """The highest level; a pair that a named person accepted is not blocked."""
    levels = [Comparability.WARN if accepted else found.level for found, accepted in judged]
    return max(levels, key=lambda level: level.severity, default=Comparability.OK)


def _warnings(known: KnownThen, judged: Sequence[Judged], level: Comparability) -> Iterator[str]:
    if level is not Comparability.OK:
        yield max((found for found, _ in judged), key=lambda found: found.level.severity).sentence
    before = growth_before(known.line)
    if before.value is not None and before.value <= 0:
        yield "Not used: growth on treatment against growth before it. The targets did not grow before treatment."
    yield from blood_doubts(known.line, known.on)
