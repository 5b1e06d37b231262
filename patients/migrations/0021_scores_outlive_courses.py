"""A score outlives its line of therapy: the database lets that one reference go, and nothing else."""

import django.db.models.deletion
from django.db import migrations, models

KEPT = """
CREATE OR REPLACE FUNCTION keep_score() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(NEW) - '{grades,opened_on,outcome_known_at,superseded_at%(more)s}'::text[]
        IS DISTINCT FROM to_jsonb(OLD) - '{grades,opened_on,outcome_known_at,superseded_at%(more)s}'::text[]
        %(or)s
    THEN
        RAISE EXCEPTION 'a score is never changed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.superseded_at IS NOT NULL AND NEW.superseded_at IS DISTINCT FROM OLD.superseded_at
        OR OLD.outcome_known_at IS NOT NULL AND NEW.outcome_known_at IS DISTINCT FROM OLD.outcome_known_at
    THEN
        RAISE EXCEPTION 'when a score was superseded, or its outcome known, is never changed'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
"""
FORWARD = KEPT % {
    "more": ",course_id",
    "or": "OR NEW.course_id IS NOT NULL AND NEW.course_id IS DISTINCT FROM OLD.course_id",
}
BACKWARD = KEPT % {"more": "", "or": ""}


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0020_trajectories"),
    ]

    operations = [
        migrations.AlterField(
            model_name="pseudoprogressionscore",
            name="course",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="scores",
                to="patients.treatmentcourse",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
