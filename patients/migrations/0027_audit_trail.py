"""The audit trail, and the triggers that let it be added to and nothing else."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import uuid
from django.db import migrations, models


FORWARD = """
CREATE FUNCTION keep_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is only ever added to' USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""
BACKWARD = "DROP FUNCTION keep_audit();"
KEPT = """
CREATE TRIGGER %(table)s_is_kept BEFORE UPDATE OR DELETE ON patients_%(table)s
    FOR EACH ROW EXECUTE FUNCTION keep_audit();
CREATE TRIGGER %(table)s_is_not_emptied BEFORE TRUNCATE ON patients_%(table)s
    FOR EACH STATEMENT EXECUTE FUNCTION keep_audit();
"""
LET_GO = """
DROP TRIGGER %(table)s_is_not_emptied ON patients_%(table)s;
DROP TRIGGER %(table)s_is_kept ON patients_%(table)s;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('patients', '0026_made_up_patients_apart'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('at', models.DateTimeField()),
                ('deed', models.CharField(max_length=24)),
                ('origin', models.CharField(choices=[('WEB', 'a login in the browser'), ('WORKER', 'background work'), ('COMMAND', 'a command on the server')], max_length=8)),
                ('login', models.CharField(blank=True, max_length=150)),
                ('user_pk', models.BigIntegerField(null=True)),
                ('address', models.CharField(blank=True, max_length=45)),
                ('door', models.CharField(blank=True, max_length=60)),
                ('method', models.CharField(blank=True, max_length=8)),
                ('status', models.PositiveSmallIntegerField(null=True)),
                ('patient_code', models.UUIDField(null=True)),
                ('subject_kind', models.CharField(blank=True, max_length=24)),
                ('subject_code', models.CharField(blank=True, max_length=64)),
                ('team_pks', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ('detail', models.JSONField(default=dict)),
                ('seal', models.CharField(max_length=64)),
            ],
            options={
                'indexes': [models.Index(fields=['patient_code', '-id'], name='audit_by_patient'), models.Index(fields=['login', '-id'], name='audit_by_login'), models.Index(fields=['deed', '-id'], name='audit_by_deed'), models.Index(fields=["at"], name="audit_by_moment"),
                    django.contrib.postgres.indexes.GinIndex(fields=["team_pks"], name="audit_by_team"),],
            },
        ),
        migrations.CreateModel(
            name='AuditLink',
            fields=[
                ('number', models.BigIntegerField(primary_key=True, serialize=False)),
                ('digest', models.CharField(max_length=64)),
                ('event', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='link', to='patients.auditevent')),
            ],
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
        *(
            migrations.RunSQL(KEPT % {"table": table}, LET_GO % {"table": table})
            for table in ("auditevent", "auditlink")
        ),
    ]
