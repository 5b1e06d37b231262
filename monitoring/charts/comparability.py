"""Where the scanner got in between: hollow scans, dashed lines where the acquisition changed, accepted pairs."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from monitoring.charts import theme
from monitoring.charts.lanes import Lane, marks
from monitoring.charts.theme import Json
from monitoring.charts.time_axis import TimeAxis
from patients.concluded.trust_findings import RuleHit
from patients.concluded.trusted import LesionComparison
from patients.timeline import PatientTimeline
from patients.vocabulary import Reference
from patients.words.trust_words import Comparability
from patients.written_dates import day

# What is about the outline or the calendar is no change of the acquisition.
NOT_ACQUIRED = frozenset({"SEGMENTATION", "PROFILE", "OUTSIDE_RANGE", "INTERVAL"})
CHANGED, ACCEPTED = "Scan differs", "Accepted"
ROW_PX = 24


@dataclass(frozen=True, slots=True)
class Note:
    """Something at one date, with the lines of its card."""

    on: date
    lines: tuple[str, ...]
    letters: str = ""


@dataclass(frozen=True, slots=True)
class PairMarks:
    """What the chart says of the pairs of scans behind its numbers.

    `unlike`: scans whose texture is not comparable with baseline. `by_visit`: of each visit, its pair against
    baseline in words. `apart`: lesions with the scans to which no line of texture may lead,
    `sizes_apart` none of sizes.
    `changes`: visits whose acquisition differs from the visit before. `accepted`: words in force.
    """

    unlike: frozenset[int] = frozenset()
    by_visit: Mapping[int, str] = field(default_factory=dict)
    apart: frozenset[tuple[int, int]] = frozenset()
    sizes_apart: frozenset[tuple[int, int]] = frozenset()
    changes: tuple[Note, ...] = ()
    accepted: tuple[Note, ...] = ()

    @classmethod
    def of(cls, timeline: PatientTimeline, comparisons: Sequence[LesionComparison]) -> "PairMarks":
        """The marks of one patient's comparisons, as far as the shown baseline is theirs."""
        baseline = timeline.baseline
        days = {scan.pk: scan.acquired_on for visit in timeline.timepoints for scan in visit.scans}
        known = [one for one in comparisons if one.now_scan_pk in days and one.then_scan_pk in days]
        first = [
            one
            for one in known
            if one.reference is Reference.BASELINE and baseline and one.then_timepoint_pk == baseline.pk
        ]
        worst = {one.timepoint_pk: one for one in sorted(first, key=lambda one: one.found.level.severity)}
        return cls(
            frozenset(one.now_scan_pk for one in first if one.found.level.hides_texture),
            {pk: _against_baseline(one) for pk, one in worst.items()},
            lesions_apart(known),
            frozenset((one.lesion_pk, one.now_scan_pk) for one in known if is_size_apart(one)),
            tuple(_changes(known, days)),
            tuple(_accepted(known, days)),
        )


def lesions_apart(comparisons: Sequence[LesionComparison]) -> frozenset[tuple[int, int]]:
    """Lesions with the scans whose texture may not be compared with the scan before, and nobody has accepted it."""
    before = (one for one in comparisons if one.reference is Reference.PREVIOUS and one.hides_texture)
    return frozenset((one.lesion_pk, one.now_scan_pk) for one in before)


def is_size_apart(one: LesionComparison) -> bool:
    """Whether no line of sizes may lead to this scan from the one before it."""
    return one.reference is Reference.PREVIOUS and one.hides_size


def _against_baseline(one: LesionComparison) -> str:
    level = one.found.level
    told = "" if level is Comparability.OK else f": {one.found.sentence}"
    return f"against baseline: {level.label.lower()}{told}"


def _changes(comparisons: Sequence[LesionComparison], days: Mapping[int, date]) -> Iterator[Note]:
    """One note a day on which a scan differs from the one before it by enough to compare with care."""
    hits: dict[tuple[date, date], dict[str, RuleHit]] = defaultdict(dict)
    for one in comparisons:
        if one.reference is Reference.PREVIOUS:
            seen = hits[days[one.now_scan_pk], days[one.then_scan_pk]]
            seen |= {hit.sentence: hit for hit in one.found.hits if _is_change(hit)}
    for (on, before), found in sorted(hits.items()):
        if any(hit.level.severity >= Comparability.WARN.severity for hit in found.values()):
            yield Note(on, (f"{day(on)}, against {day(before)}", *(hit.sentence for hit in found.values())))


