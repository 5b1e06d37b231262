"""The change of a lesion's features between two snapshots, each form only where it is defined."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt

from patients.findings import Change, Delta
from patients.timeline import Features, Observation
from patients.vocabulary import Absence, Modality, Reference
from radiomics_tasks.analysis.change.semantics import AllowedForms, allowed_forms

Floats = npt.NDArray[np.float64]
Objects = npt.NDArray[np.object_]
Rule = tuple[npt.NDArray[np.bool_], Absence]
FiveForms = tuple[Change, Change, Change, Change, Change]

DAYS_A_MONTH = 30.4375
SHORTEST_VELOCITY_DAYS = 28
# A relative change against less than this is noise over noise. The second half of the published rule, one per
# cent of a cohort's median, needs a cohort and is not applied to a single patient.
SMALLEST_DENOMINATOR = 1e-8


@dataclass(frozen=True, eq=False)
class Snapshot:
    """One lesion's features at one visit, ready to be compared; NaN stands for "no value" inside only."""

    observed_on: date
    modality: Modality
    features: Features

    @classmethod
    def of(cls, seen: Observation) -> "Snapshot | None":
        """The snapshot of an observation, or None where nothing was extracted."""
        return cls(seen.observed_on, seen.modality, seen.features) if seen.features else None

    @cached_property
    def values(self) -> Floats:
        """The values in the order of the feature set, NaN where there is none."""
        return np.array([np.nan if value is None else value for value in self.features.values], dtype=np.float64)

    @cached_property
    def allowed(self) -> AllowedForms:
        """Which forms of change each feature allows."""
        return allowed_forms(self.features.names)

    def in_order_of(self, other: "Snapshot") -> Floats:
        """The values in another snapshot's order of features, NaN for a feature that is not here."""
        if self.features.names == other.features.names:
            return self.values
        mine = dict(zip(self.features.names, self.values.tolist(), strict=True))
        return np.array([mine.get(name, np.nan) for name in other.features.names], dtype=np.float64)


def feature_delta(lesion_pk: int, timepoint_pk: int, reference: Reference, now: Snapshot, then: Snapshot) -> Delta:
    """The changes of one lesion's features at one visit against an earlier snapshot.

    Absolute changes have the feature's unit; ratios are fractions; velocity is the absolute change per
    30.4375 days and needs 28 days. Nothing is compared across modalities or profiles, and scans of the
    same day are a test and a retest: there every form carries its reason and no value.

    Examples
    --------
    >>> def at(day, *values):
    ...     names = ("original_firstorder_Mean", "original_shape_MeshVolume")
    ...     return Snapshot(day, Modality.CT, Features(1, 1, "profile", "build", names, values, (None, None)))
    >>> then, now = at(date(2024, 1, 1), -1.0, 100.0), at(date(2024, 3, 1), 1.0, 150.0)
    >>> delta = feature_delta(1, 2, Reference.BASELINE, now, then)
    >>> delta.relative_ratio.values, delta.relative_ratio.reasons
    ((None, 0.5), (<Absence.SCALE: 'SCALE'>, None))
    """
    interval_days = (now.observed_on - then.observed_on).days
    refusal = refusal_of(now, then)
    if refusal is not None:
        return withheld_delta(lesion_pk, timepoint_pk, reference, now, then, refusal)
    return _delta(lesion_pk, timepoint_pk, reference, now, then, _changes(now, then, interval_days))


def withheld_delta(
    lesion_pk: int, timepoint_pk: int, reference: Reference, now: Snapshot, then: Snapshot, reason: Absence
) -> Delta:
    """The same comparison with a reason in the place of every change."""
    return _delta(lesion_pk, timepoint_pk, reference, now, then, _refused(now, reason))


def _delta(
    lesion_pk: int, timepoint_pk: int, reference: Reference, now: Snapshot, then: Snapshot, changes: FiveForms
) -> Delta:
    absolute, relative_ratio, log_ratio, symmetric_ratio, velocity_per_month = changes
    return Delta(
        lesion_pk=lesion_pk,
        timepoint_pk=timepoint_pk,
        reference=reference,
        feature_set_pk=now.features.feature_set_pk,
        snapshot_pk=now.features.snapshot_pk,
        reference_snapshot_pk=then.features.snapshot_pk,
        interval_days=(now.observed_on - then.observed_on).days,
        absolute=absolute,
        relative_ratio=relative_ratio,
        log_ratio=log_ratio,
        symmetric_ratio=symmetric_ratio,
        velocity_per_month=velocity_per_month,
        build_differs=now.features.build_digest != then.features.build_digest,
    )


def refusal_of(now: Snapshot, then: Snapshot) -> Absence | None:
    """Why the two snapshots as a whole may not be compared."""
    if now.modality is not then.modality or now.features.profile_digest != then.features.profile_digest:
        return Absence.PROFILE_DIFFERS
    return Absence.SAME_DAY if now.observed_on == then.observed_on else None


def _refused(now: Snapshot, refusal: Absence) -> FiveForms:
    length = len(now.features.names)
    nothing = Change((None,) * length, (refusal,) * length)
    return nothing, nothing, nothing, nothing, nothing


def _changes(now: Snapshot, then: Snapshot, interval_days: int) -> FiveForms:
    """Absolute, relative, log, symmetric and velocity; where several reasons hold the last rule's stands."""
    ft, f0, allowed = now.values, then.in_order_of(now), now.allowed
    missing: tuple[Rule, ...] = ((np.isnan(f0), Absence.REFERENCE_MISSING), (np.isnan(ft), Absence.VALUE_MISSING))
    with np.errstate(all="ignore"):  # what is not finite becomes None with its reason
        size = np.abs(ft) + np.abs(f0)
        absolute = ft - f0
        relative = absolute / np.abs(f0)
        log = np.log(ft / f0)
        symmetric = 2.0 * absolute / size
        velocity = absolute * DAYS_A_MONTH / interval_days
    small = np.abs(f0) < SMALLEST_DENOMINATOR
    too_short = np.full(ft.shape, interval_days < SHORTEST_VELOCITY_DAYS)
    return (
        _change(absolute, *missing),
        _change(relative, (small, Absence.SMALL_DENOMINATOR), *missing, (~allowed.relative, Absence.SCALE)),
        _change(log, ((ft <= 0) | (f0 <= 0), Absence.NOT_POSITIVE), *missing, (~allowed.log, Absence.SCALE)),
        _change(
            symmetric,
            (size < SMALLEST_DENOMINATOR, Absence.SMALL_DENOMINATOR),
            *missing,
            (~allowed.symmetric, Absence.SCALE),
        ),
        _change(velocity, *missing, (too_short, Absence.INTERVAL_TOO_SHORT)),
    )


def _change(values: Floats, *rules: Rule) -> Change:
    undefined = ~np.isfinite(values)
    reasons: Objects = np.full(values.shape, None, dtype=object)
    reasons[undefined] = Absence.NONFINITE
    for holds, reason in rules:
        reasons[holds] = reason
        undefined |= holds
    kept: Objects = values.astype(object)
    kept[undefined] = None
    return Change(tuple(kept.tolist()), tuple(reasons.tolist()))
