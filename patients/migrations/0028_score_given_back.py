"""A score that comes back carries the day on which it was given."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0027_audit_trail"),
    ]

    operations = [
        migrations.AlterField(
            model_name="pseudoprogressionscore",
            name="given_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
    ]
