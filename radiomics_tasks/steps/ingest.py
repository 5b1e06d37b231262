"""Upload to triage table: read in limited children, compared with the record, proposed to a person."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from patients.files import Storage
from patients.models import Patient, Scan, Upload
from patients.reads.proposals import mask_seen_before, proposal
from patients.vocabulary import CandidateState, Organ
from patients.writes import uploads
from radiomics_tasks import runs
from radiomics_tasks.analysis.matching import OutlineFacts
from radiomics_tasks.errors import ChildFailure, Refusal
from radiomics_tasks.meetings import meetings
from radiomics_tasks.sandbox import ChildLimits, run_child

Fields = dict[str, Any]


def ingest_upload(run_pk: int) -> None:
    """Read one upload and propose what to do with it; nothing is filed here.

    A second delivery finds the run claimed or the upload settled, and leaves politely.
    """
    with runs.working(run_pk) as claim:
        upload = uploads.begin_reading(claim.subject_pk) if claim else None
        if claim is None:
            return
        if upload is None:
            with runs.finishing(claim):
                return
        work = storage().staging(str(upload.code)) / f"work-{claim.token.hex}"
        try:
            candidates, ignored = _read(upload, work, claim)
        finally:
            shutil.rmtree(work, ignore_errors=True)
        with runs.finishing(claim):
            uploads.propose(upload, candidates, ignored)
        storage().clear_staging(str(upload.code))


def storage() -> Storage:
    """The site's private storage."""
    return Storage(Path(settings.DATA_DIR))


def _read(upload: Upload, work: Path, claim: runs.Claim) -> tuple[list[Fields], int]:
    received = _received(upload)
    try:
        found = _child("sort", {"files": received, "limits": _archive_limits()}, work / "sorted", claim)
    except Refusal as refusal:
        return [_refused("", refusal.as_dict())], 0
    scans, loose = found["scans"], found["loose_outlines"]
    candidates = [_refused(row["name"], row["refusal"]) for row in found["refused"]]
    total = len(scans) + len(loose)
    for number, scan in enumerate(scans):
        runs.renew(claim, number, total)
        candidates.append(_read_scan(upload, scan, work / f"scan-{number}", claim))
    for number, (scan_row, files) in enumerate(_by_scan(upload, loose).items()):
        runs.renew(claim, len(scans) + number, total)
        candidates.append(_read_loose(upload, scan_row, files, work / f"loose-{number}", claim))
    return candidates, int(found["ignored"])


def _received(upload: Upload) -> list[dict[str, str]]:
    folder = storage().staging(str(upload.code))
    return [{"path": str(folder / row.sha256), "name": row.name} for row in upload.files.order_by("pk")]


def _archive_limits() -> dict[str, int]:
    return {
        "max_files": settings.UPLOAD_MAX_FILES,
        "max_unpacked_bytes": settings.UPLOAD_MAX_UNPACKED_BYTES,
        "max_file_bytes": settings.UPLOAD_MAX_FILE_BYTES,
    }


def _child(kind: str, job: Fields, out: Path, claim: runs.Claim) -> Fields:
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    whole = {
        "kind": kind,
        "out": str(out),
        "result": str(out / "result.json"),
        "key": settings.SITE_KEY,
        "today": timezone.localdate().isoformat(),
        **job,
    }
    limits = ChildLimits(
        memory_mb=settings.CHILD_READ_MEMORY_MB,
        cpu_seconds=settings.CHILD_READ_SECONDS,
        wall_seconds=2 * settings.CHILD_READ_SECONDS,
        file_mb=settings.UPLOAD_MAX_UNPACKED_BYTES // 2**20,
    )
    result = run_child(whole, limits, lambda: runs.renew(claim))
    if "refusal" in result:
        raise Refusal.from_dict(result["refusal"])
    return result


def _read_scan(upload: Upload, scan: Fields, out: Path, claim: runs.Claim) -> Fields:
    """One series to one candidate; its crash is its own outcome and never hides another series."""
    name = scan["files"][0]["name"] if scan["files"] else ""
    try:
        read = _child("read", {"scan": scan}, out, claim)
    except (Refusal, ChildFailure) as reason:
        return _refused(name, {"code": reason.code, "sentence": reason.sentence})
    if any(problem["code"].startswith("E_") for problem in read["problems"]):
        return {**_refused(name, *read["problems"]), "description": read["facts"].get("description") or name[-120:]}
    _keep(out, read["files"])
    return _candidate(upload, read)


