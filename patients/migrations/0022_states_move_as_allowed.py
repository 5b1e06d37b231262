"""The database itself holds every upload to the moves that are allowed, and writes down each one."""

from django.db import migrations, models

UPLOAD_MOVES = (
    ("", "RECEIVING"),
    ("RECEIVING", "RECEIVED"),
    ("RECEIVING", "ABANDONED"),
    ("RECEIVED", "READING"),
    ("READING", "NEEDS_PERSON"),
    ("READING", "FILED"),
    ("READING", "REFUSED"),
    ("NEEDS_PERSON", "FILED"),
    ("NEEDS_PERSON", "REFUSED"),
)
ALLOWED = ", ".join(f"('upload', '{before}', '{after}')" for before, after in UPLOAD_MOVES)

# Not a table of Django's: what empties tables between tests must not empty the rules.
TABLE = f"""
CREATE TABLE patients_allowedtransition (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject varchar(12) NOT NULL,
    from_state varchar(16) NOT NULL,
    to_state varchar(16) NOT NULL,
    UNIQUE (subject, from_state, to_state)
);
INSERT INTO patients_allowedtransition (subject, from_state, to_state) VALUES {ALLOWED};
"""

FORWARD = """
CREATE FUNCTION note_state_change(
    subject text, row_pk bigint, before text, after text, attempt integer, reason_code text
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM patients_allowedtransition allowed
        WHERE allowed.subject = note_state_change.subject
            AND allowed.from_state = before AND allowed.to_state = after
    ) THEN
        RAISE EXCEPTION '% % may not move from % to %', subject, row_pk, coalesce(nullif(before, ''), 'nothing'), after
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    INSERT INTO patients_statechange (subject, row_pk, from_state, to_state, attempt, reason_code, changed_at)
        VALUES (subject, row_pk, before, after, attempt, reason_code, clock_timestamp());
END $$;

CREATE FUNCTION hold_upload_state() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before text := '';
BEGIN
    IF TG_OP = 'UPDATE' THEN
        before := OLD.state;
    END IF;
    IF NEW.state IS DISTINCT FROM before THEN
        PERFORM note_state_change('upload', NEW.id, before, NEW.state, NULL, NEW.reason_code);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER upload_moves_as_allowed AFTER INSERT OR UPDATE OF state ON patients_upload
    FOR EACH ROW EXECUTE FUNCTION hold_upload_state();

CREATE FUNCTION keep_state_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was written down of a state is never changed'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER state_change_is_kept BEFORE UPDATE OR DELETE ON patients_statechange
    FOR EACH ROW EXECUTE FUNCTION keep_state_change();

INSERT INTO patients_statechange (subject, row_pk, from_state, to_state, reason_code, changed_at)
    SELECT 'upload', id, '', state, 'BEFORE_HISTORY', clock_timestamp() FROM patients_upload;
"""

BACKWARD = """
DROP TRIGGER state_change_is_kept ON patients_statechange;
DROP FUNCTION keep_state_change();
DROP TRIGGER upload_moves_as_allowed ON patients_upload;
DROP FUNCTION hold_upload_state();
DROP FUNCTION note_state_change(text, bigint, text, text, integer, text);
"""


class Migration(migrations.Migration):
    dependencies = [("patients", "0021_scores_outlive_courses")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(TABLE, "DROP TABLE patients_allowedtransition;")],
            state_operations=[
                migrations.CreateModel(
                    name="AllowedTransition",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("subject", models.CharField(max_length=12)),
                        ("from_state", models.CharField(blank=True, max_length=16)),
                        ("to_state", models.CharField(max_length=16)),
                    ],
                    options={"db_table": "patients_allowedtransition", "managed": False},
                )
            ],
        ),
        migrations.CreateModel(
            name="StateChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject", models.CharField(max_length=12)),
                ("row_pk", models.BigIntegerField()),
                ("from_state", models.CharField(blank=True, max_length=16)),
                ("to_state", models.CharField(max_length=16)),
                ("attempt", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("reason_code", models.CharField(blank=True, max_length=40)),
                ("changed_at", models.DateTimeField()),
            ],
            options={"indexes": [models.Index(fields=["subject", "row_pk"], name="changes_of_a_row")]},
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
