"""The database itself holds runs to their moves, counts an attempt for every lease, and lets no live lease be taken."""

from django.db import migrations

RUN_MOVES = (
    ("", "QUEUED"),
    ("QUEUED", "RUNNING"),
    ("QUEUED", "CANCELLED"),
    ("RETRY_WAIT", "RUNNING"),
    ("RETRY_WAIT", "QUEUED"),
    ("RETRY_WAIT", "FAILED"),
    ("RETRY_WAIT", "CANCELLED"),
    # A worker whose lease has run out is followed by another.
    ("RUNNING", "RUNNING"),
    ("RUNNING", "DONE"),
    ("RUNNING", "QUEUED"),
    ("RUNNING", "RETRY_WAIT"),
    ("RUNNING", "FAILED"),
    ("DONE", "QUEUED"),
    ("FAILED", "QUEUED"),
    ("CANCELLED", "QUEUED"),
)
ALLOWED = ", ".join(f"('run', '{before}', '{after}')" for before, after in RUN_MOVES)

FORWARD = f"""
INSERT INTO patients_allowedtransition (subject, from_state, to_state) VALUES {ALLOWED};
"""
FORWARD += """
CREATE FUNCTION hold_run_state() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before text := '';
    is_claim boolean := false;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        before := OLD.state;
        is_claim := NEW.state = 'RUNNING'
            AND (OLD.state <> 'RUNNING' OR NEW.lease_token IS DISTINCT FROM OLD.lease_token);
        IF is_claim AND OLD.state = 'RUNNING' AND OLD.lease_until >= clock_timestamp() THEN
            RAISE EXCEPTION 'run % is held by a lease that has not run out', NEW.id
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF NEW.attempt <> (CASE WHEN is_claim THEN OLD.attempt + 1 WHEN NEW.state = 'QUEUED' THEN 0 ELSE OLD.attempt END)
        THEN
            RAISE EXCEPTION 'run %: an attempt is counted when a lease is taken, and only then', NEW.id
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    END IF;
    IF is_claim OR NEW.state IS DISTINCT FROM before THEN
        PERFORM note_state_change('run', NEW.id, before, NEW.state, NEW.attempt, NEW.reason_code);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER run_moves_as_allowed AFTER INSERT OR UPDATE OF state, lease_token, attempt
    ON radiomics_tasks_processingrun FOR EACH ROW EXECUTE FUNCTION hold_run_state();

INSERT INTO patients_statechange (subject, row_pk, from_state, to_state, attempt, reason_code, changed_at)
    SELECT 'run', id, '', state, attempt, 'BEFORE_HISTORY', clock_timestamp() FROM radiomics_tasks_processingrun;
"""

BACKWARD = """
DROP TRIGGER run_moves_as_allowed ON radiomics_tasks_processingrun;
DROP FUNCTION hold_run_state();
DELETE FROM patients_allowedtransition WHERE subject = 'run';
"""


class Migration(migrations.Migration):
    dependencies = [
        ("radiomics_tasks", "0007_recompute_step"),
        ("patients", "0022_states_move_as_allowed"),
    ]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
