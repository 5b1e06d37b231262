"""The step that extracts a further profile."""

from django.db import migrations, models

STEPS = [
    ("ingest_upload", "Read the upload"),
    ("extract_features", "Measure and extract"),
    ("reassess_patient", "Conclude"),
    ("perturb_outlines", "Estimate noise"),
    ("extract_full", "Extract a further profile"),
    ("gather_noise", "Gather noise"),
    ("fit_harmonisation", "Harmonise scanners"),
    ("register_model", "Read a model"),
    ("apply_model", "Apply a model to every patient"),
    ("count_scores", "Count how often scores were right"),
    ("recompute_number", "Compute again"),
]


class Migration(migrations.Migration):
    dependencies = [("radiomics_tasks", "0010_heartbeats")]

    operations = [
        migrations.AlterField(
            model_name="processingrun", name="step", field=models.CharField(choices=STEPS, max_length=24)
        ),
    ]
