"""Upload to triage table: read in limited children, compared with the record, proposed to a person."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from patients.doubts import problem
from patients.failpoints import reached
from patients.files import Storage, site_storage
from patients.models import Scan, Upload
from patients.words.identity_words import OF_THE_PATIENT
from patients.writes import uploads
from patients.writes.identity.holding import hold_series
from patients.writes.uploads import OPEN_STATES
from radiomics_tasks import runs
from radiomics_tasks.concluding import conclude_withheld
from radiomics_tasks.errors import ChildFailure, Refusal
from radiomics_tasks.relay.janitor import keep
from radiomics_tasks.sandbox import ChildLimits, run_child
from radiomics_tasks.triage import later_outlines, read_series, refused_series

Fields = dict[str, Any]
NO_SCAN = "The scan this outline was drawn on is neither in this upload nor filed. Send them together."


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
        reached("validate_start")
        work = storage().staging(str(upload.code)) / f"work-{claim.token.hex}"
        try:
            candidates, ignored = _read(upload, work, claim)
        finally:
            shutil.rmtree(work, ignore_errors=True)
        with runs.finishing(claim):
            uploads.propose(upload, candidates, ignored)
        _hold(upload)
        storage().clear_staging(str(upload.code))


def _hold(upload: Upload) -> None:
    """What speaks against the patient of a series is held for a second person at once, and what it questions hidden.

    After the table stands, since a run's row is never held before a patient's; a worker that dies here loses
    nothing: whoever wants the series filed is refused, and then it is held.
    """
    for row in upload.candidates.select_related("patient").filter(patient__isnull=False, state__in=OPEN_STATES):
        doubts = [known for known in row.problems if known["code"] in OF_THE_PATIENT]
        if doubts:
            with transaction.atomic():
                conclude_withheld(hold_series(row, row.patient, "", doubts, upload.created_by))


def storage() -> Storage:
    """The site's private storage."""
    return site_storage()


def _read(upload: Upload, work: Path, claim: runs.Claim) -> tuple[list[Fields], int]:
    """One row for each series, each set of outlines of a filed scan, and each file that cannot be used."""
    received = _received(upload)
    try:
        found = _child("sort", {"files": received, "limits": _archive_limits()}, work / "sorted", claim)
    except Refusal as refusal:
        return [refused_series("", refusal.as_dict())], 0
    rows = [refused_series(row["name"], row["refusal"]) for row in found["refused"]]
    by_scan, homeless = _by_scan(upload, found["loose_outlines"])
    rows += [refused_series(file["name"], problem("E_NO_SCAN", NO_SCAN)) for file in homeless]
    total = len(found["scans"]) + len(by_scan)
    for number, scan in enumerate(found["scans"]):
        runs.renew(claim, number, total)
        rows.append(_read_scan(upload, scan, work / f"scan-{number}", claim))
    for number, (filed, files) in enumerate(by_scan.items(), start=len(found["scans"])):
        runs.renew(claim, number, total)
        rows.append(_read_outlines(filed, files, work / f"scan-{number}", claim))
    return rows, int(found["ignored"])


def _received(upload: Upload) -> list[dict[str, str]]:
    store, code = storage(), str(upload.code)
    rows = upload.files.order_by("pk")
    return [{"path": str(store.staged_file(code, row.sha256)), "name": row.name} for row in rows]


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
    """One series to one row; its crash is its own outcome and never hides another series."""
    name = scan["files"][0]["name"] if scan["files"] else ""
    try:
        read = _read_and_keep("read", {"scan": scan}, out, claim)
    except (Refusal, ChildFailure) as reason:
        return refused_series(name, problem(reason.code, reason.sentence))
    return read_series(upload, name, read["facts"], read["outlines"], read["problems"])


def _read_outlines(scan: Scan, files: Sequence[Fields], out: Path, claim: runs.Claim) -> Fields:
    """Outlines of one filed scan to one row."""
    job = {"files": files, "facts": scan.facts, "volume": str(storage().whole(scan.volume_file))}
    try:
        read = _read_and_keep("read_outlines", job, out, claim)
    except (Refusal, ChildFailure) as reason:
        return refused_series(files[0]["name"], problem(reason.code, reason.sentence))
    return later_outlines(scan, read["outlines"])


def _read_and_keep(kind: str, job: Fields, out: Path, claim: runs.Claim) -> Fields:
    """What a child read, its files stored; one that broke down is followed by a second one.

    What ended the first may have had nothing to do with these files, and a refusal is for good.
    """
    try:
        return _kept(_child(kind, job, out, claim), out)
    except ChildFailure as failure:
        if failure.code == "E_PARSER_TIMEOUT":
            raise
    shutil.rmtree(out, ignore_errors=True)
    return _kept(_child(kind, job, out, claim), out)


def _kept(read: Fields, out: Path) -> Fields:
    _keep(out, read["files"])
    return read


def _keep(out: Path, digests: Sequence[str]) -> None:
    """Files before rows: whatever a row will name is stored and synced now."""
    store = storage()
    for digest in digests:
        if not keep(store, digest, out / digest):
            raise ChildFailure("E_PARSER_CRASH", "The reader's files do not match their names. Try again.")


def _by_scan(upload: Upload, loose: Sequence[Fields]) -> tuple[dict[Scan, list[Fields]], list[Fields]]:
    """Outlines that came without their images, by the filed scan of this team they were drawn on; and the others."""
    filed: dict[Scan, list[Fields]] = {}
    homeless = []
    scans = Scan.objects.filter(patient__team=upload.team_id).select_related("patient")
    if upload.patient is not None:
        scans = scans.filter(patient=upload.patient)
    for outline in loose:
        uid = outline["series_instance_uid"]
        # Of one series filed under two patients nobody can say whose outline it is.
        found = list(scans.filter(series_instance_uid=uid)[:2]) if uid else []
        if len(found) == 1:
            filed.setdefault(found[0], []).append(outline["file"])
        else:
            homeless.append(outline["file"])
    return filed, homeless
