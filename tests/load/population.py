"""A site full of made-up patients: scans, lesions, sizes, features, signed readings and what is concluded of them.

Rows go to their tables in portions, each patient is concluded as a worker concludes it, and every invariant holds.
Run it within the site's environment: `manage.py shell -c "from tests.load.population import Size, build; ..."`.
"""

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.models import Group, User
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from patients.files import site_storage
from patients.models import (
    FeatureSet,
    Lesion,
    Measurement,
    Membership,
    Patient,
    Scan,
    Segmentation,
    Team,
    Timepoint,
    TreatmentCourse,
)
from patients.trail.contents import SCAN, content_of
from patients.vocabulary import (
    DrugClass,
    LesionRole,
    Modality,
    Organ,
    OutlineFormat,
    Role,
    RunState,
    Step,
    Tumour,
    Unit,
)
from patients.words.audit_words import Deed
from patients.writes.features import feature_set
from patients.writes.trail.chain import link_events
from patients.writes.trail.record import record
from radiomics_tasks import runs
from radiomics_tasks.extraction.profiles import profile_named
from radiomics_tasks.models import ProcessingRun
from tests.factories import GEOMETRY, digest_of, stored_pictures
from tests.load.findings import conclude_patient, sign_visits
from tests.load.vectors import copy_snapshots

