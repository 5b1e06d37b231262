"""Whatever texture a scan has that may not be compared: no finding tells of it, not even by a digit."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import timedelta

import pytest

from patients.findings import PatientFindings
from patients.timeline import Observation, PatientTimeline
from patients.words.regions import Region
from radiomics_tasks.analysis.conclude import conclude
from tests.timelines import FIRST_ON, course, features, observation, timeline, track, visit

NAMES = ("original_firstorder_Mean", "original_glcm_Contrast", "original_glcm_JointEntropy")
VISITS = range(1, 5)
RING = next(region for region in Region if region is not Region.LESION)
SCALED = {"RescaleSlope": 1.0, "RescaleIntercept": -1024.0, "RescaleType": "HU", "KVP": 120.0}


def seen(lesion: int, pk: int, texture: Sequence[float]) -> Observation:
    """One outline with its ring, which has the same texture."""
    held, around = (features(100 * lesion + 10 * part + pk, texture, names=NAMES) for part in (0, 1))
    found = observation(pk, FIRST_ON + timedelta(60 * pk), 20.0 + pk * lesion, held, scan_pk=pk)
    return replace(found, rings=((RING, around),))


def patient(sharp: int, texture: float) -> PatientTimeline:
    """Two growing lesions; the scan of one visit has a bone kernel and this texture, the others a soft one."""
    visits = []
    for pk in VISITS:
        kernel = "BONE" if pk == sharp else "STANDARD"
        kept = {
            "kind": "dicom",
            "acquisition": SCALED | {"Manufacturer": "GE MEDICAL SYSTEMS", "ConvolutionKernel": kernel},
        }
        plain = visit(pk, FIRST_ON + timedelta(60 * pk))
        visits.append(replace(plain, scans=tuple(replace(scan, pk=pk, facts=kept) for scan in plain.scans)))
    tracks = [
        track(lesion, [seen(lesion, pk, [texture if pk == sharp else 10.0 + pk] * len(NAMES)) for pk in VISITS])
        for lesion in (1, 2)
    ]
    return timeline(visits, tracks, [course(visits[0].first_on)])


def told(findings: PatientFindings) -> dict[str, object]:
    return {field.name: getattr(findings, field.name) for field in fields(findings)}


@pytest.mark.parametrize("sharp", VISITS)
def test_no_finding_tells_of_a_blocked_texture(sharp):
    one, other = (told(conclude(patient(sharp, texture))) for texture in (12.0, 400.0))
    assert one["deltas"] and one["noises"] and one["aggregates"]
    assert [name for name in one if one[name] != other[name]] == []


def test_texture_of_scans_that_may_be_compared_is_told():
    soft = patient(0, 0.0)
    one, other = (told(conclude(replace(soft, tracks=patient(4, texture).tracks))) for texture in (12.0, 400.0))
    assert {"deltas", "aggregates", "trajectories"} <= {name for name in one if one[name] != other[name]}
