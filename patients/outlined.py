"""What the outlines of a patient give for each lesion and visit: the size that would enter a sum, or why none."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from patients.baselines import visits_and_courses
from patients.models import Lesion, Segmentation
from patients.standing_damage import sizes_damaged
from patients.timeline import LesionTrack, Observation, Sizes
from patients.vocabulary import Absence, LesionRole, Modality, Organ


@dataclass(frozen=True, slots=True)
class OutlinedSize:
    """The outline that counts of one lesion at one visit.

    `size_mm` is the short axis of a node and the longest diameter of anything else; None where `absence` says why.
    """

    segmentation_pk: int
    segmentation_code: str
    observed_on: date
    size_mm: float | None
    absence: Absence | None


@dataclass(frozen=True, slots=True)
class VisitOutlined:
    """One visit: what counts of each lesion, and the digest over all its outlines and their sizes."""

    by_lesion: Mapping[int, OutlinedSize]
    digest: str


NOTHING = VisitOutlined({}, hashlib.sha256(b"[]").hexdigest())


def outlined_visits(patient_pk: int) -> dict[int, VisitOutlined]:
    """Every visit of a patient that has a linked, current outline, by its key; in four queries."""
    rows = (
        Segmentation.objects.filter(
            scan__patient=patient_pk, lesion__isnull=False, superseded_at=None, is_withheld=False
        )
        .select_related("scan", "lesion", "measurement")
        .annotate(is_damaged=sizes_damaged())
        .defer("scan__facts", "scan__instances", "slices", "notes")
    )
    visits: dict[int, list[Segmentation]] = defaultdict(list)
    lesions: dict[Lesion, list[Segmentation]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.scan.counting_order):
        if row.lesion is not None:
            visits[row.scan.timepoint_id].append(row)
            lesions[row.lesion].append(row)
    tracks = [_track(lesion, seen) for lesion, seen in lesions.items()]
    known = visits_and_courses(patient_pk) if visits else None
    until = {visit.pk: known.counts_until(visit) for visit in known.timepoints} if known else {}
    return {
        visit: VisitOutlined(_by_lesion(tracks, visit, until.get(visit)), _digest(seen))
        for visit, seen in visits.items()
    }


def _track(lesion: Lesion, rows: Iterable[Segmentation]) -> LesionTrack:
    return LesionTrack(
        lesion.pk,
        str(lesion.code),
        lesion.tracking_id,
        Organ(lesion.organ),
        lesion.is_node,
        LesionRole(lesion.role),
        tuple(map(_observation, rows)),
    )


def _observation(row: Segmentation) -> Observation:
    measured = getattr(row, "measurement", None)
    sizes = None
    is_damaged = getattr(row, "is_damaged", False)
    if measured is not None and not is_damaged:
        absence = Absence(measured.absence) if measured.absence else None
        sizes = Sizes(measured.longest_diameter_mm, measured.short_axis_mm, measured.volume_ml, absence)
    missing = Absence.FAILED if row.failure else Absence.DAMAGED if is_damaged else Absence.WAITING
    return Observation(
        row.scan.timepoint_id,
        row.scan_id,
        row.scan.acquired_on,
        Modality(row.scan.modality),
        segmentation_pk=row.pk,
        segmentation_code=str(row.code),
        sizes=sizes,
        absence=None if sizes else missing,
    )


def _by_lesion(tracks: Iterable[LesionTrack], timepoint_pk: int, until: date | None) -> dict[int, OutlinedSize]:
    found = {}
    for track in tracks:
        seen = track.at(timepoint_pk, until)
        if seen is not None and seen.segmentation_pk is not None:
            found[track.lesion_pk] = _size(track, seen, seen.segmentation_pk)
    return found


def _size(track: LesionTrack, seen: Observation, segmentation_pk: int) -> OutlinedSize:
    absence = seen.sizes.absence if seen.sizes else seen.absence
    size_mm = None
    if seen.sizes is not None and absence is None:
        size_mm = seen.sizes.short_axis_mm if track.is_node else seen.sizes.longest_diameter_mm
    return OutlinedSize(segmentation_pk, seen.segmentation_code, seen.observed_on, size_mm, absence)


def _digest(rows: Iterable[Segmentation]) -> str:
    """SHA-256 over which outlines a visit has and what they measure: another digest, other inputs."""
    said = sorted(_inputs(row) for row in rows)
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def _inputs(row: Segmentation) -> tuple[int, str, bool, str, str, str]:
    measured = getattr(row, "measurement", None)
    sizes = (repr(measured.longest_diameter_mm), repr(measured.short_axis_mm)) if measured else ("", "")
    is_node = row.lesion is not None and row.lesion.is_node
    return row.lesion_id or 0, str(row.code), is_node, *sizes, measured.absence if measured else ""
