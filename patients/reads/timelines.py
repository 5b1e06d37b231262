"""Rows to one PatientTimeline, in a fixed number of queries."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import connection

from patients.lesions_shown import lesions_shown
from patients.made_with import annotator_text, method_text
from patients.models import CourseHold, Lesion, LesionTreatment, Patient, Scan, Segmentation, TreatmentCourse
from patients.models import Timepoint as Visit
from patients.reads.labs import events_of, labs_of
from patients.reads.readings.judgements import judgements_of
from patients.reads.trusting.trust import acceptances_of
from patients.standing_damage import sizes_damaged
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
from patients.vocabulary import Absence, DrugClass, LesionRole, Modality, Organ, Tumour
from patients.words.reading_words import LocalTherapy, NewLesionKind
from patients.words.regions import Region

# The newest snapshot of each region of each current outline under the profile that is followed, never a further one,
# whole or only the named features, in the names' order: a page that draws three features does not carry a thousand.
_WHOLE = "n.names, f.values, f.reasons"
_SOME = """
    w.names,
    ARRAY(SELECT f.values[array_position(n.names::text[], name)] FROM unnest(w.names) name),
    ARRAY(SELECT CASE WHEN array_position(n.names::text[], name) IS NULL THEN 'NOT_COMPUTED'
                 ELSE f.reasons[array_position(n.names::text[], name)] END FROM unnest(w.names) name)
"""
_SNAPSHOTS = """
    SELECT DISTINCT ON (f.segmentation_id, f.region)
           f.segmentation_id, f.region, f.id, n.id, n.profile_digest, f.build_digest,
           (f.provenance->>'roi_voxels_after')::integer, {columns}
    FROM patients_featuresnapshot f
    JOIN patients_featureset n ON n.id = f.feature_set_id
    JOIN patients_segmentation s ON s.id = f.segmentation_id
    JOIN patients_scan c ON c.id = s.scan_id
    CROSS JOIN (SELECT %s::text[] AS names) w
    WHERE c.patient_id = %s AND NOT n.is_extra
      AND s.superseded_at IS NULL AND NOT s.is_withheld AND s.lesion_id IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM patients_integrityfault i
                      WHERE i.cleared_at IS NULL AND s.id = ANY(i.segmentation_pks))
    ORDER BY f.segmentation_id, f.region, f.id DESC
