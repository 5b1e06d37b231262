"""Harmonisations, which the database keeps as fitted, and the values derived under them."""

import django.contrib.postgres.fields
import django.db.models.deletion
import patients.words.harmonisation_words
import patients.models.doubles
from django.conf import settings
from django.db import migrations, models


FORWARD = """
CREATE FUNCTION keep_harmonisation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a harmonisation is never removed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF to_jsonb(NEW) - 'status' IS DISTINCT FROM to_jsonb(OLD) - 'status'
        OR NOT (NEW.status = OLD.status OR (OLD.status = 'IN_FORCE' AND NEW.status = 'RETIRED')) THEN
        RAISE EXCEPTION 'a harmonisation is never changed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER harmonisation_is_kept BEFORE UPDATE OR DELETE ON patients_harmonisationmodel
    FOR EACH ROW EXECUTE FUNCTION keep_harmonisation();

ALTER TABLE patients_harmonisedvalues ADD CONSTRAINT harmonised_values_are_whole CHECK (
    cardinality("values") = cardinality(reasons)
    AND array_position("values", 'NaN'::float8) IS NULL
    AND array_position("values", 'Infinity'::float8) IS NULL
    AND array_position("values", '-Infinity'::float8) IS NULL
);
"""

BACKWARD = """
ALTER TABLE patients_harmonisedvalues DROP CONSTRAINT harmonised_values_are_whole;
DROP TRIGGER harmonisation_is_kept ON patients_harmonisationmodel;
DROP FUNCTION keep_harmonisation();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('patients', '0010_regions_and_repeats'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='HarmonisationModel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('profile', models.CharField(max_length=40)),
                ('profile_digest', models.CharField(max_length=64)),
                ('version', models.PositiveIntegerField()),
                ('digest', models.CharField(max_length=64)),
                ('parameters', models.TextField()),
                ('fitted_at', models.DateTimeField(auto_now_add=True)),
                ('status', models.CharField(choices=[('IN_FORCE', 'in force'), ('RETIRED', 'retired')], default=patients.words.harmonisation_words.ModelStatus['IN_FORCE'], max_length=12)),
                ('fitted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='harmonisations', to='patients.team')),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='HarmonisedValues',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('values', patients.models.doubles.DoublesField(base_field=models.FloatField(null=True), size=None)),
                ('reasons', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=24, null=True), size=None)),
                ('notes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=24), default=list, size=None)),
                ('model', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='values', to='patients.harmonisationmodel')),
                ('snapshot', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='harmonised', to='patients.featuresnapshot')),
            ],
        ),
        migrations.AddConstraint(
            model_name='harmonisationmodel',
            constraint=models.UniqueConstraint(fields=('team', 'profile', 'version'), name='one_harmonisation_a_version'),
        ),
        migrations.AddConstraint(
            model_name='harmonisationmodel',
            constraint=models.UniqueConstraint(condition=models.Q(('status', patients.words.harmonisation_words.ModelStatus['IN_FORCE'])), fields=('team', 'profile'), name='one_harmonisation_in_force'),
        ),
        migrations.AddConstraint(
            model_name='harmonisationmodel',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', [patients.words.harmonisation_words.ModelStatus['IN_FORCE'], patients.words.harmonisation_words.ModelStatus['RETIRED']])), name='harmonisation_status_is_known'),
        ),
        migrations.AddConstraint(
            model_name='harmonisedvalues',
            constraint=models.UniqueConstraint(fields=('snapshot', 'model'), name='one_harmonised_row_a_snapshot'),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
