"""What a backup holds, sealed with the site's audit key; it is written last, so that half a backup has none."""

import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from patients.files import chunks

FORMAT = 1
MANIFEST = "manifest.json"
DUMP = "database.dump"
# The only names that a backup has: anything else in an archive is not taken out of it.
NAMES = re.compile(
    r"manifest\.json|database\.dump|audit/audit-head\.json|audit/audit-heads\.jsonl"
    r"|blobs/[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{64}|staging/[0-9a-f-]{36}/[0-9a-f]{64}"
)
# Neither is part of the record: logins sign in again, and forms have new keys.
NOT_COMPARED = ("django_session",)


class BackupRefused(Exception):
    """A backup that cannot be made or restored, in one sentence."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """`files`: digest of each by its name; `tables`: rows and a digest over them; `damaged`: files left out.

    `head`: the last link of the audit trail in it, with its number.
    """

    made_at: str
    head_number: int
    files: dict[str, str]
    tables: dict[str, list[str]]
    damaged: list[str] = field(default_factory=list)
    head: str = ""
    format: int = FORMAT

    def write(self, folder: Path) -> None:
        """Write it, sealed."""
        body = asdict(self)
        (folder / MANIFEST).write_text(json.dumps({"body": body, "seal": _seal(body)}, indent=1))


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a backup. Raises BackupRefused with what is wrong with it."""
    path = folder / MANIFEST
    if not path.is_file():
        raise BackupRefused("This is no whole backup: it has no manifest, which is written when all else is in.")
    try:
        said = json.loads(path.read_text())
        body, seal = said["body"], said["seal"]
        if body["format"] != FORMAT:
            raise BackupRefused("This backup was made by another version of Deltarad. Restore it with that one.")
        manifest = Manifest(**body)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BackupRefused("The manifest of this backup cannot be read: the backup is damaged.") from None
    if not hmac.compare_digest(str(seal), _seal(body)):
        raise BackupRefused(
            "The manifest does not fit this site's key: it was changed, or DELTARAD_AUDIT_KEY is not the key of the "
            "site that the backup was made of."
        )
    if not all(NAMES.fullmatch(name) for name in manifest.files):
        raise BackupRefused("The manifest names files that no backup has.")
    return manifest


def check_files(folder: Path, manifest: Manifest) -> None:
    """Hold every file of a backup against its digest. Raises BackupRefused at the first that does not fit."""
    for name, digest in manifest.files.items():
        path = folder / name
        if path.is_symlink() or not path.is_file():
            raise BackupRefused(f"{name} is missing from the backup.")
        if digest_of(path) != digest:
            raise BackupRefused(f"{name} is not what was backed up: the backup is damaged.")


def digest_of(path: Path) -> str:
    """The SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for chunk in chunks(file):
            digest.update(chunk)
    return digest.hexdigest()


def tables_now() -> dict[str, list[str]]:
    """Rows of each table, and a digest over all of them in any order."""
    return {table: list(_rows_of(table)) for table in _tables() if table not in NOT_COMPARED}


def _tables() -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename")
        yield from (str(name) for (name,) in cursor.fetchall())


def _rows_of(table: str) -> tuple[str, str]:
    with connection.cursor() as cursor:
        name = connection.ops.quote_name(table)
        cursor.execute(f"SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text FROM {name} t")
        count, total = cursor.fetchone()
    return str(count), str(total)


def _seal(body: dict[str, Any]) -> str:
    plain = json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
    return hmac.new(settings.AUDIT_KEY.encode(), b"backup\0" + plain, hashlib.sha256).hexdigest()