"""


@dataclass(slots=True)
class _Taken:
    """What was extracted of one outline; `voxels`: of the lesion after resampling."""

    features: Features | None = None
    voxels: int | None = None
    rings: list[tuple[Region, Features]] = field(default_factory=list)


def patient_timeline(
    patient_pk: int, feature_names: Sequence[str] | None = None, *, with_facts: bool = False
) -> PatientTimeline:
    """All that was seen of one patient; `feature_names` limits the features carried along (None: all).

    `with_facts`: with what intake kept of each scan, which comparing scans needs and pages do not.

    Raises Patient.DoesNotExist.
    """
    patient = Patient.objects.get(pk=patient_pk)
    judgements = judgements_of(patient_pk)
    # What refers comes before what it refers to: somebody may be filing between two of these queries.
    features = _features(patient_pk, feature_names)
    outlines = list(
        Segmentation.objects.filter(scan__patient=patient, superseded_at=None, is_withheld=False)
        .select_related("measurement")
        .annotate(is_damaged=sizes_damaged())
    )
    left = ("instances",) if with_facts else ("facts", "instances")
    scans = list(Scan.objects.filter(patient=patient, is_withheld=False).defer(*left))
    visit_of = {scan.pk: scan.timepoint_id for scan in scans}
    waiting = Counter(row.scan_id for row in outlines if row.lesion_id is None and row.scan_id in visit_of)
    waiting_visits = Counter({visit_of[scan_pk]: 0 for scan_pk in waiting})
    for scan_pk, count in waiting.items():
        waiting_visits[visit_of[scan_pk]] += count
    return PatientTimeline(
        patient_pk=patient.pk,
        pseudonym=patient.pseudonym,
        courses=_courses(patient),
        timepoints=_timepoints(patient_pk, scans, with_facts=with_facts),
        tracks=_tracks(patient_pk, scans, outlines, features),
        waiting_outlines=sum(waiting.values()),
        waiting_by_timepoint=tuple(sorted(waiting_visits.items())),
        judgements=judgements,
        tumour=Tumour(patient.tumour),
        labs=labs_of(patient_pk),
        events=events_of(patient_pk),
        acceptances=acceptances_of(patient_pk),
    )


def _courses(patient: Patient) -> tuple[Course, ...]:
    holds: dict[int, list[CourseHold]] = defaultdict(list)
    for hold in CourseHold.objects.filter(course__patient=patient):
        holds[hold.course_id].append(hold)
    return tuple(_course(row, holds[row.pk]) for row in patient.courses.all())


def _course(row: TreatmentCourse, holds: Sequence[CourseHold]) -> Course:
    return Course(
        pk=row.pk,
        name=row.name,
        drug_class=DrugClass(row.drug_class),
        started_on=row.started_on,
        stopped_on=row.stopped_on,
        randomised_on=row.randomised_on,
        holds=tuple((hold.started_on, hold.stopped_on) for hold in holds),
    )


def _features(patient_pk: int, names: Sequence[str] | None) -> dict[int, "_Taken"]:
    columns = _WHOLE if names is None else _SOME
    found: dict[int, _Taken] = defaultdict(_Taken)
    with connection.cursor() as cursor:
        cursor.execute(_SNAPSHOTS.format(columns=columns), [list(names or []), patient_pk])
        for outline, region, snapshot, names_of, profile, build, after, order, values, reasons in cursor.fetchall():
            taken = Features(snapshot, names_of, profile, build, tuple(order), tuple(values), tuple(reasons))
            if region == Region.LESION:
                found[outline].features, found[outline].voxels = taken, after
            else:
                found[outline].rings.append((Region(region), taken))
    return found


def _timepoints(patient_pk: int, scans: Sequence[Scan], *, with_facts: bool) -> tuple[Timepoint, ...]:
    """The visits that have a scan, or at least a date; what was opened for a scan that never came is none."""
    by_visit: dict[int, list[ScanSeen]] = defaultdict(list)
    for scan in scans:
        seen = ScanSeen(
            scan.pk,
            str(scan.code),
            Modality(scan.modality),
            scan.acquired_on,
            scan.unit,
            scan.description,
            facts=scan.facts if with_facts else {},
        )
        by_visit[scan.timepoint_id].append(seen)
    elsewhere = dict(Visit.objects.filter(patient=patient_pk, judged_on__isnull=False).values_list("pk", "judged_on"))
    visits = [Timepoint(pk, tuple(by_visit.get(pk, ())), elsewhere.get(pk)) for pk in {**by_visit, **elsewhere}]
    return tuple(sorted(visits, key=lambda visit: (visit.first_on, visit.pk)))


def _tracks(
    patient_pk: int,
    scans: Sequence[Scan],
    outlines: Sequence[Segmentation],
    features: dict[int, "_Taken"],
) -> tuple[LesionTrack, ...]:
    scan_of = {scan.pk: scan for scan in scans}
    by_lesion: dict[int, list[Observation]] = defaultdict(list)
    for row in sorted(
        (row for row in outlines if row.scan_id in scan_of), key=lambda row: scan_of[row.scan_id].counting_order
    ):
        if row.lesion_id is not None:
            seen = _observation(row, scan_of[row.scan_id], features.get(row.pk) or _Taken())
            by_lesion[row.lesion_id].append(seen)
    # The first treatment counts: after it the lesion is no untouched target any more.
    rows = LesionTreatment.objects.filter(lesion__patient=patient_pk).order_by("-treated_on", "-pk")
    treated = {row.lesion_id: row for row in rows}
    lesions = lesions_shown(patient_pk)
    return tuple(_track(lesion, by_lesion[lesion.pk], treated.get(lesion.pk)) for lesion in lesions)


def _track(lesion: Lesion, seen: list[Observation], treated: LesionTreatment | None) -> LesionTrack:
    return LesionTrack(
        lesion_pk=lesion.pk,
        code=str(lesion.code),
        tracking_id=lesion.tracking_id,
        organ=Organ(lesion.organ),
        is_node=lesion.is_node,
        role=LesionRole(lesion.role),
        observations=tuple(seen),
        new_kind=NewLesionKind(lesion.new_kind) if lesion.new_kind else None,
        local_therapy=LocalTherapy(treated.kind) if treated else None,
        local_therapy_on=treated.treated_on if treated else None,
    )


def _observation(row: Segmentation, scan: Scan, taken: "_Taken") -> Observation:
    measured = getattr(row, "measurement", None)
    sizes = None
    is_damaged = getattr(row, "is_damaged", False)
    if measured is not None and not is_damaged:
        absence = Absence(measured.absence) if measured.absence else None
        sizes = Sizes(measured.longest_diameter_mm, measured.short_axis_mm, measured.volume_ml, absence)
    missing = Absence.FAILED if row.failure else Absence.DAMAGED if is_damaged else Absence.WAITING
    return Observation(
        timepoint_pk=scan.timepoint_id,
        scan_pk=scan.pk,
        observed_on=scan.acquired_on,
        modality=Modality(scan.modality),
        segmentation_pk=row.pk,
        segmentation_code=str(row.code),
        sizes=sizes,
        features=taken.features,
        absence=None if sizes else missing,
        texture_voxels=taken.voxels,
        slice_mm=scan.slice_mm,
        rings=tuple(taken.rings),
        method=method_text(row.made_with),
        annotator=annotator_text(row.made_with),
        outside_ratio=measured.outside_ratio if measured is not None and not is_damaged else None,
    )
