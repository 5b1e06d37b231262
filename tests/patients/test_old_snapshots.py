"""A site of the version before this one, full of rows, is migrated: every old snapshot is readable, to the bit."""

import math

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from patients.models import AuditEvent, FeatureSnapshot, Patient, Upload
from patients.reads.integrity.rows_held import damaged_rows, unsealed_rows
from patients.reads.timelines import patient_timeline
from tests.emptied import let_trail_be_emptied

# The last state of the tables before states, answered forms, the audit trail and integrity came.
BEFORE = [("patients", "0021_scores_outlive_courses"), ("radiomics_tasks", "0007_recompute_step")]
VALUES = [0.1 + 0.2, -0.0, 5e-324, 1.7976931348623157e308, math.pi, None]
NAMES = [f"original_firstorder_{number}" for number in range(len(VALUES))]
DIGEST = "d" * 64


@pytest.fixture
def back_again():
    """Whatever the test does, the next one finds the newest tables."""
    yield
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
    let_trail_be_emptied()


def filled(apps) -> None:
    def make(model: str, app: str = "patients", **fields):
        return apps.get_model(app, model).objects.create(**fields)

    team = make("Team", name="T")
    patient = make("Patient", pseudonym="P-1", team=team)
    upload = make("Upload", team=team, state="NEEDS_PERSON")
    make("Candidate", upload=upload, state="READY", modality="CT", facts={"volume_file": DIGEST})
    lesion = make("Lesion", patient=patient, tracking_uid="2.25.1", tracking_id="liver 1", organ="LIVER", role="TARGET")
    names = make("FeatureSet", profile="ct", profile_digest=DIGEST, names_digest=DIGEST, names=NAMES)
    for number, on in enumerate(("2024-01-08", "2024-03-08")):
        visit = make("Timepoint", patient=patient)
        scan = make(
            "Scan",
            patient=patient,
            timepoint=visit,
            modality="CT",
            acquired_on=on,
            unit="HU",
            volume_digest=f"{number}" * 64,
            volume_file=f"{number}" * 64,
            geometry={"spacing_mm": [0.75, 0.75, 2.5]},
        )
        outline = make(
            "Segmentation",
            scan=scan,
            lesion=lesion,
            outline_format="SEG",
            mask_digest=DIGEST,
            mask_file=DIGEST,
            voxels=1840,
        )
        make("Measurement", segmentation=outline, longest_diameter_mm=31.4, short_axis_mm=22.7, volume_ml=0.1 + 0.2)
        make(
            "FeatureSnapshot",
            segmentation=outline,
            feature_set=names,
            engine="pyradiomics",
            build_digest=DIGEST,
            versions={},
            values=VALUES,
            reasons=[None] * 5 + ["SMALL_ROI"],
            provenance={"roi_voxels_after": 1840},
        )
        make("ProcessingRun", "radiomics_tasks", step="extract_features", subject_pk=scan.pk, state="DONE")
    make("ProcessingRun", "radiomics_tasks", step="reassess_patient", subject_pk=patient.pk, state="QUEUED")


def same_bits(first, second) -> bool:
    return [value if value is None else value.hex() for value in first] == [
        value if value is None else value.hex() for value in second
    ]


@pytest.mark.django_db(transaction=True)
def test_a_full_site_of_the_version_before_is_migrated_and_its_snapshots_are_read(back_again):
    executor = MigrationExecutor(connection)
    executor.migrate(BEFORE)
    filled(executor.loader.project_state(BEFORE).apps)
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
    assert all(same_bits(row.values, VALUES) for row in FeatureSnapshot.objects.all())
    track = patient_timeline(Patient.objects.get().pk).tracks[0]
    assert [same_bits(one.features.values, VALUES) for one in track.observations] == [True, True]
    assert Upload.objects.get().state == "NEEDS_PERSON"
    # Older than the trail: nothing is claimed of them, and no alarm is raised.
    assert AuditEvent.objects.count() == 0
    assert [one.kind for one in damaged_rows() if one.subject.startswith(("scan", "outline", "snapshot"))] == []
    assert unsealed_rows() == 8
    call_command("check")
