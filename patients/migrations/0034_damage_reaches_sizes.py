"""Damage says whether it reaches the sizes of its outlines; models and harmonisations can be damaged, too."""

from django.db import migrations, models

from patients.vocabulary import Absence
from patients.words.integrity_words import Damage

OF_FEATURES_ALONE = """
UPDATE patients_integrityfault SET reaches_sizes = false
WHERE subject LIKE 'snapshot %' OR subject LIKE 'feature set %'
"""


class Migration(migrations.Migration):

    dependencies = [
        ('patients', '0033_further_profiles'),
    ]

    operations = [
        migrations.AddField(
            model_name='integrityfault',
            name='reaches_sizes',
            field=models.BooleanField(default=True),
        ),
        migrations.RunSQL(OF_FEATURES_ALONE, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name='integrityfault',
            name='kind',
            field=models.CharField(choices=Damage.pairs(), max_length=20),
        ),
        migrations.AlterField(
            model_name='measurement',
            name='absence',
            field=models.CharField(blank=True, choices=Absence.pairs(), max_length=24),
        ),
    ]
