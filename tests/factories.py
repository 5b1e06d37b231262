"""One factory a model: the smallest row that makes sense, and whole patients made of them."""

import hashlib
import importlib
import json
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.models import Group, Permission, User
from django.utils import timezone
from factory.declarations import LazyAttribute, LazyFunction, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory
from factory.helpers import post_generation

from patients.files import Storage
from patients.labs.words import Analyte, EventKind
from patients.models import (
    Adjudication,
    Candidate,
    ClinicalEvent,
    CourseHold,
    FeatureDelta,
    FeatureSet,
    FeatureSnapshot,
    Hold,
    LabResult,
    Lesion,
    LesionReading,
    LesionTreatment,
    Measurement,
    Membership,
    Move,
    Patient,
    Reading,
    ResponseAssessment,
    ResponseSummary,
    Scan,
    Segmentation,
    Team,
    Timepoint,
    TreatmentCourse,
    Upload,
    UploadedFile,
)
from patients.vocabulary import (
    CandidateState,
    Criterion,
    DrugClass,
    LesionRole,
    Modality,
    Organ,
    OutlineFormat,
    Reference,
    ResponseCategory,
    Role,
    RunState,
    Step,
    Unit,
    UploadState,
)
from patients.words.identity_words import MoveKind
from patients.words.reading_words import (
    LocalTherapy,
    NewDisease,
    NonTarget,
    ReadingState,
    SizeState,
)
from radiomics_tasks.models import ProcessingRun
from tests.pictures import grey_png
from tests.standing import standing

BASELINE_ON = date(2024, 1, 8)
FEATURES = ("original_shape_MeshVolume", "original_firstorder_Mean", "original_glcm_Contrast")


def names_digest(names):
    """As the names of a real feature set are told apart."""
    return hashlib.sha256("\n".join(names).encode()).hexdigest()


def digest_of(*parts: object) -> str:
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()


class TeamFactory(DjangoModelFactory[Team]):
    class Meta:
        model = Team

    name = Sequence(lambda n: f"Team {n}")


def group_of(role: Role) -> Group:
    """The group of a role, with what the migration gave it: a test that flushed the database took both."""
    group, _ = Group.objects.get_or_create(name=role.value)
    if role is Role.ADMIN and not group.permissions.exists():
        for label, names in importlib.import_module("patients.migrations.0004_administrators").MAY.items():
            group.permissions.add(*Permission.objects.filter(content_type__app_label=label, codename__in=names))
    return group


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = Sequence(lambda n: f"login-{n}")

    @post_generation
    def roles(self, create, extracted):
        if create:
            self.groups.set([group_of(role) for role in extracted or ()])  # type: ignore[attr-defined]  # the row

    @post_generation
    def teams(self, create, extracted):
        for team in extracted or () if create else ():
            MembershipFactory(user=self, team=team)


