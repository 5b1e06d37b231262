"""What concluding the largest patient costs, and storing it: 1,316 features, 8 visits, 5 lesions, all references.

.venv/bin/python -m pytest -m benchmark tests/benchmarks/test_conclude.py -s
"""

import statistics
import time

import pytest

from patients.findings import PatientFindings
from patients.models import ChangeNoise, FeatureDelta, LesionPair, NoiseTable, Patient, PatientDelta
from patients.reads.timelines import patient_timeline
from patients.vocabulary import Role
from patients.writes.findings import replace_findings
from radiomics_tasks.analysis.conclude import conclude
from radiomics_tasks.analysis.grounds import Grounds
from tests.factories import followed_patient, login
from tests.noisy import bands

pytestmark = pytest.mark.django_db
# As one scanner's files have them: enough for every rule to have something to look at.
ACQUISITION = {
    "RescaleSlope": 1.0,
    "RescaleIntercept": -1024.0,
    "SliceThickness": 1.25,
    "PixelSpacing": [0.8, 0.8],
    "KVP": 120.0,
    "Exposure": 150.0,
    "ConvolutionKernel": "B30f",
    "Manufacturer": "SIEMENS",
    "ManufacturerModelName": "Somatom",
    "ImageOrientationPatient": [1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
    "ContrastBolusAgent": "Iomeprol",
}


def largest(team) -> Patient:
    patient = followed_patient(team, lesions=5, dates=8, features=1316)
    facts = {"kind": "dicom", "acquisition": ACQUISITION, "probes": {"aorta_hu": 150.0, "liver_hu": 105.0}}
    patient.scans.update(facts=facts)
    return patient


def stored(findings: PatientFindings) -> str:
    """What storing took: on the clock (with the database), and of this process alone."""
    began_at, began_cpu = time.perf_counter(), time.process_time()
    replace_findings(findings)
    return f"{time.perf_counter() - began_at:.2f} s ({time.process_time() - began_cpu:.2f} s of the processor)"


@pytest.mark.benchmark
def test_what_concluding_the_largest_patient_costs(team):
    """Prints the seconds of `conclude`, of reading and of storing: first, unchanged, and after bands moved."""
    login(team, Role.READER)
    patient = largest(team)
    began_at = time.perf_counter()
    timeline = patient_timeline(patient.pk, with_facts=True)
    reading_s = time.perf_counter() - began_at
    features = next(seen.features for track in timeline.tracks for seen in track.observations if seen.features)
    found = bands(0.05, features.names, features.profile_digest)
    taken, worked = [], []
    for _ in range(6):
        # New grounds each time, as a worker has them: nothing is kept from the patient before.
        grounds = Grounds(bands=found)
        began_at, began_cpu = time.perf_counter(), time.process_time()
        findings = conclude(timeline, grounds=grounds)
        taken.append(time.perf_counter() - began_at)
        worked.append(time.process_time() - began_cpu)
    storing, again = stored(findings), stored(findings)
    ChangeNoise.objects.update(inputs_digest="")
    noise_anew = stored(findings)
    middle_s, cpu_s = statistics.median(taken[1:]), statistics.median(worked[1:])
    counts = {model.__name__: model.objects.count() for model in (FeatureDelta, ChangeNoise, LesionPair, PatientDelta)}
    print(  # noqa: T201  # the figures are what this is for
        f"\n1,316 features x 8 visits x 5 lesions, {counts}, {NoiseTable.objects.count()} tables: "
        f"conclude first {taken[0]:.2f} s, median {middle_s:.2f} s, slowest {max(taken[1:]):.2f} s, "
        f"{cpu_s:.2f} s of the processor; "
        f"reading {reading_s:.2f} s; storing {storing}, storing the same again {again}, "
        f"with all noise in the place of other noise {noise_anew}"
    )
    assert counts["FeatureDelta"] == counts["LesionPair"] == 5 * 7 * 3
