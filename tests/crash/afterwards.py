"""What must hold of a stormed site when it is quiet: the invariants, the senders' ledger, what the reader saw."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from tests.crash.ledger import Ledger
from tests.crash.left_alone import Asking
from tests.crash.senders import Reader
from tests.crash.whole_site import Site

ORPHANS = """
from patients.files import site_storage
from radiomics_tasks.relay.janitor import lying_in_staging, unnamed_files
storage = site_storage()
print(len(unnamed_files(storage, 0)), len(list(lying_in_staging(storage, 0))))
"""
# For so long after something was killed a page may say that it cannot be shown.
EXCUSED_SECONDS = 20
TABLES = ("scan", "segmentation", "featuresnapshot")


def invariants_broken(site: Site, *more: str) -> list[str]:
    """What `check_invariants` finds."""
    answer = site.managed("check_invariants", "--minutes", "0", "--json", *more)
    found = [f"{row['invariant']} {row['broken']}" for row in map(json.loads, answer.stdout.splitlines())]
    if answer.returncode and not answer.stdout:
        found.append(f"the checker ended badly: {answer.stderr[-500:]}")
    return found


def ledger_broken(ledger: Ledger, ask: Asking) -> list[str]:
    """I1: whatever a sender was told was received is there, with those very bytes."""
    rows = ask(
        "SELECT u.code::text, u.state, f.sha256 FROM patients_upload u"
        " JOIN patients_uploadedfile f ON f.upload_id = u.id"
    )
    kept = {(code, sha256) for code, _, sha256 in rows}
    states = {code: state for code, state, _ in rows}
    found = [
        f"I1 upload {line['code']} was received and is not there with these bytes"
        for line in ledger.lines("received")
        if (line["code"], line["sha256"]) not in kept
    ]
    found += [
        f"I1 upload {line['code']} was completed and is {states.get(line['code'])}"
        for line in ledger.lines("completed")
        if states.get(line["code"]) in (None, "RECEIVING")
    ]
    # Every series that was sent is good: a refusal would be the work of a fault.
    refused = [line["code"] for line in ledger.lines("settled") if line["state"] != "FILED"]
    return found + [f"upload {code} holds a good series and was refused" for code in refused]


def reader_broken(reader: Reader, troubled: Sequence[float]) -> list[str]:
    """I14: a page may be refused for a moment after something was killed, and never otherwise."""
    seen = [f"I14 {told}" for _, told in reader.seen]
    for moment, told in reader.failed_at:
        if not any(0 <= moment - trouble < EXCUSED_SECONDS for trouble in troubled):
            seen.append(f"I14 {told}")
    return seen


def everything_broken(site: Site, ledger: Ledger, ask: Asking) -> tuple[list[str], dict[str, Any]]:
    """At the end: with the stored files, a computation anew of up to 400 numbers, and one snapshot for each filing."""
    found = invariants_broken(site, "--files") + ledger_broken(ledger, ask)
    unnamed, lying = site.manage("shell", "-v", "0", "-c", ORPHANS).splitlines()[-1].split()
    again = site.managed("recompute", "--sample", "400", "--seed", "1")
    if again.returncode:
        found.append(f"a number is not what an undisturbed computation gives: {again.stdout[-400:]}")
    scans, outlines, values = (ask(f"SELECT count(*) FROM patients_{table}")[0][0] for table in TABLES)
    settled = len({line["code"] for line in ledger.lines("settled") if line["state"] == "FILED"})
    if not settled == scans == outlines == values:
        found.append(f"{settled} uploads were filed as {scans} scans with {outlines} outlines, {values} snapshots")
    return found, {
        "uploads filed": settled,
        "scans": scans,
        "snapshots": values,
        "recomputed": again.stdout.strip().splitlines()[-1:],
        "stored files that no row names": int(unnamed),
        "left in staging for the janitor": int(lying),
    }


def refused_pages(reader: Reader) -> dict[str, Any]:
    """How often a page could not be shown while something was down."""
    kinds = Counter(told[:60] for _, told in reader.failed_at)
    return {"pages refused while something was down": len(reader.failed_at), "of them": dict(kinds.most_common(4))}
