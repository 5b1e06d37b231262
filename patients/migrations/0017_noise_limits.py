"""What the noise page shows stands in the tables: minimal detectable changes with their limits, and citations."""

import django.contrib.postgres.fields
from django.db import migrations, models

import patients.models.doubles


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0016_drawn_lines"),
    ]

    operations = [
        migrations.AddField(
            model_name="noisetable",
            name="citation",
            field=models.TextField(blank=True, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="noisetable",
            name="is_log",
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BooleanField(), default=list, size=None),
        ),
        migrations.AddField(
            model_name="noisetable",
            name="mdc",
            field=patients.models.doubles.DoublesField(default=list),
        ),
        migrations.AddField(
            model_name="noisetable",
            name="upper_mdc",
            field=patients.models.doubles.DoublesField(default=list),
        ),
        migrations.AlterField(
            model_name="retestpair",
            name="why_not",
            field=models.TextField(blank=True),
        ),
    ]
