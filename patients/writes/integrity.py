"""Keep what a check found: faults that stand, faults that are mended, and when each file was checked."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from patients.damaged import Damaged
from patients.models import FileCheck, IntegrityFault
from patients.words.audit_words import Deed
from patients.words.integrity_words import OF_MODELS, Damage
from patients.writes.trail.record import record

OF_FILES = (Damage.FILE_MISSING, Damage.FILE_CHANGED, Damage.FILE_UNREADABLE, Damage.FILE_UNKNOWN)


@dataclass(frozen=True, slots=True)
class Changed:
    """What is damaged since now, or whole again: outlines, and whether a model or a harmonisation is among it."""

    segmentation_pks: frozenset[int] = frozenset()
    has_models: bool = False


def note_found(found: Iterable[Damaged], checked: Collection[str] | None, *, kinds: Collection[Damage]) -> Changed:
    """Keep the faults of these kinds that a check found; those it did not find again are mended.

    `checked`: the subjects that were looked at; None for all of them. The answer is what is used again, or no
    longer.
    """
    now = {(one.kind.value, one.subject): one for one in found}
    with transaction.atomic():
        rows = IntegrityFault.objects.select_for_update().filter(cleared_at=None, kind__in=kinds)
        if checked is not None:
            rows = rows.filter(subject__in=checked)
        standing = {(row.kind, row.subject): row for row in rows}
        mended = [row for key, row in standing.items() if key not in now]
        fresh = [_row(one) for key, one in now.items() if key not in standing]
        IntegrityFault.objects.filter(pk__in=[row.pk for row in mended]).update(cleared_at=timezone.now())
        IntegrityFault.objects.bulk_create(fresh, ignore_conflicts=True)
        if fresh or mended:
            record(Deed.VERIFIED, found=len(fresh), mended=len(mended), standing=len(now))
    changed = (*mended, *fresh)
    outlines = frozenset(pk for row in changed for pk in row.segmentation_pks)
    return Changed(outlines, any(row.kind in OF_MODELS for row in changed))


def enrol_files(digests: Iterable[str]) -> None:
    """Let these files be checked in their turn."""
    FileCheck.objects.bulk_create((FileCheck(digest=one) for one in digests), 2000, ignore_conflicts=True)


def forget_files(digests: Collection[str]) -> None:
    """Nothing names these files any more."""
    FileCheck.objects.filter(digest__in=digests).delete()


def note_checked(digests: Collection[str]) -> None:
    """These files were read just now."""
    FileCheck.objects.filter(digest__in=digests).update(checked_at=timezone.now())


def _row(one: Damaged) -> IntegrityFault:
    return IntegrityFault(
        kind=one.kind.value,
        subject=one.subject,
        patient_id=one.patient_pk,
        segmentation_pks=list(one.segmentation_pks),
        sentence=one.sentence,
        reaches_sizes=one.reaches_sizes,
    )
