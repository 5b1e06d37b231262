"""The default panel of each lesion over all its visits, in a few numbers."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0019_volume_slopes"),
    ]

    operations = [
        migrations.CreateModel(
            name="LesionTrajectory",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("panel", models.JSONField()),
                ("inputs_digest", models.CharField(max_length=64)),
                (
                    "feature_set",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="patients.featureset"
                    ),
                ),
                (
                    "lesion",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="trajectories",
                        to="patients.lesion",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="trajectories",
                        to="patients.patient",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("lesion", "feature_set"), name="one_trajectory_a_lesion_and_set"),
                ],
            },
        ),
    ]
