"""Features by column, derived from the snapshots; a trigger notes each new snapshot until it is turned."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import patients.models.doubles

FORWARD = """
CREATE FUNCTION note_unturned_snapshot() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO patients_unturnedsnapshot (snapshot_id, feature_set_id) VALUES (NEW.id, NEW.feature_set_id);
    RETURN NULL;
END $$;

CREATE TRIGGER snapshot_waits_to_be_turned AFTER INSERT ON patients_featuresnapshot
    FOR EACH ROW EXECUTE FUNCTION note_unturned_snapshot();

INSERT INTO patients_unturnedsnapshot (snapshot_id, feature_set_id)
    SELECT id, feature_set_id FROM patients_featuresnapshot;
"""
BACKWARD = """
DROP TRIGGER snapshot_waits_to_be_turned ON patients_featuresnapshot;
DROP FUNCTION note_unturned_snapshot();
"""


def _key(model: str, related_name: str) -> "models.ForeignKey":
    return models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name=related_name, to=model)


class Migration(migrations.Migration):
    dependencies = [("patients", "0034_damage_reaches_sizes")]

    operations = [
        migrations.CreateModel(
            name="ColumnBlock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "snapshot_pks",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                ("feature_set", _key("patients.featureset", "blocks")),
            ],
        ),
        migrations.CreateModel(
            name="ColumnValues",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.PositiveSmallIntegerField()),
                (
                    "values",
                    patients.models.doubles.DoublesField(base_field=models.FloatField(null=True), size=None),
                ),
                ("block", _key("patients.columnblock", "columns")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("block", "place"), name="one_column_a_block_and_place")
                ],
            },
        ),
        migrations.CreateModel(
            name="UnturnedSnapshot",
            fields=[
                (
                    "snapshot",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="patients.featuresnapshot",
                    ),
                ),
                ("feature_set", _key("patients.featureset", "+")),
            ],
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
