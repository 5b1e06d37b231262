"""Scans and patients are put under another patient; an assessment may be withdrawn for it."""

import django.contrib.postgres.fields
import django.db.models.deletion
import patients.words.identity_words
import patients.words.reading_words
import uuid
from django.conf import settings
from django.db import migrations, models


# Signed, an assessment may be withdrawn; a move that was decided, or done, is never changed or removed.
FORWARD = """
-- Images are known again by their numbers, under whichever patient.
CREATE INDEX scan_by_image ON patients_scan USING gin ((facts -> 'sop_instance_uids'));

CREATE OR REPLACE FUNCTION keep_signed_reading() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'DRAFT' THEN
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        IF NEW.state NOT IN ('DRAFT', 'SIGNED') THEN
            RAISE EXCEPTION 'a draft is signed before anything else becomes of it'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a signed reading is never removed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF to_jsonb(NEW) - 'state' IS DISTINCT FROM to_jsonb(OLD) - 'state' OR NOT (
        NEW.state = OLD.state
        OR (OLD.state = 'SIGNED' AND NEW.state IN ('REOPENED', 'REPLACED', 'WITHDRAWN'))
        OR (OLD.state = 'REOPENED' AND NEW.state IN ('REPLACED', 'WITHDRAWN'))
    ) THEN
        RAISE EXCEPTION 'a signed reading is never changed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION patients_move_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a decided move is never changed' USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER patients_move_stays BEFORE UPDATE OR DELETE ON patients_move
    FOR EACH ROW WHEN (OLD.state <> 'ASKED') EXECUTE FUNCTION patients_move_stays();
"""
BACKWARD = "DROP INDEX scan_by_image; DROP TRIGGER patients_move_stays ON patients_move; DROP FUNCTION patients_move_stays();"


class Migration(migrations.Migration):

    dependencies = [
        ('patients', '0036_access_tokens'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Move',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('REASSIGN', 'Scans put under another patient'), ('SPLIT', 'Scans put under a new patient'), ('MERGE', 'Two patients put together'), ('BACK', 'Put back')], max_length=8)),
                ('state', models.CharField(choices=[('ASKED', 'Waits for a second steward'), ('DONE', 'Done'), ('REFUSED', 'Refused')], default=patients.words.identity_words.MoveState['ASKED'], max_length=8)),
                ('pseudonym', models.CharField(blank=True, max_length=64)),
                ('scan_pks', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ('doubts', models.JSONField(default=list)),
                ('differs', models.JSONField(default=list)),
                ('went', models.JSONField(default=dict)),
                ('reason', models.CharField(max_length=400)),
                ('asked_at', models.DateTimeField(auto_now_add=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('decided_reason', models.CharField(blank=True, max_length=400)),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='reading',
            name='reading_state_is_known',
        ),
        migrations.AddField(
            model_name='patient',
            name='merged_into',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged', to='patients.patient'),
        ),
        migrations.AlterField(
            model_name='reading',
            name='state',
            field=models.CharField(choices=[('DRAFT', 'Draft'), ('SIGNED', 'Signed'), ('REOPENED', 'Re-opened: an outline changed after signing'), ('REPLACED', 'Replaced by a later version'), ('WITHDRAWN', "Withdrawn: what it was signed on is another patient's")], default=patients.words.reading_words.ReadingState['DRAFT'], max_length=12),
        ),
        migrations.AddConstraint(
            model_name='reading',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', [patients.words.reading_words.ReadingState['DRAFT'], patients.words.reading_words.ReadingState['SIGNED'], patients.words.reading_words.ReadingState['REOPENED'], patients.words.reading_words.ReadingState['REPLACED'], patients.words.reading_words.ReadingState['WITHDRAWN']])), name='reading_state_is_known'),
        ),
        migrations.AddField(
            model_name='move',
            name='asked_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='move',
            name='decided_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='move',
            name='source',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='moves_away', to='patients.patient'),
        ),
        migrations.AddField(
            model_name='move',
            name='target',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='moves_here', to='patients.patient'),
        ),
        migrations.AddField(
            model_name='move',
            name='undoes',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='undone_by', to='patients.move'),
        ),
        migrations.AddConstraint(
            model_name='move',
            constraint=models.UniqueConstraint(condition=models.Q(('state', patients.words.identity_words.MoveState['ASKED'])), fields=('source',), name='one_open_move_a_patient'),
        ),
        migrations.AddConstraint(
            model_name='move',
            constraint=models.UniqueConstraint(condition=models.Q(('state', patients.words.identity_words.MoveState['DONE']), ('undoes__isnull', False)), fields=('undoes',), name='put_back_once'),
        ),
        migrations.AddConstraint(
            model_name='move',
            constraint=models.CheckConstraint(condition=models.Q(('target__isnull', True), models.Q(('target', models.F('source')), _negated=True), _connector='OR'), name='moves_are_between_two_patients'),
        ),
        migrations.AddConstraint(
            model_name='move',
            constraint=models.CheckConstraint(condition=models.Q(('state', patients.words.identity_words.MoveState['ASKED']), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False)), _connector='OR'), name='moves_are_decided_by_a_person'),
        ),
        migrations.AddConstraint(
            model_name='move',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', patients.words.identity_words.MoveState['DONE']), _negated=True), ('doubts', []), models.Q(('decided_by', models.F('asked_by')), _negated=True), _connector='OR'), name='doubtful_moves_take_two_persons'),
        ),
        migrations.AddConstraint(
            model_name='move',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', patients.words.identity_words.MoveState['DONE']), _negated=True), ('target__isnull', False), _connector='OR'), name='what_went_went_to_a_patient'),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
