"""A restored site beside the one that it was backed up from, and beside what its users had been told by then."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from tests.monitoring.backing_up.busy import Busy, asked

# Rows that are never changed once they are there: what was restored must be the very rows that the site still has.
NEVER_CHANGED = {
    "patients_auditevent": "id",
    "patients_auditlink": "number",
    "patients_featuresnapshot": "id",
    "patients_measurement": "id",
    "patients_statechange": "id",
}
# That it was restored is an event of the restored site.
OF_THE_RESTORE = {
    "patients_auditevent": "WHERE deed <> 'RESTORED'",
    "patients_auditlink": "WHERE event_id NOT IN (SELECT id FROM patients_auditevent WHERE deed = 'RESTORED')",
}
# What a site says of itself, in one process: each command ends it where it does not hold. Nobody works there yet, so
# that I13, which asks whether work is looked after, comes when somebody does.
CHECKS = """
from django.core.management import call_command
call_command("audit_verify")
from radiomics_tasks.invariants.every import INVARIANTS
call_command("check_invariants", *(one.code for one in INVARIANTS if one.code != "I13"), "--files")
call_command("verify", "--full")
call_command("recompute", "--sample", "3")
print("ALL HOLD")
"""


def other_rows(busy: Busy, restored: str) -> list[str]:
    """Rows of the restored database that the site itself has otherwise, or never had; but for the restore's own."""
    found = []
    for table, key in NEVER_CHANGED.items():
        sql = f"SELECT {key}, md5(t::text) FROM {table} t"
        now, own = dict(busy.ask(sql)), OF_THE_RESTORE.get(table, "")
        found += [f"{table} {pk}" for pk, digest in asked(restored, f"{sql} {own}") if now.get(pk) != digest]
    return found


def other_files(data: Path, live: Path) -> list[str]:
    """Restored files that hold other bytes than their name says, or than the site's own."""
    found = []
    for path in (data / "blobs").rglob("?" * 64):
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() != path.name or (live / path.relative_to(data)).read_bytes() != content:
            found.append(path.name)
    return found


def lost(acknowledged: Iterable[dict[str, str]], restored: str, data: Path) -> list[str]:
    """Files whose receipt a sender had in hand before the backup began, and that are not in the restored site.

    What was received is there as bytes in staging until it was read; then as the scan that it became.
    """
    there = dict(asked(restored, "SELECT code::text, state FROM patients_upload"))
    filed = {code for (code,) in asked(restored, FILED)}
    gone = []
    for line in acknowledged:
        state = there.get(line["code"])
        staged = data / "staging" / line["code"] / line["sha256"]
        is_there = staged.is_file() and hashlib.sha256(staged.read_bytes()).hexdigest() == line["sha256"]
        if state is None or not (is_there or state == "NEEDS_PERSON" or line["code"] in filed):
            gone.append(f"{line['code']} is {state}")
    return gone


FILED = """
    SELECT u.code::text FROM patients_upload u JOIN patients_candidate c ON c.upload_id = u.id
    JOIN patients_scan s ON s.id = c.scan_id
"""
