"""Scans know the study they were filed from; a hold that was decided is never changed or removed."""

from django.db import migrations

FORWARD = """
UPDATE patients_scan SET study_instance_uid = left(coalesce(facts->>'study_instance_uid', ''), 64)
 WHERE facts->>'study_instance_uid' <> '';

CREATE FUNCTION patients_hold_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a decided hold is never changed';
END $$;

CREATE TRIGGER patients_hold_stays BEFORE UPDATE OR DELETE ON patients_hold
    FOR EACH ROW WHEN (OLD.state IN ('RELEASED', 'REFUSED')) EXECUTE FUNCTION patients_hold_stays();
"""
BACKWARD = "DROP TRIGGER patients_hold_stays ON patients_hold; DROP FUNCTION patients_hold_stays();"


class Migration(migrations.Migration):
    dependencies = [("patients", "0031_identities")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
