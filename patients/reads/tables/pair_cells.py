"""What an exported row says of its change from baseline: how much, may it be compared, who says so, is it noise."""

from collections.abc import Sequence

from patients.models import FeatureDelta, FeatureSnapshot, LesionPair, Segmentation
from patients.reads.tables.noise_cells import COLUMNS as NOISE_COLUMNS
from patients.reads.tables.noise_cells import NOT_JUDGED, NoiseCells
from patients.reads.trusting.trust import pair_of
from patients.vocabulary import Absence, Reference

COLUMNS = (
    "from_baseline",
    "from_baseline_reason",
    "engine_build_differs",
    "comparability",
    "comparability_says",
    "accepted_by",
    "accepted_at",
    "accepted_reason",
    "acquisition_rules",
    *NOISE_COLUMNS,
)
Cell = str | float | None
_SIDES = ("longest_diameter_mm", "volume_ml")
NO_PAIR: tuple[Cell, ...] = ("",) * 6


class BaselineCells:
    """The changes of a portion of outlines against baseline, their pairs of scans and their noise, in three queries."""

    def __init__(self, outlines: Sequence[Segmentation]) -> None:
        pairs = LesionPair.objects.filter(
            lesion__in={outline.lesion_id for outline in outlines},
            now_scan__in={outline.scan_id for outline in outlines},
            reference=Reference.BASELINE,
        ).select_related("acceptance__accepted_by")
        self._pairs = {(pair.lesion_id, pair.now_scan_id): pair for pair in pairs}
        snapshots = [snapshot.pk for outline in outlines for snapshot in outline.snapshots.all()]
        deltas = FeatureDelta.objects.filter(snapshot__in=snapshots, reference=Reference.BASELINE)
        self._noise = NoiseCells(outlines)
        self._deltas = {
            delta.snapshot_id: delta for delta in deltas.only("snapshot", "absolute", "reasons", "build_differs")
        }

    def of_size(self, outline: Segmentation, name: str) -> tuple[Cell, ...]:
        """The change of one size, the pair behind it, and its noise."""
        pair = self._pair(outline)
        return (*_size_change(pair, name), "", *_told(pair), *self._noise.of_size(outline, name, pair))

    def of_feature(self, outline: Segmentation, snapshot: FeatureSnapshot, place: int) -> tuple[Cell, ...]:
        """The change of one feature, the pair behind it, and its noise."""
        delta, pair = self._deltas.get(snapshot.pk), self._pair(outline)
        if delta is None:
            return (None, Absence.NO_REFERENCE.value, "", *_told(pair), *NOT_JUDGED)
        noise = self._noise.of_feature(outline, snapshot, place)
        reason = delta.reasons["absolute"][place] or ""
        return (delta.absolute[place], reason, "yes" if delta.build_differs else "no", *_told(pair), *noise)

    def _pair(self, outline: Segmentation) -> LesionPair | None:
        return self._pairs.get((outline.lesion_id or 0, outline.scan_id))


def _size_change(pair: LesionPair | None, name: str) -> tuple[Cell, Cell]:
    if pair is None:
        return None, Absence.NO_REFERENCE.value
    if name not in _SIDES:
        return None, Absence.NOT_COMPUTED.value
    then, now = getattr(pair, name)
    if then is not None and now is not None:
        return now - then, ""
    withheld = Absence.NOT_COMPARABLE if pair_of(pair.found).level.hides_size else Absence.VALUE_MISSING
    return None, withheld.value


def _told(pair: LesionPair | None) -> tuple[Cell, ...]:
    """Level and sentence, the acceptance where one is in force, and the rules that found it."""
    if pair is None:
        return NO_PAIR
    found, word = pair_of(pair.found), pair.acceptance
    accepted = (word.accepted_by.get_username(), word.accepted_at.isoformat(), word.reason) if word else ("", "", "")
    rules = f"{found.rules_id} {found.rules_version} {found.rules_digest}"
    return found.level.value, found.sentence, *accepted, rules
