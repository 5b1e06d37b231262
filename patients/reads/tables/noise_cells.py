"""What an exported row says of noise: the smallest change that can be measured, and what this change is called."""

import math
from collections import defaultdict
from collections.abc import Sequence

from patients.feature_names import FeatureName
from patients.models import ChangeNoise, FeatureSnapshot, LesionPair, Segmentation
from patients.noise_beside import NoiseBeside
from patients.vocabulary import Reference
from patients.words.noise_words import NoBand, NoiseSource, NoiseVerdict
from patients.words.regions import Region

COLUMNS = (
    "noise",
    "noise_says",
    "is_greyed",
    "mdc_of",
    "mdc",
    "mdc_upper",
    "mdc_held_against",
    "noise_source",
    "noise_p",
    "noise_q",
)
Cell = str | float | None
NOT_JUDGED: tuple[Cell, ...] = ("", "", "", "", None, None, None, "", None, None)
SHORT_AXIS: tuple[Cell, ...] = (NoiseVerdict.UNKNOWN.value, NoBand.SHORT_AXIS.label, "no", *NOT_JUDGED[3:])
# Where the sizes of a comparison stand in its arrays.
_SIZES = {"volume_ml": 0, "longest_diameter_mm": 1}


class NoiseCells:
    """The changes from baseline of a portion of outlines beside their noise, in one query.

    `mdc_of` is `ln` where the logarithm is compared: a change of the ratio by a factor of exp(mdc).
    """

    def __init__(self, outlines: Sequence[Segmentation]) -> None:
        rows = ChangeNoise.objects.filter(
            lesion__in={outline.lesion_id for outline in outlines},
            timepoint__in={outline.scan.timepoint_id for outline in outlines},
            reference=Reference.BASELINE,
        )
        self._rows: dict[tuple[int, int, int | None], list[ChangeNoise]] = defaultdict(list)
        for row in rows.order_by("order"):
            self._rows[row.lesion_id, row.timepoint_id, row.feature_set_id].append(row)

    def of_size(self, outline: Segmentation, name: str, pair: LesionPair | None) -> tuple[Cell, ...]:
        """One size; `pair` is the comparison its change stands for, of several at a visit that of its scan."""
        place = _SIZES.get(name)
        if pair is None:
            return NOT_JUDGED
        if place is None:
            return SHORT_AXIS
        then, now = getattr(pair, name)
        if not then or not now:
            return NOT_JUDGED
        for row in self._of(outline, None):
            change = row.change[place]
            if change is not None and math.isclose(change, math.log(now / then), rel_tol=1e-9, abs_tol=1e-9):
                return _cells(row, place, "mL" if name == "volume_ml" else "mm")
        return NOT_JUDGED

    def of_feature(self, outline: Segmentation, snapshot: FeatureSnapshot, place: int) -> tuple[Cell, ...]:
        """One feature of a lesion whose snapshot was compared; rings have no bands of their own."""
        rows = self._of(outline, snapshot.feature_set_id)
        if snapshot.region != Region.LESION or not rows:
            return NOT_JUDGED
        unit = FeatureName.parse(snapshot.feature_set.names[place]).unit(outline.scan.unit)
        return _cells(rows[0], place, unit)

    def _of(self, outline: Segmentation, feature_set_pk: int | None) -> list[ChangeNoise]:
        return self._rows.get((outline.lesion_id or 0, outline.scan.timepoint_id, feature_set_pk), [])


def _cells(row: ChangeNoise, place: int, unit: str) -> tuple[Cell, ...]:
    source, missing = row.sources[place], row.missing[place]
    beside = NoiseBeside(
        verdict=NoiseVerdict(row.verdicts[place]),
        source=NoiseSource(source) if source else None,
        missing=NoBand(missing) if missing else None,
        is_log=row.is_log[place],
        change=row.change[place],
        mdc=row.mdc[place],
        upper_mdc=row.upper_mdc[place],
        limit=row.limit[place],
        p=row.p[place],
        q=row.q[place],
        is_without_volume=row.is_without_volume[place],
    )
    says = beside.words(unit)
    without = " (what follows the volume is taken out)" if beside.is_without_volume else ""
    scale = "" if beside.mdc is None else "ln" if beside.is_log else unit or "1"
    return (
        beside.verdict.value,
        f"{says}{without}",
        "yes" if beside.is_greyed else "no",
        scale,
        beside.mdc,
        beside.upper_mdc,
        beside.limit,
        beside.source.value if beside.source else "",
        beside.p,
        beside.q,
    )