def _keep(out: Path, digests: Sequence[str]) -> None:
    """Files before rows: whatever a row will name is stored and synced now."""
    store = storage()
    for digest in digests:
        if not store.holds(digest):
            kept = store.keep_file(out / digest)
            if kept != digest:
                raise ChildFailure("E_PARSER_CRASH", "The reader's files do not match their names. Try again.")


def _candidate(upload: Upload, read: Fields) -> Fields:
    facts = read["facts"]
    proposed = proposal(upload, facts)
    patient, same = proposed.patient, proposed.same_scan
    outlines = _with_meetings(patient, facts.get("body"), read["outlines"], same)
    problems = [*read["problems"], *proposed.problems]
    fields: Fields = {
        "modality": facts["modality"],
        "acquired_on": facts["acquired_on"] or None,
        "description": facts["description"],
        "patient": patient,
        "proposed_pseudonym": proposed.pseudonym,
        "why": proposed.why,
        "volume_digest": facts["volume_digest"],
        "facts": facts,
        "outlines": outlines,
        "problems": problems,
        "scan": same,
        "state": CandidateState.NEEDS_PERSON if problems else CandidateState.READY,
    }
    if same is not None and not any(outline["is_new"] for outline in outlines):
        already = {"code": "DUPLICATE", "sentence": f"Already filed as the {same.modality} of {same.acquired_on}."}
        fields |= {"state": CandidateState.DUPLICATE, "problems": [already]}
    elif not problems and any(outline["problems"] for outline in outlines):
        fields["state"] = CandidateState.NEEDS_PERSON
    return fields


def _with_meetings(patient: Patient | None, body: Any, outlines: Sequence[Fields], same: Scan | None) -> list[Fields]:
    """Each outline with the lesion it will meet, why, and whether the scan lacks it so far."""
    usable = [outline for outline in outlines if not outline["problems"]]
    facts = [
        OutlineFacts(o["name"], o["tracking_uid"], Organ(o["organ"]) if o["organ"] else None, tuple(o["centroid_mm"]))
        for o in usable
    ]
    is_first = patient is None or not patient.scans.exists()
    found = [] if patient is None or is_first else meetings(patient.pk, body, facts)
    rows: list[Fields] = [{**outline, "is_new": False, "meets": None, "why": ""} for outline in outlines]
    for row in rows:
        if row["problems"]:
            continue
        place = usable.index(next(o for o in usable if o is outlines[rows.index(row)]))
        if is_first:
            row["why"] = "Opens a lesion: the patient's first scan"
        else:
            row |= {"meets": found[place].lesion_pk, "why": found[place].why}
        reused = mask_seen_before(patient, row, same)
        row["problems"] = [reused] if reused else []
        row["is_new"] = not reused and (same is None or not _has(same, row))
    return rows


def _has(scan: Scan, outline: Fields) -> bool:
    return scan.segmentations.filter(mask_digest=outline["mask_digest"], superseded_at=None).exists()


def _refused(name: str, *problems: dict[str, str]) -> Fields:
    return {"state": CandidateState.REFUSED, "description": name[-120:], "problems": list(problems)}


def _by_scan(upload: Upload, loose: Sequence[Fields]) -> dict[Scan | None, list[Fields]]:
    """Outlines that came without their images, by the filed scan of this team that they were drawn on."""
    found: dict[Scan | None, list[Fields]] = {}
    for outline in loose:
        uid = outline["series_instance_uid"]
        rows = Scan.objects.filter(patient__team=upload.team, series_instance_uid=uid) if uid else Scan.objects.none()
        found.setdefault(rows.select_related("patient").first(), []).append(outline["file"])
    return found


def _read_loose(upload: Upload, scan: Scan | None, files: list[Fields], out: Path, claim: runs.Claim) -> Fields:
    if scan is None:
        sentence = "The scan this outline was drawn on is neither in this upload nor filed. Send them together."
        return _refused(files[0]["name"], {"code": "E_NO_SCAN", "sentence": sentence})
    job = {"files": files, "facts": scan.facts, "volume": str(storage().path(scan.volume_file))}
    try:
        read = _child("read_outlines", job, out, claim)
    except (Refusal, ChildFailure) as reason:
        return _refused(files[0]["name"], {"code": reason.code, "sentence": reason.sentence})
    _keep(out, read["files"])
    proposed: Fields = {"facts": scan.facts, "outlines": read["outlines"], "problems": []}
    fields = _candidate(_for_patient(upload, scan.patient), proposed)
    return {**fields, "modality": scan.modality, "acquired_on": scan.acquired_on, "volume_digest": scan.volume_digest}


def _for_patient(upload: Upload, patient: Patient) -> Upload:
    """The scan decides whose outlines these are, whoever was picked."""
    upload.patient = patient
    return upload
