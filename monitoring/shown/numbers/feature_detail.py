"""One feature of a lesion as its page shows it: a line of the list, or its chart and its changes visit by visit."""

from collections.abc import Collection

from monitoring.charts.deltas import feature_figure, readings_spark
from monitoring.charts.features import NO_UNIT, Apart, Quantity, Reading, Readings
from monitoring.charts.theme import Json
from monitoring.shown.numbers.feature_list import Place, of_kind
from monitoring.shown.trust import noise_lookup
from patients.feature_names import FeatureName
from patients.reads.changes import FeatureChange, feature_changes
from patients.reads.trusting.harmonisation import harmonised_cells
from patients.timeline import LesionTrack, PatientTimeline, Timepoint
from patients.vocabulary import Absence, Modality, Reference


def listed_feature(timeline: PatientTimeline, track: LesionTrack, name: str, place: Place, apart: Apart) -> Json:
    """One line of the list: name, unit, newest value or the reason why there is none, and its course."""
    readings = Readings.of(timeline, Quantity(name), [track])
    cells = [(row.value, row.absence) for row in readings.rows if row.seen is not None]
    value, reason = cells[-1] if cells else (None, "")
    return {
        "name": name,
        "label": FeatureName.parse(name).label,
        "unit": "" if readings.unit == NO_UNIT else readings.unit,
        "value": value,
        "reason": reason,
        "spark": readings_spark(readings, apart),
        "address": place.address(feature=name),
        "is_chosen": name == place.feature,
    }


def feature_detail(
    timeline: PatientTimeline, whole: LesionTrack, kind: Modality | None, chosen: str | None, apart: Apart
) -> Json:
    """The chosen feature on one kind of scan: its chart, and its changes visit by visit."""
    if chosen is None:
        return {"chosen": None}
    track = of_kind(whole, kind)
    elsewhere = {seen.timepoint_pk for seen in whole.observations}
    parsed = FeatureName.parse(chosen)
    readings = Readings.of(timeline, Quantity(chosen), [track])
    rows = {row.timepoint.pk: row for row in readings.rows}
    # A visit may hold CT and PET of this lesion: a change belongs to the value it stands beside.
    counted = {row.seen.features.snapshot_pk for row in readings.rows if row.seen and row.seen.features}
    changes = tuple(change for change in feature_changes(track.lesion_pk, chosen) if change.snapshot_pk in counted)
    noises = noise_lookup.of_feature(track.lesion_pk, chosen, readings)
    by_place = {(change.timepoint_pk, change.reference): change for change in changes}
    harmonised = harmonised_cells(counted, chosen)
    return {
        "chosen": chosen,
        "chosen_label": parsed.label,
        "chosen_note": parsed.ibsi_note,
        **noise_lookup.told_of_feature(track.lesion_pk, chosen, readings),
        "chosen_unit": "" if readings.unit == NO_UNIT else readings.unit,
        "figure": feature_figure(timeline, track, chosen, changes, noises=noises, apart=apart),
        "references": list(Reference),
        "harmonisation": max((cell.version for cell in harmonised.values()), default=None),
        "changes": [
            {
                **_visit(visit, rows.get(visit.pk), elsewhere),
                "compared": zip(
                    [_against(by_place.get((visit.pk, reference))) for reference in Reference],
                    noise_lookup.at_visit(noises, visit.pk, readings.unit),
                    strict=True,
                ),
                "harmonised": harmonised.get(_taken(rows, visit)),
            }
            for visit in timeline.timepoints
        ],
    }


def _taken(rows: dict[int, Reading], visit: Timepoint) -> int | None:
    """The snapshot that a visit's value comes from."""
    row = rows.get(visit.pk)
    return row.seen.features.snapshot_pk if row and row.seen and row.seen.features else None


def _visit(visit: Timepoint, row: Reading | None, outlined: Collection[int]) -> Json:
    """One visit with its value; `outlined`: where it has an outline of any kind."""
    nothing = Absence.PROFILE_DIFFERS if visit.pk in outlined else Absence.NOT_OUTLINED
    return {
        "on": row.on if row else visit.first_on,
        "value": row.value if row else None,
        "outline": row.seen.segmentation_code if row and row.seen else "",
        "reason": row.absence if row and row.seen else nothing.label,
    }


def _against(change: FeatureChange | None) -> Json | None:
    if change is None:
        return None
    value, why = change.absolute
    ratio, why_no_ratio = change.relative_ratio
    return {
        "value": value,
        "ratio": ratio,
        "reason": Absence(why).label if why else "",
        "no_ratio": Absence(why_no_ratio).label if why_no_ratio else "",
        "days": change.interval_days,
        "build_differs": change.build_differs,
    }
