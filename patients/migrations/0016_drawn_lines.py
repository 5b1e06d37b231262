"""A drawn diameter keeps its line: the outline whose pictures it was drawn on, slice and end points."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("patients", "0015_lesion_names")]

    operations = [
        migrations.AddField(
            model_name="lesionreading", name="drawn_at", field=models.JSONField(blank=True, default=dict)
        ),
        migrations.AddField(
            model_name="lesionreading",
            name="drawn_on",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="patients.segmentation",
            ),
        ),
        migrations.AddConstraint(
            model_name="lesionreading",
            constraint=models.CheckConstraint(
                condition=Q(drawn_on__isnull=True, drawn_at={})
                | (Q(drawn_on__isnull=False, diameter_from="DRAWN") & ~Q(drawn_at={})),
                name="lines_are_of_drawn_diameters",
            ),
        ),
    ]
