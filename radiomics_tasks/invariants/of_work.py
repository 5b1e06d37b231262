"""What always holds of uploads and runs: I2, I9, I10 and I13."""

from collections.abc import Iterator

from django.conf import settings

from radiomics_tasks.invariants.terms import Invariant, Terms, rows
from radiomics_tasks.relay.reconcile import LONGEST_PAUSE_SECONDS

_UNFINISHED_RUNS = """
SELECT id, step, state, attempt, armed_at FROM radiomics_tasks_processingrun
WHERE state IN ('QUEUED', 'RUNNING', 'RETRY_WAIT') AND armed_at < now() - make_interval(secs => %s)
    AND coalesce(started_at, armed_at) < now() - make_interval(secs => %s)
ORDER BY id
"""
# Received or half read, and nobody is to go on with it.
_FORGOTTEN_UPLOADS = """
SELECT u.id, u.state FROM patients_upload u
WHERE u.state IN ('RECEIVED', 'READING') AND NOT EXISTS (
    SELECT 1 FROM radiomics_tasks_processingrun r
    WHERE r.step = 'ingest_upload' AND r.subject_pk = u.id AND r.state <> 'DONE' AND r.state <> 'CANCELLED'
) ORDER BY u.id
"""
_LEASES = """
SELECT id, state, attempt, lease_token IS NOT NULL FROM radiomics_tasks_processingrun
WHERE (state = 'RUNNING') <> (lease_token IS NOT NULL) OR (lease_token IS NULL) <> (lease_until IS NULL)
    OR state = 'RUNNING' AND attempt < 1
ORDER BY id
"""
# More attempts than were ever granted: of those that ended by themselves, none was claimed beyond the limit.
_ATTEMPTS = "SELECT id, attempt FROM radiomics_tasks_processingrun WHERE attempt > %s ORDER BY id"
_ONE_LEASE_TWICE = """
SELECT lease_token, count(*) FROM radiomics_tasks_processingrun
WHERE lease_token IS NOT NULL GROUP BY lease_token HAVING count(*) > 1
"""
_HISTORY = """
SELECT c.subject, c.row_pk, c.from_state, c.to_state, c.came_before FROM (
    SELECT id, subject, row_pk, from_state, to_state, reason_code,
        lag(to_state, 1, '') OVER (PARTITION BY subject, row_pk ORDER BY id) AS came_before
    FROM patients_statechange
) c
WHERE c.from_state <> c.came_before
    OR c.reason_code <> 'BEFORE_HISTORY' AND NOT EXISTS (
        SELECT 1 FROM patients_allowedtransition a
        WHERE a.subject = c.subject AND a.from_state = c.from_state AND a.to_state = c.to_state
    )
ORDER BY c.id
"""
_HISTORY_ENDS_ELSEWHERE = """
SELECT now_is.subject, now_is.id, now_is.state, last.to_state FROM (
    SELECT 'upload' AS subject, id, state FROM patients_upload
    UNION ALL SELECT 'run', id, state FROM radiomics_tasks_processingrun
) now_is
LEFT JOIN (
    SELECT DISTINCT ON (subject, row_pk) subject, row_pk, to_state
    FROM patients_statechange ORDER BY subject, row_pk, id DESC
) last ON last.subject = now_is.subject AND last.row_pk = now_is.id
WHERE last.to_state IS DISTINCT FROM now_is.state
ORDER BY 1, 2
"""
_UNSENT = """
SELECT id, step FROM radiomics_tasks_processingrun
WHERE (state = 'QUEUED' OR state = 'RETRY_WAIT' AND wake_at < now() - make_interval(secs => %s))
    AND armed_at < now() - make_interval(secs => %s)
    AND coalesce(published_at, armed_at) < now() - make_interval(secs => %s)
ORDER BY id
"""


def _unfinished(terms: Terms) -> Iterator[str]:
    for pk, step, state, attempt, since in rows(_UNFINISHED_RUNS, terms.late_seconds, terms.late_seconds):
        yield f"run {pk} ({step}) is {state} since {since}, attempt {attempt}"
    for pk, state in rows(_FORGOTTEN_UPLOADS):
        yield f"upload {pk} is {state} and no run is to read it"


def _leases(_terms: Terms) -> Iterator[str]:
    for pk, state, attempt, has_lease in rows(_LEASES):
        yield f"run {pk} is {state} {'with' if has_lease else 'without'} a lease, attempt {attempt}"
    for token, count in rows(_ONE_LEASE_TWICE):
        yield f"lease {token} is held by {count} runs"
    for pk, attempt in rows(_ATTEMPTS, settings.MAX_ATTEMPTS):
        yield f"run {pk} was tried {attempt} times, {settings.MAX_ATTEMPTS} are allowed"


def _histories(_terms: Terms) -> Iterator[str]:
    for subject, pk, before, after, came_before in rows(_HISTORY):
        yield f"{subject} {pk} went from {before or 'nothing'} to {after}, having stood at {came_before or 'nothing'}"
    for subject, pk, state, last in rows(_HISTORY_ENDS_ELSEWHERE):
        yield f"{subject} {pk} is {state}, its history ends with {last or 'nothing'}"


def _unsent(_terms: Terms) -> Iterator[str]:
    late = 2 * LONGEST_PAUSE_SECONDS + 2 * settings.RECONCILE_SECONDS
    for pk, step in rows(_UNSENT, late, late, late):
        yield f"run {pk} ({step}) waits and was not published for {late} s: does the reconciler run?"


OF_WORK = (
    Invariant("I2", "Work ends, or fails in words: nothing is left lying half done.", _unfinished),
    Invariant("I9", "A run is held by one lease while it runs and by none otherwise, within its attempts.", _leases),
    Invariant("I10", "Every upload and run came to its state by allowed moves, each written down.", _histories),
    Invariant("I13", "What waits is told to the workers again and again.", _unsent),
)
