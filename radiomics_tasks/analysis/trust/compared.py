"""The pair of scans behind every comparison of a lesion: may they be compared, and has somebody accepted it."""

from collections.abc import Sequence

from patients.concluded.trust_findings import PairComparability
from patients.concluded.trusted import LesionComparison, PairAccepted
from patients.timeline import LesionTrack, Observation, PatientTimeline, ScanSeen, Timepoint
from patients.words.trust_words import Comparability
from radiomics_tasks.analysis.change.followed import Pairing
from radiomics_tasks.analysis.trust.comparability.gate import pair_comparability
from radiomics_tasks.analysis.trust.comparability.rules import AcquisitionRules
from radiomics_tasks.analysis.trust.comparability.scan_facts import OutlineFacts, Probes, ScanFacts

Judged = tuple[PairComparability, PairAccepted | None]


class PairReader:
    """The comparability of pairs of one patient's scans; a pair seen through equal outlines is read once."""

    def __init__(self, timeline: PatientTimeline, rules: AcquisitionRules) -> None:
        self._rules = rules
        self._scans = {scan.pk: scan for visit in timeline.timepoints for scan in visit.scans}
        self._accepted = timeline.acceptances
        self._facts: dict[int, ScanFacts] = {}
        self._read: dict[tuple[int, OutlineFacts, int, OutlineFacts], PairComparability] = {}

    def compared(self, pairing: Pairing) -> LesionComparison:
        """One comparison with its pair of scans."""
        then, now = pairing.then.observation, pairing.now.observation
        found, accepted = self.between(pairing.track, then, now)
        return LesionComparison(
            lesion_pk=pairing.track.lesion_pk,
            timepoint_pk=pairing.now.timepoint_pk,
            reference=pairing.reference,
            then_timepoint_pk=pairing.then.timepoint_pk,
            then_scan_pk=then.scan_pk,
            now_scan_pk=now.scan_pk,
            interval_days=pairing.interval_days,
            found=found,
            accepted=accepted,
        )

    def between(self, track: LesionTrack, then: Observation, now: Observation) -> Judged:
        """Any two observations of a lesion: how far they may be compared, and the word that lets texture be."""
        found = self._pair(track, then, now)
        return found, accepted_pair(self._accepted, then.scan_pk, now.scan_pk, found)

    def of_targets(self, line: PatientTimeline, then: Timepoint, now: Timepoint) -> list[Judged]:
        """The pairs behind a change of the target sum: of each target, the observations that count at two visits."""
        seen = [(track, line.at(track, then), line.at(track, now)) for track in line.targets]
        return [self.between(track, one, two) for track, one, two in seen if one is not None and two is not None]

    def keeps_sums_apart(self, line: PatientTimeline, then: Timepoint, now: Timepoint) -> bool:
        """Whether the targets of two visits were measured on scans that are not comparable at all."""
        return any(found.level.hides_size for found, _ in self.of_targets(line, then, now))

    def _pair(self, track: LesionTrack, then: Observation, now: Observation) -> PairComparability:
        outlines = _outline(track, then), _outline(track, now)
        key = (then.scan_pk, outlines[0], now.scan_pk, outlines[1])
        if key not in self._read:
            earlier, later = self._scan(then).outlined(outlines[0]), self._scan(now).outlined(outlines[1])
            self._read[key] = pair_comparability(earlier, later, self._rules)
        return self._read[key]

    def _scan(self, seen: Observation) -> ScanFacts:
        if seen.scan_pk not in self._facts:
            scan = self._scans.get(seen.scan_pk)
            nothing = ScanFacts(kind="", modality=seen.modality, acquired_on=seen.observed_on)
            self._facts[seen.scan_pk] = nothing if scan is None else facts_of(scan)
        return self._facts[seen.scan_pk]


def facts_of(scan: ScanSeen) -> ScanFacts:
    """What is known of a filed scan, with what was measured in its image.

    Examples
    --------
    >>> from datetime import date
    >>> from patients.vocabulary import Modality
    >>> scan = ScanSeen(1, "", Modality.CT, date(2024, 1, 1), "HU", facts={"probes": {"aorta_hu": 160.0}})
    >>> facts_of(scan).probes.aorta_hu, facts_of(scan).probes.liver_hu
    (160.0, None)
    """
    probes = scan.facts.get("probes") or {}
    measured = Probes(probes.get("aorta_hu"), probes.get("liver_hu"), probes.get("liver_suv"))
    # Of a scan without any kept facts nothing is known, not even that it was DICOM.
    return ScanFacts.kept(scan.facts or {"kind": ""}, scan.modality, scan.acquired_on).probed(measured)


def _outline(track: LesionTrack, seen: Observation) -> OutlineFacts:
    return OutlineFacts(
        organ=track.organ,
        method=seen.method,
        annotator=seen.annotator,
        profile_digest=seen.features.profile_digest if seen.features else "",
        outside_ratio=seen.outside_ratio,
    )


def accepted_pair(
    accepted: Sequence[PairAccepted], then_scan_pk: int, now_scan_pk: int, found: PairComparability
) -> PairAccepted | None:
    """The word that lets texture of a blocked pair be compared: under these rules, for all that blocks it now.

    What is blocked as a whole nobody can accept, and what is not blocked needs no word.
    """
    if found.level is not Comparability.BLOCK_TEXTURE:
        return None
    blocking = {hit.code for hit in found.hits if hit.level is Comparability.BLOCK_TEXTURE}
    pair = {then_scan_pk, now_scan_pk}
    fitting = [
        one
        for one in accepted
        if {one.then_scan_pk, one.now_scan_pk} == pair
        and one.rules_digest == found.rules_digest
        and blocking <= set(one.codes)
    ]
    return max(fitting, key=lambda one: one.at, default=None)
