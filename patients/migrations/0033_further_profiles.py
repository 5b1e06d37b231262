"""Feature sets that are taken on request beside the profile that is followed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("patients", "0032_holds_stay_as_decided")]

    operations = [
        migrations.AddField(
            model_name="featureset", name="is_extra", field=models.BooleanField(default=False)
        ),
    ]
