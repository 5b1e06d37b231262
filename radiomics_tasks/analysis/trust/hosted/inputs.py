"""The values that the terms of a model ask for, from what was seen and concluded of a patient."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from patients.concluded.trusted import LesionComparison
from patients.findings import Delta
from patients.labs.seen import Lab
from patients.labs.words import Bound
from patients.timeline import LesionTrack, Observation, PatientTimeline, Timepoint
from patients.vocabulary import Absence, Reference
from patients.words.hosted_words import Aggregate, Source
from radiomics_tasks.analysis.change.aggregates import LesionChange, Worse, patient_aggregates
from radiomics_tasks.analysis.trust.hosted.output import Given
from radiomics_tasks.analysis.trust.hosted.terms import ONE, SIZES, Term, feature_unit

ON_LESIONS = (Source.SNAPSHOT, Source.DELTA, Source.SIZE, Source.SIZE_DELTA, Source.ORGAN)
NO_CHANGE = Given(None, why=Absence.NO_REFERENCE.label)
Kept = TypeVar("Kept")


@dataclass(frozen=True, slots=True)
class Seen:
    """One lesion at one visit with everything that its terms may ask for."""

    track: LesionTrack
    observation: Observation
    voxel_unit: str
    deltas: Mapping[Reference, Delta]
    blocked: Mapping[Reference, tuple[bool, bool]]
    baseline_volume_ml: float | None

    def given(self, term: Term) -> Given:
        """The value of a term that belongs to a lesion."""
        if term.source is Source.ORGAN:
            return Given(float(self.track.organ.value == term.feature), ONE, source=self.track.tracking_id)
        if term.source is Source.SIZE:
            return self._size(term)
        if term.source is Source.SNAPSHOT:
            return self._feature(term)
        delta = self.deltas.get(term.reference) if term.reference else None
        if delta is None:
            return NO_CHANGE
        return self._change(term, delta) if term.source is Source.DELTA else self._size_change(term, delta)

    def _feature(self, term: Term) -> Given:
        features = self.observation.features
        if features is None or term.feature not in features.names:
            return Given(None, why=Absence.NOT_COMPUTED.label)
        place = features.names.index(term.feature)
        value, reason = features.values[place], features.reasons[place]
        unit = feature_unit(term.feature, self.voxel_unit)
        return Given(value, unit, features.profile_digest, source=self.track.tracking_id, why=_label(reason))

    def _change(self, term: Term, delta: Delta) -> Given:
        features = self.observation.features
        if features is None or term.feature not in features.names:
            return Given(None, why=Absence.NOT_COMPUTED.label)
        place, change = features.names.index(term.feature), getattr(delta, term.form)
        unit = ONE if term.form.endswith("_ratio") else feature_unit(term.feature, self.voxel_unit)
        is_withheld = change.reasons[place] == Absence.NOT_COMPARABLE
        return Given(
            change.values[place],
            f"{unit}/month" if term.form == "velocity_per_month" else unit,
            features.profile_digest,
            is_blocked=is_withheld or self.blocked.get(delta.reference, (False, False))[0],
            source=self.track.tracking_id,
            why=_label(change.reasons[place]),
        )

    def _size(self, term: Term) -> Given:
        value = _size_of(self.observation, term.feature)
        return Given(value, SIZES[term.feature], source=self.track.tracking_id, why=Absence.NOT_OUTLINED.label)

    def _size_change(self, term: Term, delta: Delta) -> Given:
        """Against the observation that the features are compared with."""
        then = next((one for one in self.track.observations if _snapshot(one) == delta.reference_snapshot_pk), None)
        before = _size_of(then, term.feature) if then else None
        now = _size_of(self.observation, term.feature)
        if before is None or now is None or delta.interval_days == 0:
            return NO_CHANGE
        unit = SIZES[term.feature] if term.form == "absolute" else ONE
        is_blocked = self.blocked.get(delta.reference, (False, False))[1]
        return Given(_form(term.form, before, now), unit, is_blocked=is_blocked, source=self.track.tracking_id)


def _form(form: str, before: float, now: float) -> float | None:
    if form == "absolute":
        return now - before
    if before <= 0 or (form == "log_ratio" and now <= 0):
        return None
    return math.log(now / before) if form == "log_ratio" else (now - before) / before


def _size_of(seen: Observation, name: str) -> float | None:
    if seen.sizes is None or seen.sizes.absence is not None:
        return None
    return float(getattr(seen.sizes, name))


def _snapshot(seen: Observation) -> int | None:
    return seen.features.snapshot_pk if seen.features else None


def _label(reason: str | None) -> str:
    return Absence(reason).label if reason else ""


def seen_at(
    timeline: PatientTimeline, visit: Timepoint, deltas: Iterable[Delta], comparisons: Iterable[LesionComparison]
) -> list[Seen]:
    """Every lesion that was outlined at one visit, in the order of the tracks."""
    units = {scan.pk: scan.unit for scan in visit.scans}
    here = {(one.lesion_pk, one.snapshot_pk, one.reference): one for one in deltas if one.timepoint_pk == visit.pk}
    blocked = {
        (one.lesion_pk, one.now_scan_pk, one.reference): (one.hides_texture, one.hides_size)
        for one in comparisons
        if one.timepoint_pk == visit.pk
    }
    found = []
    for track in timeline.tracks:
        seen = timeline.at(track, visit)
        if seen is None or seen.sizes is None:
            continue
        found.append(
            Seen(
                track,
                seen,
                units.get(seen.scan_pk, ""),
                _of_lesion(here, track.lesion_pk, _snapshot(seen)),
                _of_lesion(blocked, track.lesion_pk, seen.scan_pk),
                _baseline_volume(timeline, track),
            )
        )
    return found


def _of_lesion(rows: Mapping[tuple[int, int, Reference], Kept], *key: int | None) -> dict[Reference, Kept]:
    return {reference: one for (*place, reference), one in rows.items() if tuple(place) == key}


def _baseline_volume(timeline: PatientTimeline, track: LesionTrack) -> float | None:
    seen = timeline.at(track, timeline.baseline) if timeline.baseline else None
    return _size_of(seen, "volume_ml") if seen else None


def aggregated(term: Term, lesions: Sequence[Seen], aggregate: Aggregate) -> Given:
    """The value of a term over the lesions of one visit; those without it are left out of it.

    Where lesions differ in unit or profile, or one comparison is blocked, that is what stands.
    """
    known = [(lesion, given) for lesion in lesions if (given := lesion.given(term)).value is not None]
    if not known:
        return Given(None, why=next((lesion.given(term).why for lesion in lesions), Absence.NOT_OUTLINED.label))
    changes = [LesionChange(one.track.lesion_pk, given.value, one.baseline_volume_ml) for one, given in known]
    derived = getattr(patient_aggregates(changes, Worse.UNKNOWN), aggregate.value)
    units, profiles = ({getattr(given, name) for _, given in known} for name in ("unit", "profile_digest"))
    return Given(
        derived.value,
        units.pop() if len(units) == 1 else "several units",
        profiles.pop() if len(profiles) == 1 else "",
        is_blocked=any(given.is_blocked for _, given in known),
        source=f"{len(known)} of {len(lesions)} lesions",
        why=derived.absence.label if derived.absence else "",
    )


def lab_given(term: Term, labs: Sequence[Lab], on: date) -> Given:
    """The last result on or before a day, in the unit that the term takes where it is the multiple of the limit."""
    mine = [lab for lab in labs if lab.analyte.value == term.feature and lab.taken_on <= on]
    if not mine:
        return Given(None, why="no result on or before the scan")
    last = max(mine, key=lambda lab: (lab.taken_on, lab.pk))
    is_ratio = term.unit == "xULN"
    value = last.limit_ratio if is_ratio else last.value
    if last.bound is not Bound.EXACT or value is None:
        return Given(None, why="only a limit" if value is not None else "no upper limit of normal is given with it")
    age_days = (on - last.taken_on).days
    return Given(value, "xULN" if is_ratio else last.unit, age_days=age_days, source=f"{last.name} {last.taken_on}")
