"""The step that computes a number again."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('radiomics_tasks', '0006_counts_scores'),
    ]

    operations = [
        migrations.AlterField(
            model_name='processingrun',
            name='step',
            field=models.CharField(choices=[
                    ("ingest_upload", "Read the upload"),
                    ("extract_features", "Measure and extract"),
                    ("reassess_patient", "Conclude"),
                    ("perturb_outlines", "Estimate noise"),
                    ("gather_noise", "Gather noise"),
                    ("fit_harmonisation", "Harmonise scanners"),
                    ("register_model", "Read a model"),
                    ("apply_model", "Apply a model to every patient"),
                    ("count_scores", "Count how often scores were right"), ('recompute_number', 'Compute again')], max_length=24),
        ),
    ]
