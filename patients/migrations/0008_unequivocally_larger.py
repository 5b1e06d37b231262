"""A new lesion that is not measured may be called unequivocally larger."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("patients", "0007_confirmations")]

    operations = [
        migrations.AlterField(
            model_name="lesionreading",
            name="trend",
            field=models.CharField(
                blank=True,
                choices=[
                    ("INC", "Larger than last time"),
                    ("INC_UNEQ", "Unequivocally larger"),
                    ("SAME", "As last time"),
                    ("DEC", "Smaller than last time"),
                ],
                max_length=8,
            ),
        ),
    ]
