"""Which stored files the rows name: those that must be there, and every digest that anything mentions."""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models

from patients.files import Storage
from patients.models import AuditEvent, AuditLink, Candidate, FileCheck, IntegrityFault, Scan, Segmentation
from patients.vocabulary import CandidateState

Needed = tuple[str, str]
# That a file was once sent, checked or found damaged is no reason to keep it; the trail is long, too.
TELL_OF_FILES = (AuditEvent, AuditLink, FileCheck, IntegrityFault)
_DIGEST = re.compile(r"[0-9a-f]{64}")
_OPEN = (CandidateState.READY, CandidateState.NEEDS_PERSON)
# A manifest is text of a few hundred kilobytes; what is larger names no other file.
MANIFEST = ", slices"
MANIFEST_BYTES = 16 * 2**20


def needed_files() -> Iterator[Needed]:
    """Digest and owner of every file that a row cannot do without; pictures are named by their manifests."""
    for pk, volume, instances in Scan.objects.values_list("pk", "volume_file", "instances").iterator():
        yield from ((digest, f"scan {pk}") for digest in (volume, *instances))
    for pk, mask, slices in Segmentation.objects.values_list("pk", "mask_file", "slices").iterator():
        yield mask, f"outline {pk}"
        if slices.get("manifest"):
            yield slices["manifest"], f"outline {pk}{MANIFEST}"
    for pk, facts in Candidate.objects.filter(state__in=_OPEN).values_list("pk", "facts").iterator():
        named = (facts.get("volume_file"), facts.get("thumbnail"), *facts.get("instances", ()))
        yield from ((digest, f"series {pk}") for digest in named if digest)


def pictures_of(storage: Storage, manifest: str) -> list[str]:
    """The pictures that one manifest names; none where it is not there or is no manifest."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        return [str(row["png"]) for row in json.loads(storage.read(manifest))["slices"]]
    return []


def mentioned(digests: Sequence[str]) -> set[str]:
    """Those of some digests that any row of ours mentions anywhere, in whatever column.

    Meant to be asked before something is removed: a column that a later version adds is searched without being told.
    """
    found: set[str] = set()
    for model in (*apps.get_app_config("patients").get_models(), *apps.get_app_config("radiomics_tasks").get_models()):
        if model in TELL_OF_FILES:
            continue
        columns = [str(field.column) for field in model._meta.concrete_fields if _may_name_files(field)]
        if columns:
            found |= _in_columns(model._meta.db_table, columns, digests)
    return found


def _may_name_files(field: "models.Field[Any, Any]") -> bool:
    if isinstance(field, ArrayField):
        return not isinstance(field.base_field, models.FloatField)
    if isinstance(field, models.CharField):
        return field.max_length is None or field.max_length >= 64
    return isinstance(field, models.TextField | models.JSONField)


def _in_columns(table: str, columns: Sequence[str], digests: Sequence[str]) -> set[str]:
    quote = connection.ops.quote_name
    texts = " || ' ' || ".join(f"coalesce({quote(column)}::text, '')" for column in columns)
    sql = f"""
        SELECT DISTINCT word[1] FROM {quote(table)}, regexp_matches({texts}, '[0-9a-f]{{64}}', 'g') AS word
        WHERE word[1] = ANY(%s)
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(digests)])
        return {row[0] for row in cursor.fetchall()}


def named_by_manifests(storage: Storage) -> set[str]:
    """Every digest that stands in a manifest which some outline, kept or proposed, has."""
    manifests = {slices.get("manifest") for slices in Segmentation.objects.values_list("slices", flat=True)}
    for outlines in Candidate.objects.values_list("outlines", flat=True).iterator():
        manifests |= {(outline.get("slices") or {}).get("manifest") for outline in outlines}
    found: set[str] = set()
    for manifest in manifests - {None, ""}:
        with suppress(OSError, ValueError):
            # As it lies there: what a damaged manifest still names must not be swept up.
            text = storage.local(str(manifest)).read_bytes()[:MANIFEST_BYTES].decode(errors="replace")
            found |= set(_DIGEST.findall(text))
    return found
