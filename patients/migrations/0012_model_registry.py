"""The registry of models; the database keeps each as it was registered, and what it said as it was said."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


FORWARD = """
CREATE FUNCTION keep_hosted_model() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    standing text[] := ARRAY['status', 'approved_by_id', 'approved_at', 'retired_by_id', 'retired_at'];
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a registered model is never removed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF to_jsonb(NEW) - standing IS DISTINCT FROM to_jsonb(OLD) - standing THEN
        RAISE EXCEPTION 'a registered model is never changed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NOT (NEW.status = OLD.status
        OR (OLD.status = 'DRAFT' AND NEW.status IN ('SHADOW', 'ACTIVE', 'RETIRED'))
        OR (OLD.status = 'SHADOW' AND NEW.status IN ('ACTIVE', 'RETIRED'))
        OR (OLD.status = 'ACTIVE' AND NEW.status = 'RETIRED')) THEN
        RAISE EXCEPTION 'a model goes from draft to shadow or active, and then to retired'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER hosted_model_is_kept BEFORE UPDATE OR DELETE ON patients_hostedmodel
    FOR EACH ROW EXECUTE FUNCTION keep_hosted_model();

CREATE FUNCTION keep_model_output() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(NEW) - 'superseded_at' IS DISTINCT FROM to_jsonb(OLD) - 'superseded_at'
        OR OLD.superseded_at IS NOT NULL THEN
        RAISE EXCEPTION 'what a model said is never changed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER model_output_is_kept BEFORE UPDATE ON patients_modeloutput
    FOR EACH ROW EXECUTE FUNCTION keep_model_output();
"""

BACKWARD = """
DROP TRIGGER model_output_is_kept ON patients_modeloutput;
DROP FUNCTION keep_model_output();
DROP TRIGGER hosted_model_is_kept ON patients_hostedmodel;
DROP FUNCTION keep_hosted_model();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('patients', '0011_harmonisation'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='HostedModel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('kind', models.CharField(choices=[('PSP', 'Pseudoprogression score'), ('COEFFICIENTS', 'Coefficients')], max_length=16)),
                ('model_id', models.CharField(max_length=60)),
                ('version', models.CharField(max_length=20)),
                ('title', models.CharField(max_length=120)),
                ('text', models.TextField()),
                ('card', models.JSONField()),
                ('replay', models.JSONField()),
                ('tier', models.CharField(choices=[('none', 'not validated'), ('internal', 'internal validation only'), ('external', 'external validation'), ('prospective', 'prospective validation')], max_length=12)),
                ('profile_digest', models.CharField(blank=True, max_length=64)),
                ('status', models.CharField(choices=[('DRAFT', 'Draft, waits for approval'), ('SHADOW', 'Shadow: computed and kept, not shown'), ('ACTIVE', 'Active'), ('RETIRED', 'Retired')], default='DRAFT', max_length=12)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('approved_at', models.DateTimeField(blank=True, null=True)),
                ('retired_at', models.DateTimeField(blank=True, null=True)),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('retired_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['model_id', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='ModelOutput',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('OK', 'Estimated'), ('NOT_RELIABLE', 'Not reliable here: no number'), ('REFUSED', 'Not computed')], max_length=16)),
                ('value', models.FloatField(null=True)),
                ('said', models.JSONField()),
                ('said_digest', models.CharField(max_length=64)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('superseded_at', models.DateTimeField(blank=True, null=True)),
                ('lesion', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='model_outputs', to='patients.lesion')),
                ('model', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='outputs', to='patients.hostedmodel')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='model_outputs', to='patients.patient')),
                ('timepoint', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='model_outputs', to='patients.timepoint')),
            ],
        ),
        migrations.CreateModel(
            name='ModelUpload',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', models.CharField(blank=True, max_length=120)),
                ('text', models.TextField()),
                ('problem', models.JSONField(default=dict)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('model', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='uploads', to='patients.hostedmodel')),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.AddConstraint(
            model_name='hostedmodel',
            constraint=models.UniqueConstraint(fields=('model_id', 'version'), name='one_model_a_version'),
        ),
        migrations.AddConstraint(
            model_name='hostedmodel',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'ACTIVE')), fields=('model_id',), name='one_active_version_a_model'),
        ),
        migrations.AddConstraint(
            model_name='modeloutput',
            constraint=models.UniqueConstraint(condition=models.Q(('superseded_at', None)), fields=('model', 'timepoint', 'lesion'), name='one_output_in_force', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='modeloutput',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'OK'), ('value__isnull', False)), models.Q(models.Q(('status', 'OK'), _negated=True), ('value__isnull', True)), _connector='OR'), name='a_value_where_reliable'),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
