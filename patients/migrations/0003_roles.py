"""The fixed roles, as groups of logins."""

from django.db import migrations

ROLES = ("coordinator", "reader", "oncologist", "board", "steward", "auditor", "admin")


def make_roles(apps, schema_editor):
    group = apps.get_model("auth", "Group")
    for name in ROLES:
        group.objects.get_or_create(name=name)


class Migration(migrations.Migration):
    dependencies = [("patients", "0002_snapshots_are_kept_as_taken"), ("auth", "0012_alter_user_first_name_max_length")]
    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
