"""Store what was measured and extracted, once."""

import hashlib
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from patients.models import FeatureSet, FeatureSnapshot, Measurement, Segmentation
from patients.trail.contents import MEASUREMENT, SNAPSHOT, content_of
from patients.words.audit_words import Deed
from patients.words.regions import Region
from patients.writes.columns import turn_waiting
from patients.writes.readings.signing import reopen_readings_of
from patients.writes.trail.record import record


def feature_set(profile: str, profile_digest: str, names: Sequence[str], *, is_extra: bool = False) -> FeatureSet:
    """The set of these names in this order under this profile; the same one for ever."""
    names_digest = hashlib.sha256("\n".join(names).encode()).hexdigest()
    row, _ = FeatureSet.objects.get_or_create(
        profile_digest=profile_digest,
        names_digest=names_digest,
        defaults={"profile": profile, "names": list(names), "is_extra": is_extra},
    )
    return row


def store_measurement(segmentation: Segmentation, measured: dict[str, Any]) -> Measurement:
    """The size of one outline; an outline never changes, so neither does its size.

    Readings that were signed without it are re-opened. Call it with the patient locked.
    """
    with transaction.atomic():
        row, is_new = Measurement.objects.get_or_create(
            segmentation=segmentation,
            defaults={
                "longest_diameter_mm": measured["longest_diameter_mm"],
                "short_axis_mm": measured["short_axis_mm"],
                "volume_ml": measured["volume_ml"],
                "longest_at": measured["longest_at"],
                "shortest_at": measured["shortest_at"],
                "component_diameters_mm": measured["component_diameters_mm"],
                "outside_ratio": measured.get("outside_ratio"),
                "absence": measured["absence"] or "",
            },
        )
        if is_new:
            # Somebody may have linked it while it was being measured.
            now = Segmentation.objects.select_related("scan", "lesion").get(pk=segmentation.pk)
            name = now.lesion.tracking_id if now.lesion else "An outline"
            reopen_readings_of(now.scan.patient_id, f"{name} was measured")
            content = content_of(Measurement.objects.get(pk=row.pk), MEASUREMENT)
            record(Deed.MEASURED, patient=now.scan.patient_id, subject=segmentation, content=content)
    return row


def store_ring(segmentation: Segmentation, region: Region, extracted: dict[str, Any]) -> FeatureSnapshot:
    """The features of one ring; where the lesions around have changed since, the new ones stand in their place.

    Call it with the patient locked.
    """
    with transaction.atomic():
        names = feature_set(extracted["profile"], extracted["profile_digest"], extracted["names"])
        own = FeatureSnapshot.objects.filter(
            segmentation=segmentation, feature_set=names, region=region, build_digest=extracted["build_digest"]
        )
        own.exclude(provenance__ring__context=extracted["provenance"]["ring"]["context"]).delete()
        return _stored(segmentation, region, names, extracted)


def store_snapshot(segmentation: Segmentation, extracted: dict[str, Any]) -> FeatureSnapshot:
    """All features of one outline by one build of the engine; a second attempt finds the first one's row."""
    with transaction.atomic():
        names = feature_set(extracted["profile"], extracted["profile_digest"], extracted["names"])
        return _stored(segmentation, Region.LESION, names, extracted)


def store_extra(segmentation: Segmentation, extracted: dict[str, Any]) -> FeatureSnapshot:
    """As store_snapshot, of a profile that was asked for beside the one that is followed.

    Raises ValueError where that profile is the one that is followed.
    """
    with transaction.atomic():
        digest, names = extracted["profile_digest"], extracted["names"]
        found = feature_set(extracted["profile"], digest, names, is_extra=True)
        if not found.is_extra:
            raise ValueError(f"{found} is followed already")
        return _stored(segmentation, Region.LESION, found, extracted)


def _stored(
    segmentation: Segmentation, region: Region, names: FeatureSet, extracted: dict[str, Any]
) -> FeatureSnapshot:
    row, is_new = FeatureSnapshot.objects.get_or_create(
        segmentation=segmentation,
        feature_set=names,
        region=region,
        build_digest=extracted["build_digest"],
        defaults={
            "engine": extracted["engine"],
            "versions": extracted["versions"],
            "values": extracted["values"],
            "reasons": extracted["reasons"],
            "provenance": extracted["provenance"],
        },
    )
    if is_new:
        said: dict[str, Any] = {"snapshot": row.pk, "region": region.value, "content": content_of(row, SNAPSHOT)}
        record(Deed.EXTRACTED, patient=segmentation.scan.patient_id, subject=segmentation, **said)
        turn_waiting(names.pk)
    return row
