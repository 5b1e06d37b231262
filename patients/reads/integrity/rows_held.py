"""Stored rows held against what the audit trail says they were when they were stored."""

import hashlib
from collections.abc import Iterator
from typing import Any

from patients.damaged import Damaged
from patients.models import AuditEvent, FeatureSet, FeatureSnapshot, Measurement, Scan, Segmentation
from patients.reads.integrity.models_held import damaged_models
from patients.trail.contents import MEASUREMENT, OUTLINE, SCAN, SNAPSHOT, content_of
from patients.words.audit_words import Deed
from patients.words.integrity_words import Damage
from patients.words.regions import Region

CHUNK = 500
Told = dict[str, dict[str, Any]]


def damaged_rows() -> Iterator[Damaged]:
    """Every scan, outline, measurement, snapshot, list of features, model and harmonisation that is not what it was."""
    yield from _scans()
    yield from _outlines()
    yield from _measurements()
    yield from _snapshots()
    yield from _feature_sets()
    yield from damaged_models()


def unsealed_rows() -> int:
    """How many rows the trail tells nothing of: they were stored before there was one."""
    told = sum(len(_told(deed)) for deed in (Deed.SCAN_FILED, Deed.OUTLINE_STORED, Deed.MEASURED))
    snapshots = len({event["detail"].get("snapshot") for event in _events(Deed.EXTRACTED)})
    rows = sum(model.objects.count() for model in (Scan, Segmentation, Measurement, FeatureSnapshot))
    return max(0, rows - told - snapshots)


def _events(deed: Deed) -> Iterator[dict[str, Any]]:
    rows = AuditEvent.objects.filter(deed=deed, detail__has_key="content").order_by("pk")
    for code, detail in rows.values_list("subject_code", "detail").iterator(CHUNK):
        yield {"subject_code": code, "detail": detail}


def _told(deed: Deed) -> Told:
    """What the newest event of this kind says of each subject."""
    return {event["subject_code"]: event for event in _events(deed)}


def _patients_of_scans() -> dict[str, Any]:
    """Whose each scan is by the newest event that changed something about it."""
    looks = (Deed.SAW, Deed.LISTED, Deed.EXPORTED, Deed.ASKED, Deed.REFUSED, Deed.BROKE)
    rows = AuditEvent.objects.filter(subject_kind="scan", patient_code__isnull=False).exclude(deed__in=looks)
    return dict(rows.order_by("pk").values_list("subject_code", "patient_code"))


def _scans() -> Iterator[Damaged]:
    told, patients = _told(Deed.SCAN_FILED), _patients_of_scans()
    outlines: dict[int, list[int]] = {}
    for pk, scan_pk in Segmentation.objects.order_by("pk").values_list("pk", "scan_id"):
        outlines.setdefault(scan_pk, []).append(pk)
    for scan in Scan.objects.select_related("patient").iterator(CHUNK):
        event = told.pop(str(scan.code), None)
        if event is None:
            continue
        own = (scan.patient_id, tuple(outlines.get(scan.pk, ())))
        if event["detail"]["content"] != content_of(scan, SCAN):
            yield Damaged(Damage.ROW_CHANGED, f"scan {scan.code}", f"The row of scan {scan.pk} was changed.", *own)
        if patients.get(str(scan.code)) != scan.patient.code:
            sentence = f"Scan {scan.pk} stands under another patient than it was filed for."
            yield Damaged(Damage.OTHER_PATIENT, f"scan {scan.code}", sentence, *own)
    for code in told:
        yield Damaged(Damage.ROW_GONE, f"scan {code}", f"The scan {code} was filed and its row is gone.")


def _outlines() -> Iterator[Damaged]:
    told = _told(Deed.OUTLINE_STORED)
    for row in Segmentation.objects.select_related("scan").iterator(CHUNK):
        event = told.pop(str(row.code), None)
        if event is None:
            continue
        own = (row.scan.patient_id, (row.pk,))
        if event["detail"]["content"] != content_of(row, OUTLINE):
            yield Damaged(Damage.ROW_CHANGED, f"outline {row.code}", f"The row of outline {row.pk} was changed.", *own)
        if event["detail"].get("scan") != str(row.scan.code):
            sentence = f"Outline {row.pk} stands on another scan than it was stored for."
            yield Damaged(Damage.REPOINTED, f"outline {row.code}", sentence, *own)
    for code in told:
        yield Damaged(Damage.ROW_GONE, f"outline {code}", f"The outline {code} was stored and its row is gone.")


def _measurements() -> Iterator[Damaged]:
    told = _told(Deed.MEASURED)
    for row in Measurement.objects.select_related("segmentation__scan").iterator(CHUNK):
        outline = row.segmentation
        event = told.pop(str(outline.code), None)
        if event is not None and event["detail"]["content"] != content_of(row, MEASUREMENT):
            sentence = f"The sizes of outline {outline.pk} were changed."
            own = (outline.scan.patient_id, (outline.pk,))
            yield Damaged(Damage.ROW_CHANGED, f"sizes of {outline.code}", sentence, *own)
    for code in told:
        yield Damaged(Damage.ROW_GONE, f"sizes of {code}", f"The sizes of outline {code} are gone.", *_own(code))


def _snapshots() -> Iterator[Damaged]:
    told = {event["detail"]["snapshot"]: event for event in _events(Deed.EXTRACTED)}
    for row in FeatureSnapshot.objects.select_related("segmentation__scan").iterator(CHUNK):
        event = told.pop(row.pk, None)
        if event is None:
            continue
        own = (row.segmentation.scan.patient_id, (row.segmentation_id,))
        if event["detail"]["content"] != content_of(row, SNAPSHOT):
            sentence = f"The features {row.pk} were changed."
            yield Damaged(Damage.ROW_CHANGED, f"snapshot {row.pk}", sentence, *own, reaches_sizes=False)
        if event["subject_code"] != str(row.segmentation.code):
            sentence = f"The features {row.pk} stand under another outline than they were extracted from."
            yield Damaged(Damage.REPOINTED, f"snapshot {row.pk}", sentence, *own, reaches_sizes=False)
    for pk, event in told.items():
        # A ring is taken anew when the outlines beside its lesion change.
        if event["detail"].get("region") == Region.LESION:
            sentence = f"The features {pk} were stored and their row is gone."
            yield Damaged(
                Damage.ROW_GONE, f"snapshot {pk}", sentence, *_own(event["subject_code"]), reaches_sizes=False
            )


def _feature_sets() -> Iterator[Damaged]:
    for row in FeatureSet.objects.all():
        if hashlib.sha256("\n".join(row.names).encode()).hexdigest() != row.names_digest:
            of_it = FeatureSnapshot.objects.filter(feature_set=row).values_list("segmentation_id", flat=True)
            sentence = f"The list of features {row.pk} ({row.profile}) is not what its digest says."
            own = (None, tuple(sorted(set(of_it))))
            yield Damaged(Damage.SETTINGS_CHANGED, f"feature set {row.pk}", sentence, *own, reaches_sizes=False)


def _own(code: str) -> tuple[int | None, tuple[int, ...]]:
    found = Segmentation.objects.filter(code=code).values_list("scan__patient_id", "pk").first()
    return (found[0], (found[1],)) if found else (None, ())
