"""The database itself keeps what was signed: only the state of a reading moves on, and adjudications stay."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION keep_signed_reading() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'DRAFT' THEN
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        IF NEW.state NOT IN ('DRAFT', 'SIGNED') THEN
            RAISE EXCEPTION 'a draft is signed before anything else becomes of it'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a signed reading is never removed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF to_jsonb(NEW) - 'state' IS DISTINCT FROM to_jsonb(OLD) - 'state' OR NOT (
        NEW.state = OLD.state
        OR (OLD.state = 'SIGNED' AND NEW.state IN ('REOPENED', 'REPLACED'))
        OR (OLD.state = 'REOPENED' AND NEW.state = 'REPLACED')
    ) THEN
        RAISE EXCEPTION 'a signed reading is never changed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER signed_reading_is_kept BEFORE UPDATE OR DELETE ON patients_reading
    FOR EACH ROW EXECUTE FUNCTION keep_signed_reading();

CREATE FUNCTION keep_signed_lesions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND EXISTS (
        SELECT 1 FROM patients_reading r WHERE r.id = OLD.reading_id AND r.state <> 'DRAFT'
    ) OR TG_OP <> 'DELETE' AND EXISTS (
        SELECT 1 FROM patients_reading r WHERE r.id = NEW.reading_id AND r.state <> 'DRAFT'
    ) THEN
        RAISE EXCEPTION 'a signed reading is never changed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER lesions_of_signed_reading_are_kept BEFORE INSERT OR UPDATE OR DELETE ON patients_lesionreading
    FOR EACH ROW EXECUTE FUNCTION keep_signed_lesions();

CREATE FUNCTION keep_adjudication() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an adjudication is never changed' USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER adjudication_is_kept BEFORE UPDATE OR DELETE ON patients_adjudication
    FOR EACH ROW EXECUTE FUNCTION keep_adjudication();
"""

BACKWARD = """
DROP TRIGGER adjudication_is_kept ON patients_adjudication;
DROP FUNCTION keep_adjudication();
DROP TRIGGER lesions_of_signed_reading_are_kept ON patients_lesionreading;
DROP FUNCTION keep_signed_lesions();
DROP TRIGGER signed_reading_is_kept ON patients_reading;
DROP FUNCTION keep_signed_reading();
"""


class Migration(migrations.Migration):
    dependencies = [("patients", "0005_readings")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
