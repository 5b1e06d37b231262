"""Made-up patients stand apart: in noise, in what follows volume, in harmonisation and on the scoreboard."""

import django.db.models.deletion
from django.db import migrations, models

# What was learned from both kinds together goes: it is derived, and made again from each (radiomics_tasks 0009).
FORGET = """
DELETE FROM patients_noisetable;
DELETE FROM patients_volumeslopetable;
DELETE FROM patients_scoreboardkept;
"""
# Harmonisations are kept as fitted: those of a team of made-up patients are told as such, mixed ones are retired.
TELL_HARMONISATIONS = """
ALTER TABLE patients_harmonisationmodel DISABLE TRIGGER harmonisation_is_kept;
UPDATE patients_harmonisationmodel h SET is_synthetic = TRUE
WHERE EXISTS (SELECT FROM patients_patient p WHERE p.team_id = h.team_id AND p.is_synthetic)
  AND NOT EXISTS (SELECT FROM patients_patient p WHERE p.team_id = h.team_id AND NOT p.is_synthetic);
ALTER TABLE patients_harmonisationmodel ENABLE TRIGGER harmonisation_is_kept;
UPDATE patients_harmonisationmodel h SET status = 'RETIRED'
WHERE status = 'IN_FORCE'
  AND EXISTS (SELECT FROM patients_patient p WHERE p.team_id = h.team_id AND p.is_synthetic)
  AND EXISTS (SELECT FROM patients_patient p WHERE p.team_id = h.team_id AND NOT p.is_synthetic);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('patients', '0025_recomputation_subjects'),
    ]

    operations = [
        migrations.RunSQL(FORGET, migrations.RunSQL.noop),
        migrations.RemoveConstraint(
            model_name='noisetable',
            name='one_noise_table_a_class',
        ),
        migrations.RemoveConstraint(
            model_name='scoreboardkept',
            name='one_scoreboard_a_team_and_model',
        ),
        migrations.RemoveField(
            model_name='scoreboardkept',
            name='synthetic',
        ),
        migrations.AddField(
            model_name='harmonisationmodel',
            name='is_synthetic',
            field=models.BooleanField(default=False),
        ),
        migrations.RunSQL(TELL_HARMONISATIONS, migrations.RunSQL.noop),
        migrations.AddField(
            model_name='noisetable',
            name='is_synthetic',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='scoreboardkept',
            name='is_synthetic',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='volumeslopetable',
            name='is_synthetic',
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name='volumeslopetable',
            name='feature_set',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.featureset'),
        ),
        migrations.AddConstraint(
            model_name='noisetable',
            constraint=models.UniqueConstraint(fields=('source', 'modality', 'feature_set', 'size_class', 'is_synthetic'), name='one_noise_table_a_class', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='scoreboardkept',
            constraint=models.UniqueConstraint(fields=('team', 'model_digest', 'is_synthetic'), name='one_scoreboard_a_team_and_model'),
        ),
        migrations.AddConstraint(
            model_name='volumeslopetable',
            constraint=models.UniqueConstraint(fields=('feature_set', 'is_synthetic'), name='one_volume_table_a_set'),
        ),
        # Backwards, too, nothing is left that was derived under the other rule.
        migrations.RunSQL(migrations.RunSQL.noop, FORGET),
    ]
