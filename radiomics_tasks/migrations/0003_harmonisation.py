"""The step that fits a harmonisation."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('radiomics_tasks', '0002_noise_step'),
    ]

    operations = [
        migrations.AlterField(
            model_name='processingrun',
            name='step',
            field=models.CharField(choices=[('ingest_upload', 'Read the upload'), ('extract_features', 'Measure and extract'), ('reassess_patient', 'Conclude'), ('perturb_outlines', 'Estimate noise'), ('fit_harmonisation', 'Harmonise scanners')], max_length=24),
        ),
    ]