TEAM = "Load"
SIGNER = "signer"
PASSWORD = "read under load"  # of a site that lives as long as the harness
PORTION = 20
BEGAN_ON = date(2022, 1, 10)
ORGANS = (Organ.LIVER, Organ.LUNG, Organ.LIVER, Organ.LUNG, Organ.ADRENAL)
TUMOURS = (Tumour.MELANOMA, Tumour.NSCLC, Tumour.RCC)
# As one scanner's files have them: every rule of comparability has something to look at.
FACTS: dict[str, Any] = {
    "kind": "dicom",
    "acquisition": {
        "RescaleSlope": 1.0,
        "RescaleIntercept": -1024.0,
        "SliceThickness": 2.5,
        "PixelSpacing": [0.75, 0.75],
        "KVP": 120.0,
        "Exposure": 150.0,
        "ConvolutionKernel": "B30f",
        "Manufacturer": "SIEMENS",
        "ManufacturerModelName": "Somatom",
        "ImageOrientationPatient": [1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
        "ContrastBolusAgent": "Iomeprol",
    },
    "probes": {"aorta_hu": 150.0, "liver_hu": 105.0},
}


@dataclass(frozen=True, slots=True)
class Size:
    """How large a site is; `profile` says how many features an outline has (`ct`: 107, `ct-full`: 1,316).

    `concluded`: of how many patients everything is signed and concluded, which takes most of the time.
    """

    patients: int = 500
    scans: int = 8
    lesions: int = 3
    profile: str = "ct"
    concluded: int = 500
    seed: int = 1


@dataclass(frozen=True, slots=True)
class _Shared:
    """What all patients have alike."""

    team: Team
    signer: User
    features: FeatureSet
    pictures: dict[str, Any]
    file: str


def make_logins(readers: int, uploaders: int, uploads: int) -> dict[str, list[str]]:
    """A team, its logins with one password, and patients whose scans are still to come; everything by its name."""
    team, _ = Team.objects.get_or_create(name=TEAM)
    hashed = User()
    hashed.set_password(PASSWORD)
    # Whoever assesses is shown less of what others called: oncologists see the whole of each page.
    people = {
        Role.READER: [SIGNER],
        Role.ONCOLOGIST: [f"reader-{number:02d}" for number in range(readers)],
        Role.COORDINATOR: [f"uploader-{number:02d}" for number in range(uploaders)],
    }
    for role, names in people.items():
        group, _ = Group.objects.get_or_create(name=role.value)
        for name in names:
            user = User.objects.create(username=name, password=hashed.password)
            user.groups.add(group)
            Membership.objects.create(user=user, team=team)
    expected = [
        Patient.objects.create(pseudonym=f"SYN-NEXT-{number:04d}", team=team, is_synthetic=True)
        for number in range(uploads)
    ]
    return {
        "readers": people[Role.ONCOLOGIST],
        "uploaders": people[Role.COORDINATOR],
        "patients": [str(patient.code) for patient in expected],
        "password": [PASSWORD],
    }


def build(size: Size, first: int = 0, step: int = 1) -> int:
    """Store every `step`-th patient from the `first` on; how many these are. Several processes may build at once."""
    storage = site_storage()
    profile = profile_named(size.profile)
    shared = _Shared(
        Team.objects.get(name=TEAM),
        User.objects.get(username=SIGNER),
        feature_set(profile.name, profile.digest, profile.feature_names),
        stored_pictures(storage),
        storage.keep_bytes(b"a volume or mask that nobody reads"),
    )
    numbers = range(first, size.patients, step)
    for at in range(0, len(numbers), PORTION):
        portion = numbers[at : at + PORTION]
        with transaction.atomic():
            for number, patient in zip(portion, _stored(size, shared, portion), strict=True):
                if number < size.concluded:
                    sign_visits(patient, shared.signer)
                    conclude_patient(patient)
        link_events(waits=True)
    return len(numbers)


def _stored(size: Size, shared: _Shared, numbers: Sequence[int]) -> list[Patient]:
    """Patients with everything that was filed and measured of them."""
    dice = random.Random(f"{size.seed} {numbers[0]}")
    patients = Patient.objects.bulk_create(
        Patient(
            pseudonym=f"SYN-{number:04d}", is_synthetic=True, team=shared.team, tumour=TUMOURS[number % len(TUMOURS)]
        )
        for number in numbers
    )
    TreatmentCourse.objects.bulk_create(
        TreatmentCourse(
            patient=patient,
            name="Pembrolizumab",
            drug_class=DrugClass.ANTI_PD1,
            started_on=BEGAN_ON + timedelta(days=7),
        )
        for patient in patients
    )
    lesions = Lesion.objects.bulk_create(
        Lesion(
            patient=patient,
            tracking_uid=f"2.25.{dice.getrandbits(96)}",
            tracking_id=f"{ORGANS[place % 5].label.lower()} {place + 1}",
            organ=ORGANS[place % 5],
            role=LesionRole.TARGET if place < 2 else LesionRole.NON_TARGET,
        )
        for patient in patients
        for place in range(size.lesions)
    )
    scans = _scans(size, shared, patients)
    _outlines(size, shared, scans, lesions, dice)
    _measured(scans)
    for scan in Scan.objects.filter(pk__in=[scan.pk for scan in scans]).select_related("patient"):
        record(Deed.SCAN_FILED, patient=scan.patient, subject=scan, content=content_of(scan, SCAN))
    return patients


def _scans(size: Size, shared: _Shared, patients: Sequence[Patient]) -> list[Scan]:
    visits = Timepoint.objects.bulk_create(Timepoint(patient=one) for one in patients for _ in range(size.scans))
    return Scan.objects.bulk_create(
        Scan(
            patient=visit.patient,
            timepoint=visit,
            modality=Modality.CT,
            acquired_on=BEGAN_ON + timedelta(days=56 * (place % size.scans)),
            description="Thorax and abdomen, portal venous",
            unit=Unit.HU,
            series_instance_uid=f"2.25.{uuid.uuid4().int}",
            volume_digest=digest_of("volume", visit.pk),
            volume_file=shared.file,
            geometry=GEOMETRY,
            facts=FACTS,
            is_synthetic=True,
            filed_by=shared.signer,
        )
        for place, visit in enumerate(visits)
    )


def _outlines(
    size: Size, shared: _Shared, scans: Sequence[Scan], lesions: Sequence[Lesion], dice: random.Random
) -> None:
    """Each lesion outlined and measured on each scan of its patient; its size goes its own way from scan to scan."""
    of_patient: dict[int, list[Lesion]] = {}
    for lesion in lesions:
        of_patient.setdefault(lesion.patient_id, []).append(lesion)
    pairs = [(scan, lesion) for scan in scans for lesion in of_patient[scan.patient_id]]
    outlines = Segmentation.objects.bulk_create(
        Segmentation(
            scan=scan,
            lesion=lesion,
            outline_format=OutlineFormat.SEG,
            roi_name=lesion.tracking_id,
            mask_digest=digest_of("mask", scan.pk, lesion.pk),
            mask_file=shared.file,
            voxels=1840,
            centroid_mm=[12.0, -40.0, 310.0],
            slices=shared.pictures,
            created_by=shared.signer,
        )
        for scan, lesion in pairs
    )
    now_mm = {lesion.pk: dice.uniform(14, 60) for lesion in lesions}
    trend = {lesion.pk: dice.gauss(-0.03, 0.12) for lesion in lesions}
    sizes = []
    for _, lesion in pairs:
        now_mm[lesion.pk] *= max(0.6, 1 + trend[lesion.pk] + dice.gauss(0, 0.04))
        sizes.append(now_mm[lesion.pk])
    Measurement.objects.bulk_create(
        Measurement(segmentation=one, longest_diameter_mm=mm, short_axis_mm=0.7 * mm, volume_ml=0.0004 * mm**3)
        for one, mm in zip(outlines, sizes, strict=True)
    )
    copy_snapshots(shared.features, list(zip(outlines, sizes, strict=True)), dice)


def _measured(scans: Sequence[Scan]) -> None:
    """The runs that measured these scans, moved as a worker moves them, so that their history is whole."""
    runs.arm_all(Step.EXTRACT, [scan.pk for scan in scans])
    rows = ProcessingRun.objects.filter(step=Step.EXTRACT, subject_pk__in=[scan.pk for scan in scans])
    rows.update(
        state=RunState.RUNNING,
        attempt=F("attempt") + 1,
        lease_token=uuid.uuid4(),
        lease_until=runs.in_seconds(60),
        started_at=Now(),
    )
    rows.update(state=RunState.DONE, lease_token=None, lease_until=None, finished_at=Now())
