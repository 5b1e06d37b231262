"""The response table: lesions by dates as they were read, their sums, and what was called. No queries, no Django."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from monitoring.charts.response.calls import CourseCalls
from patients.findings import Response, UnconfirmedProgression
from patients.judged import Judgement, LesionJudged
from patients.timeline import LesionTrack, Observation, Timepoint
from patients.vocabulary import LesionRole, ResponseCategory
from patients.words.reading_words import NewDisease, NonTarget, SizeState
from patients.written_dates import days

TOO_SMALL_MM = 5.0
THERE = (NonTarget.NCNP, NonTarget.PD)
SEEN = (NewDisease.YES, NewDisease.EQUIVOCAL)


@dataclass(frozen=True, slots=True)
class ReadCell:
    """One lesion at one visit.

    `size_mm` is what enters a sum; `is_open` where nobody measured it (too small to measure counts 5 mm).
    `words` say how the lesion was found, or why there is no size. `typed_mm` stands where a reader gave another
    size than the outline, which is `outline_mm`, with the reader's reason in `why`.
    """

    size_mm: float | None
    words: str = ""
    is_open: bool = False
    typed_mm: float | None = None
    outline_mm: float | None = None
    why: str = ""
    reader: str = ""
    outline_code: str = ""


@dataclass(frozen=True, slots=True)
class ReadRow:
    """One lesion with its cells in the order of the visits."""

    track: LesionTrack
    cells: tuple[ReadCell, ...]


@dataclass(frozen=True, slots=True)
class ReadVisit:
    """One column: a visit with its sums and both calls.

    Changes are fractions against the baseline sum and the nadir before this visit. `is_hidden`: others have
    assessed it and the viewer has not. `non_target` and `new_lesions` in words. `after_progression`: the day of
    the progression after which the RECIST 1.1 call does not count. `counts_from`: the day that counts as the
    iRECIST progression where this visit showed it and an earlier one had a first sighting. `window`: the
    unconfirmed progression that this visit opened, with the days between which to confirm it.
    """

    timepoint_pk: int
    number: int
    when: str
    is_baseline: bool
    is_read: bool
    is_hidden: bool
    reader: str
    sums: Response | None
    overall: Response | None
    immune: Response | None
    from_baseline_ratio: Decimal | None
    over_nadir_ratio: Decimal | None
    over_nadir_mm: Decimal | None
    non_target: str
    new_lesions: str
    after_progression: date | None = None
    counts_from: date | None = None
    window: UnconfirmedProgression | None = None

    @property
    def has_partial_sum(self) -> bool:
        """Whether the targets with a size have a sum, but not all have one."""
        return self.sums is not None and self.sums.sum_mm is None and bool(self.sums.partial_sum_mm)


@dataclass(frozen=True, slots=True)
class ResponseTable:
    """Visits from the baseline on as columns, lesions as rows: targets, then non-targets, then new ones."""

    visits: tuple[ReadVisit, ...]
    rows: tuple[ReadRow, ...]

    @property
    def explained(self) -> tuple[ReadVisit, ...]:
        """The visits that have calls to explain."""
        return tuple(visit for visit in self.visits if visit.overall and visit.is_read)


def response_table(calls: CourseCalls) -> ResponseTable:
    """The table of one line of therapy."""
    numbers = {visit.pk: number for number, visit in enumerate(calls.timeline.timepoints, start=1)}
    visits = list(calls.timeline.since_baseline())
    roles = _roles(calls)
    order = list(LesionRole)
    tracks = sorted(calls.timeline.tracks, key=lambda t: (order.index(roles[t.lesion_pk]), t.tracking_id))
    rows = (ReadRow(track, tuple(_cell(calls, track, visit) for visit in visits)) for track in tracks)
    return ResponseTable(tuple(_visit(calls, visit, numbers[visit.pk]) for visit in visits), tuple(rows))


def _roles(calls: CourseCalls) -> dict[int, LesionRole]:
    """How each lesion is followed: as the reader chose at baseline, else as it is filed."""
    baseline = calls.timeline.baseline
    said = calls.judgements.get(baseline.pk) if baseline else None
    chosen = {one.lesion_pk: one.role for one in (said.lesions if said else ()) if one.role}
    return {track.lesion_pk: chosen.get(track.lesion_pk) or track.role for track in calls.timeline.tracks}


def _visit(calls: CourseCalls, visit: Timepoint, number: int) -> ReadVisit:
    sums, overall = calls.sums.get(visit.pk), calls.overall.get(visit.pk)
    shown = overall if overall and overall.sum_mm is not None else sums
    said = calls.judgements.get(visit.pk)
    is_later = shown is not None and shown.category is not ResponseCategory.BASELINE
    total, nadir = (shown.sum_mm, shown.nadir_sum_mm) if shown and is_later else (None, None)
    return ReadVisit(
        timepoint_pk=visit.pk,
        number=number,
        when=days(visit.first_on, visit.last_on),
        is_baseline=visit is calls.timeline.baseline,
        is_read=said is not None,
        is_hidden=visit.pk in calls.blinding.hidden,
        reader=said.reader_name if said else "",
        sums=sums or overall,
        overall=overall,
        immune=calls.immune.get(visit.pk),
        from_baseline_ratio=ratio(total, shown.baseline_sum_mm if shown else None),
        over_nadir_ratio=ratio(total, nadir),
        over_nadir_mm=None if total is None or nadir is None else total - nadir,
        non_target=said.non_target.label if said else "",
        new_lesions=_new(calls, said) if said else "",
        after_progression=calls.progressed_before(visit),
        counts_from=_counts_from(calls, visit),
        window=_window(calls, visit),
    )


def _window(calls: CourseCalls, visit: Timepoint) -> UnconfirmedProgression | None:
    """The unconfirmed progression that this visit opened, if it did (iRECIST)."""
    found = calls.immune.get(visit.pk)
    return next((block for block in calls.blocks if found and block.opened_on == found.assessed_on), None)


def _counts_from(calls: CourseCalls, visit: Timepoint) -> date | None:
    """The earlier day from which the progression counts that this visit opened (iRECIST)."""
    found, on = calls.immune.get(visit.pk), calls.summary.immune_progressed_on if calls.summary else None
    event = next((block for block in calls.blocks if block.outcome != "RESET"), None)
    if found is None or on is None or event is None or event.opened_on != found.assessed_on:
        return None
    return on if on < visit.first_on else None


def ratio(now: Decimal | None, then: Decimal | None) -> Decimal | None:
    """The change from one sum to another as a fraction."""
    return (now - then) / then if now is not None and then else None


def _new(calls: CourseCalls, said: Judgement) -> str:
    """What was said of new lesions, with the names of those that are there."""
    tracks = {track.lesion_pk: track for track in calls.timeline.tracks if track.role is LesionRole.NEW}
    gone = (SizeState.ABSENT, SizeState.NOT_EVALUABLE)
    names = [
        tracks[one.lesion_pk].tracking_id for one in said.lesions if one.lesion_pk in tracks and one.state not in gone
    ]
    words = f"{said.new.label}: {', '.join(names)}" if names and said.new in SEEN else said.new.label
    if said.equivocal_resolved:
        return f"{words}; the earlier equivocal finding is resolved"
    if said.confirms_equivocal:
        return f"{words}; the earlier equivocal finding is confirmed as tumour"
    return f"Still there: {', '.join(names)}" if names and said.new is NewDisease.NO else words


def _cell(calls: CourseCalls, track: LesionTrack, visit: Timepoint) -> ReadCell:
    seen = calls.timeline.at(track, visit)
    code = seen.segmentation_code if seen else ""
    outline_mm, absence = _outline(track, seen)
    if track.local_therapy_on is not None and visit.last_on >= track.local_therapy_on and track.local_therapy:
        words = f"after {track.local_therapy.label.lower()}"
        return ReadCell(None, words, outline_mm=outline_mm, outline_code=code)
    judgement = calls.judgements.get(visit.pk)
    said = judgement.of(track.lesion_pk) if judgement else None
    if judgement is not None and said is None and seen is None and _is_there(calls, track, visit, judgement):
        return ReadCell(None, "present")
    if judgement is None or said is None:
        return ReadCell(outline_mm, "" if outline_mm is not None else absence, outline_code=code)
    return _said(calls.timeline.tracks, said, judgement.reader_name, outline_mm, code)


def _is_there(calls: CourseCalls, track: LesionTrack, visit: Timepoint, judgement: Judgement) -> bool:
    """Whether the baseline reading says that non-target disease is there, of which this lesion is a part."""
    is_followed = track.role is LesionRole.NON_TARGET and visit is calls.timeline.baseline
    return is_followed and judgement.non_target in THERE


def _outline(track: LesionTrack, seen: Observation | None) -> tuple[float | None, str]:
    """The size of the outline that counts, or why there is none."""
    if seen is None:
        return None, "–"
    if seen.sizes is None or seen.sizes.absence:
        absence = (seen.sizes and seen.sizes.absence) or seen.absence
        return None, absence.label if absence else "–"
    return (seen.sizes.short_axis_mm if track.is_node else seen.sizes.longest_diameter_mm), ""


def _said(
    tracks: Sequence[LesionTrack], said: LesionJudged, reader: str, outline_mm: float | None, code: str
) -> ReadCell:
    """A lesion as its reader found it."""
    if said.state is SizeState.MEASURED:
        if said.diameter_mm is None:
            return ReadCell(outline_mm, "" if outline_mm is not None else "no size", outline_code=code)
        return ReadCell(
            said.diameter_mm,
            typed_mm=said.diameter_mm,
            outline_mm=outline_mm,
            why=said.diameter_why,
            reader=reader,
            outline_code=code,
        )
    names = {track.lesion_pk: track.tracking_id for track in tracks}
    parts = " + ".join(f"{part:.1f}" for part in said.parts_mm)
    words = {
        SizeState.TOO_SMALL: f"too small to measure ({TOO_SMALL_MM:.0f} mm)",
        SizeState.ABSENT: "gone",
        SizeState.PRESENT: "present, not measured",
        SizeState.SPLIT: f"split: {parts}" if parts else "split",
        SizeState.MERGED: f"merged into {names.get(said.merged_into_pk or 0, 'another lesion')}",
        SizeState.NOT_EVALUABLE: f"NE: {said.why}" if said.why else "NE",
    }[said.state]
    sizes = {SizeState.TOO_SMALL: TOO_SMALL_MM, SizeState.ABSENT: 0.0, SizeState.MERGED: 0.0}
    size_mm = sum(said.parts_mm) if said.parts_mm else sizes.get(said.state)
    is_open = said.state is SizeState.TOO_SMALL
    return ReadCell(size_mm, words, is_open, outline_mm=outline_mm, why=said.diameter_why, outline_code=code)
