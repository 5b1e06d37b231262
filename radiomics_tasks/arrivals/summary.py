"""A patient's scans, lesions and target responses as plain data and as lines for a terminal."""

from collections.abc import Iterator
from typing import Any

from patients.findings import Response
from patients.models import FeatureSnapshot, Patient, Scan, Segmentation
from patients.reads.findings import responses_of
from patients.vocabulary import Absence, Step
from patients.words.regions import Region
from radiomics_tasks.relay.standing import runs_for


def patient_summary(patient_pk: int) -> dict[str, Any]:
    """What import_scan prints of one patient."""
    patient = Patient.objects.get(pk=patient_pk)
    outlines = list(
        Segmentation.objects.filter(scan__patient=patient, superseded_at=None, is_withheld=False)
        .select_related("scan", "lesion", "measurement")
        .prefetch_related("snapshots__feature_set")
        .order_by("scan__acquired_on", "pk")
    )
    scans = list(Scan.objects.filter(patient=patient).values_list("pk", flat=True))
    failed = [
        {"code": run.reason_code, "sentence": run.reason}
        for run in runs_for(Step.EXTRACT, scans).values()
        if run.reason_code
    ]
    refused = [{**row.failure, "outline": row.roi_name} for row in outlines if row.failure]
    return {
        "patient": patient.pseudonym,
        "outlines": [_outline(row) for row in outlines],
        "waiting_outlines": sum(row.lesion_id is None for row in outlines),
        "failures": [*failed, *refused],
        "responses": [_response(response) for response in responses_of(patient_pk)],
        "response_note": "Target lesions only; no overall response: new and non-target disease not judged.",
    }


def _outline(row: Segmentation) -> dict[str, Any]:
    measured = getattr(row, "measurement", None)
    return {
        "date": row.scan.acquired_on.isoformat(),
        "modality": row.scan.modality,
        "lesion": row.lesion.tracking_id if row.lesion else None,
        "why": row.linked_why,
        "roi": row.roi_name,
        "voxels": row.voxels,
        "longest_diameter_mm": measured.longest_diameter_mm if measured else None,
        "short_axis_mm": measured.short_axis_mm if measured else None,
        "volume_ml": measured.volume_ml if measured else None,
        "absence": measured.absence if measured else (Absence.FAILED if row.failure else Absence.WAITING).value,
        "snapshots": [
            _snapshot(taken)
            for taken in row.snapshots.all()
            if taken.region == Region.LESION and not taken.feature_set.is_extra
        ],
    }


def _snapshot(row: FeatureSnapshot) -> dict[str, Any]:
    return {
        "profile": row.feature_set.profile,
        "profile_digest": row.feature_set.profile_digest,
        "engine": row.engine,
        "build_digest": row.build_digest,
        "features": len(row.values),
        "undefined": sum(value is None for value in row.values),
        "values": dict(zip(row.feature_set.names, row.values, strict=True)),
    }


def _response(response: Response) -> dict[str, Any]:
    return {
        "date": response.assessed_on.isoformat(),
        "target_response": response.category.value,
        "sum_mm": str(response.sum_mm) if response.sum_mm is not None else None,
        "rule": response.rule,
        "reasons": list(response.reasons),
    }


def summary_lines(summary: dict[str, Any]) -> Iterator[str]:
    """The summary for people."""
    yield f"\n{summary['patient']}"
    for row in summary["outlines"]:
        lesion = row["lesion"] or f"“{row['roi']}” waits to be linked"
        if row["longest_diameter_mm"] is None:
            size = "not measured"
        else:
            size = f"{row['longest_diameter_mm']:.2f} × {row['short_axis_mm']:.2f} mm, {row['volume_ml']:.3f} mL"
        features = ", ".join(
            f"{s['features'] - s['undefined']} of {s['features']} features ({s['profile']})" for s in row["snapshots"]
        )
        where = f"{row['date']} {row['modality']}"
        yield f"  {where}  {lesion}: {size}, {row['voxels']:,} voxels, {features or 'no features'}  [{row['why']}]"
    for failure in summary["failures"]:
        yield f"  {failure['code']}: {failure['sentence']}"
    for response in summary["responses"]:
        total = f"{float(response['sum_mm']):.2f} mm" if response["sum_mm"] else "no complete sum"
        yield f"  {response['date']}  target response {response['target_response']}, {total}"
        for reason in response["reasons"]:
            yield f"      {reason}"
    yield f"  {summary['response_note']}"
