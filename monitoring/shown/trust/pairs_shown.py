"""The pairs of scans behind one lesion's comparisons, as a page shows them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Any

from monitoring.progress import is_moving
from patients.concluded.trusted import LesionComparison, PairAccepted
from patients.models import Lesion
from patients.timeline import LesionTrack, PatientTimeline, ScanSeen
from patients.vocabulary import Reference, RunState, Step
from patients.words.trust_words import Comparability
from radiomics_tasks.relay.standing import runs_for


@dataclass(frozen=True, slots=True)
class ShownPair:
    """Two scans of one lesion: every reference they stand for, and what was found of them.

    `shown` is a digest of everything that a person sees who accepts the pair.
    """

    comparison: LesionComparison
    references: tuple[Reference, ...]
    then_on: date | None
    now_on: date | None
    kind: str = ""

    @property
    def anchor(self) -> str:
        """Where on the lesion's page it stands."""
        return f"pair-{self.comparison.then_scan_pk}-{self.comparison.now_scan_pk}"

    @property
    def level(self) -> Comparability:
        """Its level."""
        return self.comparison.found.level

    @property
    def sentence(self) -> str:
        """What was found, in one sentence."""
        return self.comparison.found.sentence

    @property
    def unseen(self) -> str:
        """What neither tags nor probes could show."""
        return ", ".join(self.comparison.found.unseen)

    @property
    def accepted(self) -> PairAccepted | None:
        """The word in force that lets texture be compared all the same."""
        return self.comparison.accepted

    @property
    def may_be_accepted(self) -> bool:
        """Whether somebody's word would help: texture is blocked, and nobody has given it."""
        return self.level is Comparability.BLOCK_TEXTURE and self.accepted is None

    @property
    def against(self) -> str:
        """What it is compared with: baseline, previous and nadir, as far as they are this scan."""
        return ", ".join(reference.label for reference in self.references)

    @property
    def shown(self) -> str:
        """What blocks it, under which rules, as a digest."""
        return shown_digest(self.comparison)


def shown_digest(comparison: LesionComparison) -> str:
    """A digest of what blocks a pair and of the rules that found it."""
    found = comparison.found
    told = (found.rules_digest, found.level.value, *sorted(hit.sentence for hit in found.hits))
    return sha256("|".join(told).encode()).hexdigest()[:16]


class PairBook:
    """All pairs of one lesion, each once, in the order of the later scans; and the one behind each comparison."""

    def __init__(self, timeline: PatientTimeline, comparisons: Sequence[LesionComparison]) -> None:
        scans = {scan.pk: scan for visit in timeline.timepoints for scan in visit.scans}
        kinds = {scans[one.now_scan_pk].modality for one in comparisons if one.now_scan_pk in scans}
        by_scans: dict[tuple[int, int], ShownPair] = {}
        for one in comparisons:
            key = (one.then_scan_pk, one.now_scan_pk)
            known = by_scans.get(key) or _pair(one, scans, shows_kind=len(kinds) > 1)
            by_scans[key] = replace(known, references=(*known.references, one.reference))
        order = {pk: place for place, pk in enumerate(scans)}
        places = sorted(by_scans, key=lambda key: (order.get(key[1], 0), order.get(key[0], 0)))
        self.pairs = tuple(by_scans[key] for key in places)
        self._of = {
            (one.timepoint_pk, one.reference, one.now_scan_pk): by_scans[one.then_scan_pk, one.now_scan_pk]
            for one in comparisons
        }

    def at(self, timepoint_pk: int, reference: Reference, scan_pk: int | None) -> ShownPair | None:
        """The pair behind one comparison of what was seen on a scan."""
        return self._of.get((timepoint_pk, reference, scan_pk or 0))

    def stand_beside(self, timeline: PatientTimeline, track: LesionTrack, rows: Iterable[dict[str, Any]]) -> None:
        """Give each visit's row the pairs behind its changes, in the order of the references."""
        for visit, row in zip(timeline.timepoints, rows, strict=False):
            seen = timeline.at(track, visit)
            row["pairs"] = [self.at(visit.pk, reference, seen.scan_pk if seen else None) for reference in Reference]


def _pair(one: LesionComparison, scans: dict[int, ScanSeen], *, shows_kind: bool) -> ShownPair:
    then, now = scans.get(one.then_scan_pk), scans.get(one.now_scan_pk)
    kind = now.modality.label if now and shows_kind else ""
    return ShownPair(one, (), then.acquired_on if then else None, now.acquired_on if now else None, kind)


def pairs_context(lesion: Lesion, book: PairBook) -> dict[str, Any]:
    """What the panel of pairs needs: the pairs, and whether they are being concluded again; one query."""
    run = runs_for(Step.REASSESS, [lesion.patient_id]).get(lesion.patient_id)
    failed = run.reason if run is not None and run.state == RunState.FAILED else ""
    return {"pairs": book.pairs, "is_concluding": is_moving(run), "why_not_concluded": failed}


def against_baseline(timeline: PatientTimeline, comparisons: Sequence[LesionComparison]) -> dict[int, LesionComparison]:
    """By lesion, its latest comparison against the baseline that is shown; of one visit the worst."""
    order = {visit.pk: place for place, visit in enumerate(timeline.timepoints)}
    baseline = timeline.baseline
    found = [
        one
        for one in comparisons
        if one.reference is Reference.BASELINE and baseline is not None and one.then_timepoint_pk == baseline.pk
    ]
    found.sort(key=lambda one: (order.get(one.timepoint_pk, -1), one.found.level.severity))
    return {one.lesion_pk: one for one in found}


def visit_pairs(
    timeline: PatientTimeline, comparisons: Sequence[LesionComparison], visit_pk: int
) -> list[tuple[LesionComparison, list[str]]]:
    """The pairs of scans of one visit and baseline, each once, with the lesions that were compared on them."""
    names = {track.lesion_pk: track.tracking_id for track in timeline.tracks}
    here = [one for one in comparisons if one.reference is Reference.BASELINE and one.timepoint_pk == visit_pk]
    by_pair: dict[tuple[int, int, str], tuple[LesionComparison, list[str]]] = {}
    for one in sorted(here, key=lambda one: -one.found.level.severity):
        key = (one.then_scan_pk, one.now_scan_pk, one.found.sentence)
        by_pair.setdefault(key, (one, []))[1].append(names.get(one.lesion_pk, ""))
    return list(by_pair.values())
