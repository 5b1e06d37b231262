"""Noise, volume and scoreboards are made again, now that made-up patients stand apart from all others."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

THE_SITE = 1


def queue_again(apps: StateApps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The reconciler of the next worker publishes what is queued here."""
    teams = apps.get_model("patients", "PseudoprogressionScore").objects.values_list("patient__team", flat=True)
    wanted = [("count_scores", team) for team in teams.distinct()]
    if apps.get_model("patients", "Scan").objects.exists():
        wanted.append(("gather_noise", THE_SITE))
    runs = apps.get_model("radiomics_tasks", "ProcessingRun").objects
    for step, subject in wanted:
        run, _ = runs.get_or_create(step=step, subject_pk=subject, input_key="")
        if run.state == "RUNNING":
            run.is_rearmed = True
        else:
            run.state, run.attempt, run.publishes, run.published_at, run.wake_at = "QUEUED", 0, 0, None, None
        run.save()


class Migration(migrations.Migration):
    dependencies = [
        ("radiomics_tasks", "0008_runs_move_as_allowed"),
        ("patients", "0026_made_up_patients_apart"),
    ]

    operations = [migrations.RunPython(queue_again, migrations.RunPython.noop)]
