"""Made-up timelines for tests of the science and the charts: one line a visit, no database."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from patients.timeline import (
    Course,
    Features,
    LesionTrack,
    Observation,
    PatientTimeline,
    ScanSeen,
    Sizes,
    Timepoint,
)
from patients.vocabulary import Absence, DrugClass, LesionRole, Modality, Organ

FIRST_ON = date(2024, 1, 1)
NAMES = ("original_shape_MeshVolume", "original_firstorder_Mean", "original_glcm_Contrast")
Size = float | Absence | None


def features(
    snapshot_pk: int,
    values: Sequence[float | None],
    *,
    names: Sequence[str] = NAMES,
    profile: str = "ct",
    build: str = "build-1",
    feature_set_pk: int = 1,
) -> Features:
    """One snapshot; a missing value is missing because the region was too small."""
    reasons = tuple(None if value is not None else Absence.SMALL_ROI for value in values)
    return Features(snapshot_pk, feature_set_pk, profile, build, tuple(names), tuple(values), reasons)


def sizes(size: Size) -> Sizes | None:
    """A size whose volume is a sphere's; an Absence makes one that may not enter a sum."""
    if size is None:
        return None
    if isinstance(size, Absence):
        return Sizes(10.0, 5.0, 1.0, size)
    return Sizes(size, size, size**3 / 1909.86)


def observation(
    timepoint_pk: int,
    observed_on: date,
    size: Size = 10.0,
    values: Features | None = None,
    *,
    modality: Modality = Modality.CT,
    scan_pk: int | None = None,
) -> Observation:
    """One lesion on one scan."""
    absence = None if size is not None else Absence.NOT_OUTLINED
    pk = scan_pk or timepoint_pk
    return Observation(timepoint_pk, pk, observed_on, modality, 100 + pk, f"seg-{pk}", sizes(size), values, absence)


def track(
    pk: int, observations: Sequence[Observation], *, is_node: bool = False, role: LesionRole = LesionRole.TARGET
) -> LesionTrack:
    """A lesion with its observations."""
    organ = Organ.LYMPH_NODE if is_node else Organ.LIVER
    name = f"{organ.label.lower()} {pk}"
    return LesionTrack(pk, f"lesion-{pk}", name, organ, is_node, role, tuple(observations))


def visit(pk: int, on: date, *more: date, modality: Modality = Modality.CT) -> Timepoint:
    """A visit with one scan a date."""
    scans = tuple(ScanSeen(10 * pk + i, f"scan-{pk}-{i}", modality, d, "HU") for i, d in enumerate((on, *more)))
    return Timepoint(pk, scans)


def course(started_on: date, name: str = "nivolumab", pk: int = 1, stopped_on: date | None = None) -> Course:
    """A line of therapy."""
    return Course(pk, name, DrugClass.ANTI_PD1, started_on, stopped_on)


def timeline(
    visits: Sequence[Timepoint],
    tracks: Sequence[LesionTrack],
    courses: Sequence[Course] | None = None,
    waiting: Mapping[int, int] | None = None,
) -> PatientTimeline:
    """A patient; without a word on courses, treatment starts on the day of the first visit."""
    if courses is None:
        courses = [course(visits[0].first_on)] if visits else []
    by_visit = tuple((waiting or {}).items())
    return PatientTimeline(
        1, "SYN-1", tuple(courses), tuple(visits), tuple(tracks), sum(n for _, n in by_visit), by_visit
    )


def followed(*series: Sequence[Size], days: int = 56, nodes: Sequence[int] = ()) -> PatientTimeline:
    """Target lesions with one size a visit, visits `days` apart; `nodes` are the numbers of those that are nodes."""
    dates = [FIRST_ON + timedelta(days * index) for index in range(len(series[0]))]
    visits = [visit(index + 1, on) for index, on in enumerate(dates)]
    tracks = [
        track(pk, [observation(i + 1, dates[i], size) for i, size in enumerate(row)], is_node=pk in nodes)
        for pk, row in enumerate(series, start=1)
    ]
    return timeline(visits, tracks)