class MembershipFactory(DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    user = SubFactory(UserFactory)
    team = SubFactory(TeamFactory)


class PatientFactory(DjangoModelFactory[Patient]):
    class Meta:
        model = Patient

    pseudonym = Sequence(lambda n: f"P-{n:04d}")
    team = SubFactory(TeamFactory)


class TreatmentCourseFactory(DjangoModelFactory[TreatmentCourse]):
    class Meta:
        model = TreatmentCourse

    patient = SubFactory(PatientFactory)
    name = "Pembrolizumab"
    drug_class = DrugClass.ANTI_PD1
    started_on = BASELINE_ON + timedelta(days=7)


class LabResultFactory(DjangoModelFactory[LabResult]):
    class Meta:
        model = LabResult

    patient = SubFactory(PatientFactory)
    analyte = Analyte.LDH
    name = LazyAttribute(lambda row: Analyte(row.analyte).label)
    taken_on = BASELINE_ON
    value = 275.0
    unit = "U/L"
    low = 135.0
    high = 250.0
    canonical_value = SelfAttribute("value")
    canonical_unit = SelfAttribute("unit")
    canonical_low = SelfAttribute("low")
    canonical_high = SelfAttribute("high")
    row_digest = Sequence(lambda n: digest_of("result", n))


class ClinicalEventFactory(DjangoModelFactory[ClinicalEvent]):
    class Meta:
        model = ClinicalEvent

    patient = SubFactory(PatientFactory)
    kind = EventKind.ECOG
    started_on = BASELINE_ON
    grade = 1
    row_digest = Sequence(lambda n: digest_of("event", n))


class UploadFactory(DjangoModelFactory[Upload]):
    class Meta:
        model = Upload

    team = SubFactory(TeamFactory)
    state = UploadState.NEEDS_PERSON

    @classmethod
    def _create(cls, model_class, *_args, state, **fields):
        return standing(model_class, state, **fields)


class UploadedFileFactory(DjangoModelFactory[UploadedFile]):
    class Meta:
        model = UploadedFile

    upload = SubFactory(UploadFactory)
    name = Sequence(lambda n: f"series/{n:04d}.dcm")
    sha256 = LazyAttribute(lambda row: digest_of("file", row.name))
    size = 526_336


class TimepointFactory(DjangoModelFactory[Timepoint]):
    class Meta:
        model = Timepoint

    patient = SubFactory(PatientFactory)


class ScanFactory(DjangoModelFactory[Scan]):
    class Meta:
        model = Scan

    patient = SelfAttribute("timepoint.patient")
    timepoint = SubFactory(TimepointFactory)
    modality = Modality.CT
    acquired_on = BASELINE_ON
    description = "Thorax and abdomen, portal venous"
    unit = Unit.HU
    volume_digest = Sequence(lambda n: digest_of("volume", n))
    volume_file = Sequence(lambda n: digest_of("volume file", n))
    geometry = LazyFunction(dict)


def facts(**changed: Any) -> dict[str, Any]:
    """What the reader found in one series, as a candidate stores it."""
    known: dict[str, Any] = {
        "kind": "dicom",
        "modality": "CT",
        "unit": "HU",
        "volume_file": digest_of("volume file"),
        "geometry": {},
        "identity": {"patient_id_hmac": "", "birth_date_hmac": "", "sex_hmac": ""},
        "instances": [],
        "thumbnail": "",
        "body": None,
        "is_synthetic": True,
        "notes": [],
    }
    return known | changed


def outline(name: str = "liver 1", **changed: Any) -> dict[str, Any]:
    """One outline of a candidate, as the reader describes it."""
    known: dict[str, Any] = {
        "name": name,
        "format": OutlineFormat.SEG.value,
        "tracking_uid": "",
        "tracking_id": name,
        "organ": Organ.LIVER.value,
        "algorithm_type": "MANUAL",
        "mask_digest": digest_of("mask", name),
        "mask_file": digest_of("mask file", name),
        "voxels": 1840,
        "centroid_mm": [12.0, -40.0, 310.0],
        "slices": {},
        "notes": [],
        "problems": [],
        "is_new": True,
        "meets": None,
        "why": "",
    }
    return known | changed


class CandidateFactory(DjangoModelFactory[Candidate]):
    class Meta:
        model = Candidate

    upload = SubFactory(UploadFactory)
    state = CandidateState.READY
    modality = Modality.CT
    acquired_on = BASELINE_ON
    description = "Thorax and abdomen, portal venous"
    volume_digest = Sequence(lambda n: digest_of("candidate volume", n))
    facts = LazyFunction(facts)
    outlines = LazyFunction(lambda: [outline()])


class HoldFactory(DjangoModelFactory[Hold]):
    class Meta:
        model = Hold

    candidate = SubFactory(CandidateFactory)
    team = SelfAttribute("candidate.upload.team")
    pseudonym = "p-1"
    doubts = LazyFunction(lambda: [{"code": "Q_WRONG_PATIENT", "sentence": "Check whose scan it is."}])


class MoveFactory(DjangoModelFactory[Move]):
    """A scan that is to be put under another patient of the team, and waits for a second steward."""

    class Meta:
        model = Move

    kind = MoveKind.REASSIGN
    source = SubFactory(PatientFactory)
    target = SubFactory(PatientFactory)
    doubts = [{"code": "Q_BODY", "sentence": "Not one body: height differ from the scan nearest in time there."}]
    differs = [{"what": "height", "here": "1.80 m", "there": "1.62 m", "is_same": False}]
    reason = "The radiographer saw it."
    asked_by = SubFactory(UserFactory)


class LesionFactory(DjangoModelFactory[Lesion]):
    class Meta:
        model = Lesion

    patient = SubFactory(PatientFactory)
    tracking_uid = Sequence(lambda n: f"2.25.{n + 1}")
    tracking_id = Sequence(lambda n: f"liver {n + 1}")
    organ = Organ.LIVER
    role = LesionRole.TARGET


class SegmentationFactory(DjangoModelFactory[Segmentation]):
    class Meta:
        model = Segmentation

    scan = SubFactory(ScanFactory)
    lesion = SubFactory(LesionFactory, patient=SelfAttribute("..scan.patient"))
    outline_format = OutlineFormat.SEG
    roi_name = LazyAttribute(lambda row: row.lesion.tracking_id if row.lesion else "Lesion_x")
    mask_digest = Sequence(lambda n: digest_of("mask", n))
    mask_file = Sequence(lambda n: digest_of("mask file", n))
    voxels = 1840
    centroid_mm = LazyFunction(lambda: [12.0, -40.0, 310.0])


class MeasurementFactory(DjangoModelFactory[Measurement]):
    class Meta:
        model = Measurement

    segmentation = SubFactory(SegmentationFactory)
    longest_diameter_mm = 31.4
    short_axis_mm = 22.7
    volume_ml = 9.8


class FeatureSetFactory(DjangoModelFactory[FeatureSet]):
    class Meta:
        model = FeatureSet
        django_get_or_create = ("profile_digest", "names_digest")

    profile = "ct"
    profile_digest = digest_of("ct")
    names = list(FEATURES)
    names_digest = LazyAttribute(lambda row: names_digest(row.names))


class FeatureSnapshotFactory(DjangoModelFactory[FeatureSnapshot]):
    class Meta:
        model = FeatureSnapshot

    segmentation = SubFactory(SegmentationFactory)
    feature_set = SubFactory(FeatureSetFactory)
    engine = "pyradiomics-bhklab 3.1.4"
    build_digest = digest_of("build")
    versions = LazyFunction(lambda: {"numpy": "2.4.6"})
    values = LazyAttribute(lambda row: [float(place + 1) for place in range(len(row.feature_set.names))])
    reasons = LazyAttribute(lambda row: [None] * len(row.feature_set.names))
    provenance = LazyFunction(lambda: {"voxels_after": 1840, "spacing_before_mm": [0.75, 0.75, 2.5]})


class FeatureDeltaFactory(DjangoModelFactory[FeatureDelta]):
    class Meta:
        model = FeatureDelta

    class Params:
        value = 0.5

    snapshot = SubFactory(FeatureSnapshotFactory)
    reference_snapshot = SubFactory(FeatureSnapshotFactory)
    feature_set = SelfAttribute("snapshot.feature_set")
    lesion = SelfAttribute("snapshot.segmentation.lesion")
    patient = SelfAttribute("lesion.patient")
    timepoint = SelfAttribute("snapshot.segmentation.scan.timepoint")
    reference = Reference.BASELINE
    interval_days = 56
    absolute = LazyAttribute(lambda row: [row.value] * len(row.feature_set.names))
    relative_ratio = LazyAttribute(lambda row: [row.value] * len(row.feature_set.names))
    log_ratio = LazyAttribute(lambda row: [row.value] * len(row.feature_set.names))
    symmetric_ratio = LazyAttribute(lambda row: [row.value] * len(row.feature_set.names))
    velocity_per_month = LazyAttribute(lambda row: [row.value] * len(row.feature_set.names))
    reasons = LazyAttribute(
        lambda row: {
            form: [None] * len(row.feature_set.names)
            for form in ("absolute", "relative_ratio", "log_ratio", "symmetric_ratio", "velocity_per_month")
        }
    )
    inputs_digest = Sequence(lambda n: digest_of("delta", n))


class ResponseAssessmentFactory(DjangoModelFactory[ResponseAssessment]):
    class Meta:
        model = ResponseAssessment

    timepoint = SubFactory(TimepointFactory)
    patient = SelfAttribute("timepoint.patient")
    criterion = Criterion.RECIST_1_1_TARGET
    category = ResponseCategory.SD
    assessed_on = BASELINE_ON
    sum_mm = "31.4"
    partial_sum_mm = "31.4"
    baseline_sum_mm = "31.4"
    nadir_sum_mm = "31.4"
    contributions = LazyFunction(list)
    rule = "SD_NEITHER"
    reasons = LazyFunction(lambda: ["Sum 31.4 mm: 0.0 % from the baseline of 31.4 mm (8 Jan 2024)"])
    inputs_digest = Sequence(lambda n: digest_of("response", n))


class ResponseSummaryFactory(DjangoModelFactory[ResponseSummary]):
    class Meta:
        model = ResponseSummary

    patient = SubFactory(PatientFactory)
    best = ResponseCategory.SD
    inputs_digest = Sequence(lambda n: digest_of("summary", n))


class CourseHoldFactory(DjangoModelFactory[CourseHold]):
    class Meta:
        model = CourseHold

    course = SubFactory(TreatmentCourseFactory)
    started_on = BASELINE_ON + timedelta(days=60)


class LesionTreatmentFactory(DjangoModelFactory[LesionTreatment]):
    class Meta:
        model = LesionTreatment

    lesion = SubFactory(LesionFactory)
    kind = LocalTherapy.RADIATION
    treated_on = BASELINE_ON + timedelta(days=80)


class ReadingFactory(DjangoModelFactory[Reading]):
    """A draft with its judgements made; `signed_reading` makes a signed one, with its lesions."""

    class Meta:
        model = Reading

    patient = SelfAttribute("timepoint.patient")
    timepoint = SubFactory(TimepointFactory)
    reader = SubFactory(UserFactory)
    non_target = NonTarget.NCNP
    new_disease = NewDisease.NO


class LesionReadingFactory(DjangoModelFactory[LesionReading]):
    class Meta:
        model = LesionReading

    reading = SubFactory(ReadingFactory)
    lesion = SubFactory(LesionFactory, patient=SelfAttribute("..reading.patient"))
    state = SizeState.MEASURED


class AdjudicationFactory(DjangoModelFactory[Adjudication]):
    class Meta:
        model = Adjudication

    reading = SubFactory(ReadingFactory)
    timepoint = SelfAttribute("reading.timepoint")
    decided_by = SubFactory(UserFactory)
    why = "The first reader saw the liver in the portal venous phase."


def signed_reading(
    timepoint: Timepoint, reader: User | None, lesions: dict[Lesion, SizeState | float] | None = None, **judged: Any
) -> Reading:
    """A signed reading; each lesion either in a state, or with a diameter (mm) that its reader typed."""
    reading = ReadingFactory.create(timepoint=timepoint, reader=reader, **judged)
    for lesion, found in (lesions or {}).items():
        own = (
            {"state": found}
            if isinstance(found, SizeState)
            else {"diameter_mm": found, "diameter_from": "TYPED", "diameter_why": "measured elsewhere"}
        )
        LesionReadingFactory.create(reading=reading, lesion=lesion, **own)
    Reading.objects.filter(pk=reading.pk).update(state=ReadingState.SIGNED, signed_at=timezone.now())
    reading.refresh_from_db()
    return reading


class ProcessingRunFactory(DjangoModelFactory[ProcessingRun]):
    class Meta:
        model = ProcessingRun

    step = Step.EXTRACT
    subject_pk = Sequence(lambda n: n + 1)
    state = RunState.QUEUED

    @classmethod
    def _create(cls, model_class, *_args, state, **fields):
        return standing(model_class, state, **fields)


# The grid of the scans whose pictures `stored_pictures` makes.
GEOMETRY = {
    "shape": [9, 256, 256],
    "spacing_mm": [0.75, 0.75, 2.5],
    "origin_mm": [-96.0, -96.0, -40.0],
    "direction": [1, 0, 0, 0, 1, 0, 0, 0, 1],
}


def stored_pictures(storage: Storage, slices: int = 3, width: int = 12, height: int = 10) -> dict[str, Any]:
    """Real bytes for an outline: 16-bit pictures with a contour, and the manifest that names them."""
    square = [[3, 3], [8, 3], [8, 7], [3, 7]]
    rows = []
    for k in range(slices):
        content = grey_png([[900 + 40 * k + 8 * i + 5 * j for i in range(width)] for j in range(height)])
        rows.append({"k": k, "z_mm": 2.5 * k, "png": storage.keep_bytes(content), "contours": [square]})
    manifest = {
        "modality": "CT",
        "unit": "HU",
        "pixel_mm": [0.75, 0.75],
        "origin_px": [100, 120],
        "size_px": [width, height],
        "offset": -1024.0,
        "slope": 1.0,
        "p1": -900.0,
        "p99": 300.0,
        "slices": rows,
    }
    digest = storage.keep_bytes(json.dumps(manifest).encode())
    return {"manifest": digest, "first": 0, "count": slices, "largest": slices // 2}


def feature_names(count: int) -> list[str]:
    """Names for a feature set of any size; the three usual ones where that is enough."""
    return list(FEATURES) if count == len(FEATURES) else [f"original_glcm_Quantity{n:04d}" for n in range(count)]


def followed_patient(
    team: Team, lesions: int = 2, dates: int = 3, features: int = len(FEATURES), storage: Storage | None = None
) -> Patient:
    """A patient with every lesion outlined, measured, extracted and compared at every date."""
    patient = PatientFactory.create(team=team)
    TreatmentCourseFactory.create(patient=patient)
    names = feature_names(features)
    feature_set = FeatureSetFactory.create(names=names)
    roles = [LesionRole.TARGET if n < 2 else LesionRole.NON_TARGET for n in range(lesions)]
    tracked = [
        LesionFactory.create(patient=patient, tracking_id=f"liver {n + 1}", role=role) for n, role in enumerate(roles)
    ]
    pictures = stored_pictures(storage) if storage else {}
    first: dict[int, FeatureSnapshot] = {}
    for visit in range(dates):
        on = BASELINE_ON + timedelta(days=56 * visit)
        scan = ScanFactory.create(
            timepoint=TimepointFactory.create(patient=patient), acquired_on=on, geometry=GEOMETRY if storage else {}
        )
        sizes = [30.0 - 3 * visit + place for place in range(lesions)]
        for lesion, size in zip(tracked, sizes, strict=True):
            seen = SegmentationFactory.create(scan=scan, lesion=lesion, slices=pictures)
            MeasurementFactory.create(segmentation=seen, longest_diameter_mm=size, short_axis_mm=0.7 * size)
            snapshot = FeatureSnapshotFactory.create(segmentation=seen, feature_set=feature_set)
            earlier = first.setdefault(lesion.pk, snapshot)
            for reference in Reference if earlier != snapshot else ():
                FeatureDeltaFactory.create(snapshot=snapshot, reference_snapshot=earlier, reference=reference)
        total = str(sum(sizes[:2]))
        category = ResponseCategory.SD if visit else ResponseCategory.BASELINE
        ResponseAssessmentFactory.create(
            timepoint=scan.timepoint, category=category, assessed_on=on, sum_mm=total, partial_sum_mm=total
        )
    return patient


def everywhere() -> User:
    """A login that may read and steward in every team there is."""
    return UserFactory.create(roles=[Role.READER, Role.STEWARD], teams=list(Team.objects.all()))


def login(team: Team, *roles: Role, **named: Any) -> User:
    """A login with roles in one team."""
    return UserFactory.create(roles=roles, teams=[team], **named)
