"""Random stored numbers of every kind, each computed again from what it was made of."""

import random
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from django.db.models import Func, IntegerField, QuerySet

from patients.models import FeatureDelta, FeatureSnapshot
from patients.words.recompute_words import Recomputed
from patients.words.regions import Region
from patients.written_dates import day
from radiomics_tasks.errors import ChildFailure
from radiomics_tasks.recomputing.bits import Difference, differences, told
from radiomics_tasks.recomputing.conclusions import Concluded, concluded_again
from radiomics_tasks.recomputing.sampled_derived import Checked, DerivedNumber, derived_drawn
from radiomics_tasks.recomputing.snapshots import Again, again

FORMS = ("absolute", "relative_ratio", "log_ratio", "symmetric_ratio", "velocity_per_month")
# How often a place without a number may be drawn for each number that is wanted.
TRIES = 40
# A smaller sample is of values and changes alone.
FEWEST_OF_ALL = 10


@dataclass(frozen=True, slots=True)
class Number:
    """One stored number: row, form of change (empty: a value of a snapshot) and place in the row's array."""

    row_pk: int
    form: str
    place: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """What was drawn: values of lesions and rings, changes, and numbers that were derived from stored ones."""

    values: list[Number]
    changes: list[Number]
    derived: list[DerivedNumber]


def drawn(count: int, seed: int, patient_pk: int | None = None) -> Drawn:
    """So many random numbers, without one twice, of every kind that there is.

    A tenth each are rings, scores, harmonised values and hosted models' answers, at least one; of the rest half are
    changes, and half values of lesions.
    """
    chance = random.Random(seed)  # a sample that can be drawn again, not a secret
    share = max(count // 10, 1) if count >= FEWEST_OF_ALL else 0
    derived = derived_drawn(chance, share, patient_pk)
    rings = _draw(chance, snapshots_of(patient_pk, is_ring=True), ("",), share)
    left = count - len(derived) - len(rings)
    changes = _draw(chance, deltas_of(patient_pk), FORMS, left // 2)
    values = _draw(chance, snapshots_of(patient_pk), ("",), left - len(changes))
    return Drawn([*values, *rings], changes, derived)


def snapshots_of(patient_pk: int | None, *, is_ring: bool = False) -> "QuerySet[FeatureSnapshot]":
    """Snapshots of current outlines that belong to a lesion, or of the rings around them."""
    rows = FeatureSnapshot.objects.filter(
        segmentation__superseded_at=None, segmentation__is_withheld=False, segmentation__lesion__isnull=False
    )
    rows = rows.exclude(region=Region.LESION) if is_ring else rows.filter(region=Region.LESION)
    return rows.filter(segmentation__scan__patient=patient_pk) if patient_pk else rows


def deltas_of(patient_pk: int | None) -> "QuerySet[FeatureDelta]":
    """Stored changes, in the order of their keys."""
    rows = FeatureDelta.objects.all()
    return rows.filter(patient=patient_pk) if patient_pk else rows


def _draw(
    chance: random.Random,
    rows: "QuerySet[FeatureSnapshot] | QuerySet[FeatureDelta]",
    forms: Sequence[str],
    wanted: int,
) -> list[Number]:
    length = Func("feature_set__names", function="cardinality", output_field=IntegerField())
    sized = list(rows.order_by("pk").annotate(length=length).values_list("pk", "length"))
    ends = list(accumulate(count * len(forms) for _, count in sized))
    found: dict[Number, None] = {}
    for _ in range(wanted * TRIES if ends else 0):
        if len(found) == wanted:
            break
        at = chance.randrange(ends[-1])
        which = bisect_right(ends, at)
        pk, count = sized[which]
        form, place = divmod(at - (ends[which - 1] if which else 0), count)
        number = Number(pk, forms[form], place)
        held = rows.values_list(number.form or "values", flat=True).get(pk=pk)
        if held[place] is not None:
            found[number] = None
    return list(found)


def values_checked(numbers: Sequence[Number], code: str, tell: Callable[[], None]) -> Iterator[Checked]:
    """The values of snapshots, each outline computed again once; `tell` is called while the engine is at it."""
    rows = FeatureSnapshot.objects.select_related("segmentation__scan__patient", "segmentation__lesion", "feature_set")
    done: dict[int, Again] = {}
    for number in sorted(numbers, key=lambda one: one.row_pk):
        snapshot = rows.get(pk=number.row_pk)
        if snapshot.pk not in done:
            done[snapshot.pk] = _again(snapshot, f"{code}-{snapshot.pk}", tell)
        outline, name = snapshot.segmentation, snapshot.feature_set.names[number.place]
        stored = snapshot.values[number.place]
        yield Checked(
            outline.scan.patient.pseudonym,
            f"{outline.lesion}, {_region(snapshot)}{outline.scan.modality} of {day(outline.scan.acquired_on)}",
            name,
            told(stored),
            _value(done[snapshot.pk], number.place, name, stored),
        )


def _region(snapshot: FeatureSnapshot) -> str:
    return "" if snapshot.region == Region.LESION else f"{Region(snapshot.region).label}, "


def _again(snapshot: FeatureSnapshot, code: str, tell: Callable[[], None]) -> Again:
    try:
        return again(snapshot, code, tell)
    except ChildFailure as failure:
        return Again(Recomputed.FAILED, failure.sentence)


def _value(found: Again, place: int, name: str, stored: float) -> Difference | None:
    if found.now is None or found.outcome is Recomputed.MASK_CHANGED:
        return found.differing[0] if found.differing else Difference("outline", name, told(stored), found.sentence)
    values = found.now["snapshot"]["values"]
    return next(differences("feature", name, stored, values[place] if place < len(values) else None), None)


def changes_checked(numbers: Sequence[Number]) -> Iterator[Checked]:
    """The changes, each patient concluded again once."""
    rows = FeatureDelta.objects.select_related("patient", "lesion", "feature_set", "snapshot__segmentation__scan")
    done: dict[int, Concluded] = {}
    for number in sorted(numbers, key=lambda one: one.row_pk):
        row = rows.get(pk=number.row_pk)
        if row.patient_id not in done:
            done[row.patient_id] = concluded_again(row.patient_id)
        now = done[row.patient_id].twin_of(row)
        name = f"{row.feature_set.names[number.place]}, {number.form} against {row.reference}"
        stored = getattr(row, number.form)[number.place]
        value = getattr(now, number.form)[number.place] if now else None
        yield Checked(
            row.patient.pseudonym,
            f"{row.lesion}, {day(row.snapshot.segmentation.scan.acquired_on)}",
            name,
            told(stored),
            next(differences("change", name, stored, value), None),
        )
