"""The step that estimates noise."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("radiomics_tasks", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="processingrun",
            name="step",
            field=models.CharField(
                choices=[
                    ("ingest_upload", "Read the upload"),
                    ("extract_features", "Measure and extract"),
                    ("reassess_patient", "Conclude"),
                    ("perturb_outlines", "Estimate noise"),
                ],
                max_length=24,
            ),
        ),
    ]