def _is_change(hit: RuleHit) -> bool:
    return not hit.is_silent and hit.code not in NOT_ACQUIRED


def _accepted(comparisons: Sequence[LesionComparison], days: Mapping[int, date]) -> Iterator[Note]:
    """One note for each word in force, at the later of its two scans."""
    words = {one.accepted.pk: (one.accepted, one) for one in comparisons if one.accepted is not None}
    for word, one in words.values():
        on, then_on = days[one.now_scan_pk], days[one.then_scan_pk]
        lines = (
            f"{day(on)}, against {day(then_on)}",
            f"Texture accepted by {word.by} on {day(word.at.date())}",
            word.reason,
        )
        yield Note(on, lines, word.by)


def pairs_lane(found: PairMarks, axis: TimeAxis) -> Lane | None:
    """A row of changes and one of words that accept them; None where there are neither."""
    rows = {name: notes for name, notes in ((CHANGED, found.changes), (ACCEPTED, found.accepted)) if notes}
    if not rows:
        return None
    traces, notes = [], []
    for row, (name, kept) in enumerate(rows.items()):
        trace = marks([axis.place(note.on) for note in kept], [-row] * len(kept), name)
        look = ("triangle-up-open", theme.WORSE) if name == CHANGED else ("star-diamond", theme.INK)
        trace["marker"] = {"symbol": look[0], "size": 11, "color": look[1], "line": {"width": 2}}
        trace["customdata"] = [{"card": _key(name, place)} for place, _ in enumerate(kept)]
        traces.append(trace)
        notes += [_letters(note, -row, axis) for note in _apart(kept) if note.letters]
    labels = {-row: name for row, name in enumerate(rows)}
    return Lane(ROW_PX * len(rows), "", 0.5 - len(rows), 0.5, traces, notes=notes, rows=labels)


def _apart(notes: Sequence[Note]) -> list[Note]:
    """Of several words at one date, one: the letters would lie on each other."""
    by_day: dict[date, list[Note]] = defaultdict(list)
    for note in notes:
        by_day[note.on].append(note)
    return [
        Note(on, (), ", ".join(dict.fromkeys(note.letters for note in here if note.letters)))
        for on, here in by_day.items()
    ]


def _letters(note: Note, row: int, axis: TimeAxis) -> Json:
    look = {"xanchor": "left", "xshift": 9, "font": {"color": theme.SOFT, "size": 11}}
    return {"x": axis.place(note.on), "y": row, "text": theme.plain_text(note.letters), **look}


def pair_cards(found: PairMarks) -> dict[str, str]:
    """The hover card of each mark; words of one day are told together, as they lie on each other."""
    cards = {}
    for name, notes in ((CHANGED, found.changes), (ACCEPTED, found.accepted)):
        for place, note in enumerate(notes):
            here = [line for other in notes if other.on == note.on for line in other.lines]
            cards[_key(name, place)] = "<br>".join(map(theme.plain_text, folded(here)))
    return cards


def folded(lines: Sequence[str], width: int = 80) -> Iterator[str]:
    """Lines no wider than a card, each once.

    >>> list(folded(["another kernel", "", "another kernel"], width=10))
    ['another', 'kernel']
    """
    for line in dict.fromkeys(lines):
        words, kept = line.split(), ""
        for word in words:
            if kept and len(kept) + len(word) >= width:
                yield kept
                kept = ""
            kept = f"{kept} {word}".strip()
        if kept:
            yield kept


def _key(name: str, place: int) -> str:
    return f"{name}-{place}"


def change_lines(found: PairMarks, axis: TimeAxis, spans: Sequence[tuple[float, float]] = ((0.0, 1.0),)) -> list[Json]:
    """A dashed line through all lanes at each change of the acquisition; `spans` leave out what holds letters."""
    line = {"color": theme.WORSE, "width": 1, "dash": "dash"}
    return [
        {
            "type": "line",
            "xref": "x",
            "yref": "paper",
            "x0": axis.place(note.on),
            "x1": axis.place(note.on),
            "y0": low,
            "y1": high,
            "line": line,
            "layer": "below",
        }
        for note in found.changes
        for low, high in spans
    ]
