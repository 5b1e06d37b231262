"""Looking for a mark everywhere: in bytes as they are, and in what is packed inside them."""

import gzip
import io
import os
import subprocess
import zlib
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection
from redis import Redis

from monitoring.devstack import postgres_binaries
from tests.privacy.marked import MARK

MOST = 64 << 20


def holds(content: bytes) -> bool:
    """Whether the mark stands in bytes, in any spelling, or in what they pack."""
    if MARK.encode() in content or MARK.lower().encode() in content or MARK.encode("utf-16-le") in content:
        return True
    at = content.find(b"\x1f\x8b\x08")
    if at < 0:
        return False
    try:
        return MARK.encode() in gzip.GzipFile(fileobj=io.BytesIO(content[at:])).read(MOST)
    except (OSError, EOFError, zlib.error):
        return False


def in_folder(root: Path) -> list[str]:
    """Files under a folder, by name or content."""
    return [str(path) for path in root.rglob("*") if MARK in path.name or (path.is_file() and holds(path.read_bytes()))]


def in_database() -> list[str]:
    """Every column of every table that holds it, each row as text; the tables of PostgreSQL itself left out."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(table_name) FROM information_schema.tables WHERE table_schema = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT t::text FROM {table} AS t WHERE t::text ILIKE %s LIMIT 3", [f"%{MARK}%"])
            found += [f"{table}: {row[:200]}" for (row,) in cursor.fetchall()]
    return found


def pg_dump() -> Path:
    """The program that dumps, of the servers that run."""
    return postgres_binaries() / "pg_dump"


def in_dump(pg_dump: Path) -> list[str]:
    """The dump of the whole database, for what no table shows."""
    known = connection.settings_dict
    command = [pg_dump, "-h", known["HOST"], "-U", known["USER"], "-p", str(known["PORT"] or 5432), known["NAME"]]
    secret = {"PGPASSWORD": known["PASSWORD"]} if known["PASSWORD"] else {}
    made = subprocess.run(command, env=os.environ | secret, capture_output=True, check=True)
    return ["pg_dump"] if holds(made.stdout) else []


def in_broker() -> list[str]:
    """Every key of the broker, its name and its value as it would be saved."""
    client = Redis.from_url(settings.REDIS_URL)
    dumps = ((key, client.dump(key) or b"") for key in client.scan_iter(count=1000))
    return [key.decode(errors="replace") for key, value in dumps if holds(key) or holds(value)]


def logs(roots: list[Path]) -> Iterator[Path]:
    """The logs that a run leaves."""
    for root in roots:
        yield from (path for path in root.rglob("*.log") if os.access(path, os.R_OK))
