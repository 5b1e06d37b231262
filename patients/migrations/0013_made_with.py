"""How each outline was made, as its file says."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0012_model_registry"),
    ]

    operations = [
        migrations.AddField(
            model_name="segmentation",
            name="made_with",
            field=models.JSONField(blank=True, default=dict),
        ),
    ]
