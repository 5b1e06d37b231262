"""A patient whose scans and outlines lie in the store, measured, extracted and concluded by the real steps."""

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from patients.files import Storage
from patients.models import Patient, Scan, Team
from patients.vocabulary import Step
from radiomics_tasks import runs
from radiomics_tasks.imaging.formats.nrrd import write_mask, write_volume
from radiomics_tasks.steps import extract, reassess
from tests.factories import (
    BASELINE_ON,
    LesionFactory,
    PatientFactory,
    ScanFactory,
    SegmentationFactory,
    TimepointFactory,
    TreatmentCourseFactory,
)
from tests.radiomics_tasks.extraction.lesions import ball, scan

CENTRES = ((40, 50, 14), (85, 70, 26))


def extracted_patient(team: Team, storage: Storage, radii_mm=((11.0, 9.0), (13.0, 8.0))) -> Patient:
    """Each row of radii is a visit, 56 days apart, each radius one target lesion."""
    patient = PatientFactory.create(team=team)
    TreatmentCourseFactory.create(patient=patient)
    targets = [LesionFactory.create(patient=patient, tracking_id=f"liver {n + 1}") for n in range(len(radii_mm[0]))]
    for visit, radii in enumerate(radii_mm):
        filed = _filed(patient, storage, visit)
        grid = scan(seed=visit).grid
        for lesion, radius, centre in zip(targets, radii, CENTRES, strict=False):
            mask = ball(grid, radius, centre).cropped()
            digest = _kept(storage, lambda path, mask=mask: write_mask(mask, path))
            SegmentationFactory.create(
                scan=filed, lesion=lesion, mask_digest=mask.digest, mask_file=digest, voxels=mask.voxels
            )
        extract.extract_features(runs.arm(Step.EXTRACT, filed.pk).pk)
    reassess.reassess_patient(runs.arm(Step.REASSESS, patient.pk).pk)
    return patient


def _filed(patient: Patient, storage: Storage, visit: int) -> Scan:
    volume = scan(seed=visit)
    return ScanFactory.create(
        timepoint=TimepointFactory.create(patient=patient),
        acquired_on=BASELINE_ON + timedelta(56 * visit),
        volume_digest=volume.digest,
        volume_file=_kept(storage, lambda path: write_volume(volume, path)),
        geometry=volume.grid.as_dict(),
    )


def _kept(storage: Storage, write) -> str:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        write(path)
        return storage.keep_file(path)
