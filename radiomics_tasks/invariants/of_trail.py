"""What always holds of the audit trail: I12."""

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from patients.reads.trail.verified import verified_trail
from radiomics_tasks.invariants.terms import Invariant, Terms, rows

# Filed since the trail is written, and no event of it tells who did so.
_FILED_UNSEEN = """
SELECT s.id FROM patients_scan s
WHERE s.filed_at > (SELECT min(at) FROM patients_auditevent) AND NOT EXISTS (
    SELECT 1 FROM patients_auditevent e WHERE e.subject_kind = 'scan' AND e.subject_code = s.code::text
) ORDER BY s.id
"""


def _trail(_terms: Terms) -> Iterator[str]:
    for fault in verified_trail(settings.AUDIT_KEY, Path(settings.AUDIT_DIR)).faults:
        yield f"the audit trail: {fault.kind.value}, {fault.sentence}"
    for (pk,) in rows(_FILED_UNSEEN):
        yield f"scan {pk} was filed and no event of the audit trail says by whom"


OF_TRAIL = (Invariant("I12", "The audit trail is whole, and what was done stands in it.", _trail),)
