"""How features follow volume over a site's lesions, one table a feature set."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import patients.models.doubles


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0018_scores_stay_as_given"),
    ]

    operations = [
        migrations.CreateModel(
            name="VolumeSlopeTable",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "follows_volume",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BooleanField(), size=None),
                ),
                ("slope", patients.models.doubles.DoublesField()),
                ("standard_error", patients.models.doubles.DoublesField()),
                ("spearman", patients.models.doubles.DoublesField()),
                (
                    "lesions",
                    django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None),
                ),
                ("inputs_digest", models.CharField(max_length=64)),
                ("made_at", models.DateTimeField(auto_now=True)),
                (
                    "feature_set",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="patients.featureset"
                    ),
                ),
            ],
        ),
    ]
