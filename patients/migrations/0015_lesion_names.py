"""Two readers, blinded to each other, may open new lesions of one name in their drafts."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("patients", "0014_trust"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.RemoveConstraint(model_name="lesion", name="one_lesion_a_tracking_id"),
        migrations.AddConstraint(
            model_name="lesion",
            constraint=models.UniqueConstraint(
                fields=("patient", "tracking_id", "created_by"),
                name="one_lesion_a_tracking_id_and_opener",
                nulls_distinct=False,
            ),
        ),
    ]
