"""The administrators' group may keep logins, teams and memberships, and nothing else."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

MAY = {
    "auth": ("view_user", "add_user", "change_user", "view_group"),
    "patients": (
        "view_team", "add_team", "change_team", "delete_team",
        "view_membership", "add_membership", "change_membership", "delete_membership",
    ),
}


def let_administrators(apps, schema_editor):
    permissions = apps.get_model("auth", "Permission")
    group, _ = apps.get_model("auth", "Group").objects.get_or_create(name="admin")
    for label, names in MAY.items():
        config = apps.get_app_config(label)
        # Django makes permissions after all migrations; these are needed now.
        config.models_module = True
        create_permissions(config, apps=apps, verbosity=0)
        config.models_module = None
        group.permissions.add(*permissions.objects.filter(content_type__app_label=label, codename__in=names))


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0003_roles"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(let_administrators, migrations.RunPython.noop)]
