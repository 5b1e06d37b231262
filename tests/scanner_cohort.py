"""Rows of patients from two scanners, with features under the real profile's digest."""

import random
from datetime import timedelta

from patients.models import FeatureSet, FeatureSnapshot
from patients.vocabulary import Organ
from radiomics_tasks.extraction.profiles import profile_named
from tests.factories import (
    BASELINE_ON,
    FeatureSnapshotFactory,
    LesionFactory,
    MeasurementFactory,
    PatientFactory,
    ScanFactory,
    SegmentationFactory,
    TimepointFactory,
    digest_of,
)

SHAPE, MEAN, CONTRAST, ENTROPY = (
    "original_shape_MeshVolume",
    "original_firstorder_Mean",
    "original_glcm_Contrast",
    "original_firstorder_Entropy",
)
NAMES = [SHAPE, MEAN, CONTRAST, ENTROPY]


def scanned_patient(team, seed, model, shift, patient=None, lesion=None, days=0, *, is_synthetic=False):
    """One patient (or one more scan of it) with one measured, extracted lesion, on one scanner."""
    made = random.Random(seed)
    patient = patient or PatientFactory.create(team=team, is_synthetic=is_synthetic)
    lesion = lesion or LesionFactory.create(patient=patient, organ=(Organ.LIVER, Organ.LUNG)[seed % 2])
    tags = {"Manufacturer": "SIEMENS", "ManufacturerModelName": model, "ConvolutionKernel": "B30f", "SliceThickness": 2}
    scan = ScanFactory.create(
        timepoint=TimepointFactory.create(patient=patient),
        acquired_on=BASELINE_ON + timedelta(days=days),
        facts={"acquisition": tags},
    )
    outline = SegmentationFactory.create(scan=scan, lesion=lesion)
    MeasurementFactory.create(segmentation=outline, volume_ml=made.uniform(1, 30))
    names, _ = FeatureSet.objects.get_or_create(
        profile_digest=profile_named("ct").digest,
        names_digest=digest_of(*NAMES),
        defaults={"profile": "ct", "names": NAMES},
    )
    values = [900.0, *(10 + shift + made.gauss(0, 1) for _ in range(3))]
    snapshot = FeatureSnapshotFactory.create(segmentation=outline, feature_set=names, values=values, reasons=[None] * 4)
    return patient, snapshot


def scanner_cohort(team, sizes=(21, 12), **more) -> list[FeatureSnapshot]:
    """Patients of two scanners, the second of which reads three higher."""
    made = []
    for place, (model, size) in enumerate(zip(("Force", "Sensation"), sizes, strict=True)):
        made += [scanned_patient(team, 100 * place + at, model, 3.0 * place, **more)[1] for at in range(size)]
    return made
