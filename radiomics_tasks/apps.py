"""The work, as a Django app; its system checks say what would make it fail later."""

import importlib.util
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from radiomics_tasks.acquisition import site_rules
from radiomics_tasks.analysis.criteria.protocol import ProtocolRefused
from radiomics_tasks.errors import Refusal
from radiomics_tasks.extraction.build import OWN, build_of
from radiomics_tasks.in_force import site_protocol


class RadiomicsTasksConfig(AppConfig):
    name = "radiomics_tasks"
    default_auto_field = "django.db.models.BigAutoField"


@register()
def engine_is_installed(**_kwargs: Any) -> list[CheckMessage]:
    """Found, not imported: the web process must stay light."""
    if importlib.util.find_spec("radiomics") is not None:
        return []
    return [
        Error(
            "pyradiomics is not installed.",
            hint="Install the locked requirements: pip install --require-hashes -r requirements.lock",
            id="radiomics_tasks.E001",
        )
    ]


@register()
def own_engine_is_built(**_kwargs: Any) -> list[CheckMessage]:
    """Where it is not, pyradiomics stands in: the numbers are as good, and take several times as long."""
    if settings.ENGINE != OWN or build_of(OWN).name == OWN:
        return []
    return [
        Warning(
            "The extraction engine's kernels are not built: pyradiomics takes the numbers, several times more slowly.",
            hint="Install a C compiler (apt-get install gcc libc6-dev) and run python3 manage.py check again.",
            id="radiomics_tasks.W001",
        )
    ]


@register()
def storage_is_private(**_kwargs: Any) -> list[CheckMessage]:
    """Scans must never lie where the web server serves files from."""
    storage, public = Path(settings.DATA_DIR).resolve(), Path(settings.STATIC_ROOT).resolve()
    if storage == public or public in storage.parents or storage in public.parents:
        return [
            Error(
                "The folder for scans and the folder for static files lie inside each other.",
                hint="Let DELTARAD_DATA_DIR and DELTARAD_STATIC_ROOT name separate folders.",
                id="radiomics_tasks.E002",
            )
        ]
    if storage.is_dir() and storage.stat().st_mode & 0o007:
        return [
            Error(
                "Everybody on this machine may look into the folder for scans.",
                hint="Take the rights of others away: chmod o-rwx on the folder that DELTARAD_DATA_DIR names.",
                id="radiomics_tasks.E003",
            )
        ]
    return []


@register()
def protocol_is_known(**_kwargs: Any) -> list[CheckMessage]:
    """A misspelt rule must not quietly leave the default in force."""
    try:
        site_protocol()
    except ProtocolRefused as refusal:
        hint = "Correct DELTARAD_RESPONSE_PROTOCOL."
        return [Error(str(refusal), hint=hint, id="radiomics_tasks.E004")]
    return []


@register()
def acquisition_rules_hold(**_kwargs: Any) -> list[CheckMessage]:
    """A site's own rules that cannot be read must not be found out by the first patient."""
    try:
        site_rules()
    except Refusal as refusal:
        hint = "Correct the file that DELTARAD_ACQUISITION_RULES names, or leave the setting out."
        return [Error(refusal.sentence, hint=hint, id="radiomics_tasks.E005")]
    return []
