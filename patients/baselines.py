"""The baseline of a patient without reading the whole course: lines of therapy and dates of visits alone."""

from collections import defaultdict

from patients.models import Scan, Timepoint, TreatmentCourse
from patients.timeline import Course, PatientTimeline, ScanSeen
from patients.timeline import Timepoint as Visit
from patients.vocabulary import DrugClass, Modality


def visits_and_courses(patient_pk: int) -> PatientTimeline:
    """A patient's timeline without lesions and names, in three queries: enough for its baseline."""
    scans: dict[int, list[ScanSeen]] = defaultdict(list)
    for row in Scan.objects.filter(patient=patient_pk).only("code", "modality", "acquired_on", "unit", "timepoint"):
        seen = ScanSeen(row.pk, str(row.code), Modality(row.modality), row.acquired_on, row.unit)
        scans[row.timepoint_id].append(seen)
    elsewhere = Timepoint.objects.filter(patient=patient_pk, judged_on__isnull=False).values_list("pk", "judged_on")
    judged = dict(elsewhere)
    visits = [Visit(pk, tuple(scans.get(pk, ())), judged.get(pk)) for pk in {**scans, **judged}]
    courses = TreatmentCourse.objects.filter(patient=patient_pk)
    return PatientTimeline(
        patient_pk=patient_pk,
        pseudonym="",
        courses=tuple(Course(c.pk, c.name, DrugClass(c.drug_class), c.started_on, c.stopped_on) for c in courses),
        timepoints=tuple(sorted(visits, key=lambda visit: (visit.first_on, visit.pk))),
        tracks=(),
    )


def is_after_baseline(scan: Scan) -> bool:
    """Whether a scan belongs to a visit after its patient's baseline."""
    known = visits_and_courses(scan.patient_id)
    visit = next(found for found in known.timepoints if found.pk == scan.timepoint_id)
    return known.baseline is not None and visit.first_on > known.baseline.first_on
