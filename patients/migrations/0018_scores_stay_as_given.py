"""The database itself keeps a score as it was given: only its grades and its being superseded move on."""

import django.db.models.deletion
from django.db import migrations, models

FORWARD = """
CREATE FUNCTION keep_score() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(NEW) - '{grades,opened_on,outcome_known_at,superseded_at}'::text[]
        IS DISTINCT FROM to_jsonb(OLD) - '{grades,opened_on,outcome_known_at,superseded_at}'::text[]
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

CREATE TRIGGER score_is_kept BEFORE UPDATE ON patients_pseudoprogressionscore
    FOR EACH ROW EXECUTE FUNCTION keep_score();
"""

BACKWARD = """
DROP TRIGGER score_is_kept ON patients_pseudoprogressionscore;
DROP FUNCTION keep_score();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0017_noise_limits"),
    ]

    operations = [
        migrations.AddField(
            model_name="pseudoprogressionscore",
            name="evidence_only",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="pseudoprogressionscore",
            name="outcome_known_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.CreateModel(
            name="ScoreboardKept",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("model_id", models.CharField(max_length=60)),
                ("model_version", models.CharField(max_length=20)),
                ("model_digest", models.CharField(max_length=64)),
                ("board", models.JSONField()),
                ("after_outcome", models.PositiveIntegerField()),
                ("waiting", models.PositiveIntegerField()),
                ("synthetic", models.PositiveIntegerField()),
                ("computed_at", models.DateTimeField(auto_now=True)),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="scoreboards", to="patients.team"
                    ),
                ),
            ],
            options={
                "ordering": ["team", "pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("team", "model_digest"), name="one_scoreboard_a_team_and_model")
                ],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
