"""Rings around a lesion as regions of their own, repeats under perturbation, and the share that is not tissue."""

import django.db.models.deletion
from django.db import migrations, models

import patients.models.doubles
import patients.words.regions

# Snapshots of before have told the share beside their numbers: the same, to the bit.
TAKEN_OVER = """
UPDATE patients_measurement m SET outside_ratio = (
    SELECT (f.provenance->>'outside_tissue_ratio')::float8 FROM patients_featuresnapshot f
    WHERE f.segmentation_id = m.segmentation_id AND f.provenance ? 'outside_tissue_ratio'
    ORDER BY f.id DESC LIMIT 1
)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0009_labs_and_events"),
    ]

    operations = [
        migrations.CreateModel(
            name="RepeatedExtraction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("build_digest", models.CharField(max_length=64)),
                ("spec", models.JSONField()),
                ("spec_digest", models.CharField(max_length=64)),
                ("seed", models.CharField(max_length=64)),
                ("repeats", models.PositiveSmallIntegerField()),
                ("values", patients.models.doubles.DoublesField(base_field=models.FloatField(null=True), size=None)),
                ("sizes", models.JSONField()),
                ("facts", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="featuresnapshot",
            name="one_snapshot_an_outline_and_build",
        ),
        migrations.AddField(
            model_name="featuresnapshot",
            name="region",
            field=models.CharField(
                choices=[
                    ("LESION", "lesion"),
                    ("RING_0_5", "ring up to 5 mm around it"),
                    ("RING_5_10", "ring from 5 to 10 mm around it"),
                ],
                default=patients.words.regions.Region["LESION"],
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="measurement",
            name="outside_ratio",
            field=models.FloatField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="measurement",
            name="absence",
            field=models.CharField(
                blank=True,
                choices=[
                    ("SMALL_ROI", "too few voxels for texture"),
                    ("FLAT_ROI", "one slice: no 3-D shape"),
                    ("SMALL_RING", "fewer than 200 voxels of tissue are left around the lesion"),
                    ("OF_A_RING", "the shape of a ring is the shape of its lesion"),
                    ("NONFINITE", "not defined for this region"),
                    ("NOT_COMPUTED", "not computed by the engine"),
                    ("NO_REFERENCE", "no earlier observation to compare with"),
                    ("SAME_DAY", "same-day scans: test and retest, not a change"),
                    ("PROFILE_DIFFERS", "extracted under another profile or modality"),
                    ("REFERENCE_MISSING", "not defined at the reference date"),
                    ("VALUE_MISSING", "not defined at this date"),
                    ("SCALE", "this form of change is not defined for the feature's scale"),
                    ("SMALL_DENOMINATOR", "the reference value is too close to zero"),
                    ("NOT_POSITIVE", "a ratio needs two positive values"),
                    ("INTERVAL_TOO_SHORT", "fewer than 28 days apart"),
                    ("NOT_OUTLINED", "not outlined at this visit"),
                    ("SEVERAL_PARTS", "the outline has separate parts: one lesion split, or only the largest?"),
                    ("EMPTY", "the outline marks nothing"),
                    ("TREATED", "treated locally (surgery, radiation): no longer an untouched target"),
                    ("NOT_EVALUATED", "not evaluable by the reader's assessment"),
                    ("WAITING", "measurement is still running"),
                    ("FAILED", "measurement failed"),
                ],
                max_length=24,
            ),
        ),
        migrations.AddConstraint(
            model_name="featuresnapshot",
            constraint=models.UniqueConstraint(
                fields=("segmentation", "feature_set", "region", "build_digest"), name="one_snapshot_a_region_and_build"
            ),
        ),
        migrations.AddField(
            model_name="repeatedextraction",
            name="feature_set",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="patients.featureset"
            ),
        ),
        migrations.AddField(
            model_name="repeatedextraction",
            name="segmentation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="repeats", to="patients.segmentation"
            ),
        ),
        migrations.AddConstraint(
            model_name="repeatedextraction",
            constraint=models.UniqueConstraint(
                fields=("segmentation", "feature_set", "build_digest", "spec_digest"),
                name="one_set_of_repeats_an_outline",
            ),
        ),
        migrations.AddConstraint(
            model_name="repeatedextraction",
            constraint=models.CheckConstraint(condition=models.Q(("repeats__gte", 2)), name="repeats_are_at_least_two"),
        ),
        migrations.RunSQL(TAKEN_OVER, migrations.RunSQL.noop),
    ]
