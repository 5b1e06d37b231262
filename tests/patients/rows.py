"""Whole patients as rows, from a plan of sizes and values: for tests that read them back."""

from collections.abc import Sequence
from datetime import date, timedelta

from patients.models import Lesion, Patient, Scan
from patients.vocabulary import LesionRole
from tests.factories import (
    BASELINE_ON,
    FEATURES,
    FeatureSetFactory,
    FeatureSnapshotFactory,
    LesionFactory,
    MeasurementFactory,
    PatientFactory,
    ScanFactory,
    SegmentationFactory,
    TimepointFactory,
    TreatmentCourseFactory,
)


def scan_on(patient: Patient, on: date, **more) -> Scan:
    """A scan in a visit of its own."""
    return ScanFactory.create(timepoint=TimepointFactory.create(patient=patient), acquired_on=on, **more)


def observed(lesion: Lesion, scan: Scan, size: float, names: Sequence[str] = FEATURES, **more) -> None:
    """One lesion on one scan, measured and extracted; every third value is missing because the region is small."""
    outline = SegmentationFactory.create(lesion=lesion, scan=scan)
    MeasurementFactory.create(
        segmentation=outline, longest_diameter_mm=size, short_axis_mm=0.7 * size, volume_ml=size**3 / 1909.86
    )
    values = [None if place % 3 == 2 else size * (place + 1) / 7 for place in range(len(names))]
    FeatureSnapshotFactory.create(
        segmentation=outline,
        feature_set=FeatureSetFactory.create(names=list(names)),
        values=values,
        reasons=["SMALL_ROI" if value is None else None for value in values],
        provenance={"roi_voxels_after": 1840},
        **more,
    )


def followed(*series: Sequence[float], names: Sequence[str] = FEATURES, days: int = 56, **more) -> Patient:
    """A patient with a target of each series, one size a visit, and a course that starts after the first."""
    patient = PatientFactory.create(**more)
    TreatmentCourseFactory.create(patient=patient, started_on=BASELINE_ON + timedelta(7))
    targets = [LesionFactory.create(patient=patient, role=LesionRole.TARGET) for _ in series]
    for visit in range(len(series[0])):
        scan = scan_on(patient, BASELINE_ON + timedelta(days * visit))
        for lesion, sizes in zip(targets, series, strict=True):
            observed(lesion, scan, sizes[visit], names)
    return patient


def many_names(count: int) -> list[str]:
    """As many feature names as asked for."""
    return [f"original_glcm_Quantity{place:04d}" for place in range(count)]
