"""The database itself keeps numbers whole: right length, finite, a reason beside every NULL, no later change."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION check_feature_snapshot() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    expected integer;
    i integer;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        RAISE EXCEPTION 'a feature snapshot is never changed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    SELECT cardinality(names) INTO expected FROM patients_featureset WHERE id = NEW.feature_set_id;
    IF cardinality(NEW.values) <> expected OR cardinality(NEW.reasons) <> expected
        OR array_ndims(NEW.values) <> 1 OR array_ndims(NEW.reasons) <> 1 THEN
        RAISE EXCEPTION 'a feature snapshot has % values and % reasons, its feature set has % names',
            cardinality(NEW.values), cardinality(NEW.reasons), expected
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    FOR i IN 1 .. expected LOOP
        IF (NEW.values[i] IS NULL) <> (NEW.reasons[i] IS NOT NULL) OR NEW.reasons[i] = '' THEN
            RAISE EXCEPTION 'value % of a feature snapshot needs either a number or a reason', i
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    END LOOP;
    RETURN NEW;
END $$;

CREATE TRIGGER feature_snapshot_is_whole BEFORE INSERT OR UPDATE ON patients_featuresnapshot
    FOR EACH ROW EXECUTE FUNCTION check_feature_snapshot();

ALTER TABLE patients_featuresnapshot ADD CONSTRAINT feature_values_are_finite CHECK (
    array_position("values", 'NaN'::float8) IS NULL
    AND array_position("values", 'Infinity'::float8) IS NULL
    AND array_position("values", '-Infinity'::float8) IS NULL
);

CREATE FUNCTION refuse_feature_set_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a feature set is never changed' USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER feature_set_is_immutable BEFORE UPDATE ON patients_featureset
    FOR EACH ROW EXECUTE FUNCTION refuse_feature_set_change();

ALTER TABLE patients_featureset ADD CONSTRAINT feature_set_has_names CHECK (
    cardinality(names) > 0 AND array_position(names, NULL) IS NULL
);
"""

FORMS = ("absolute", "relative_ratio", "log_ratio", "symmetric_ratio", "velocity_per_month")
FINITE = " AND ".join(
    f"array_position({form}, '{value}'::float8) IS NULL" for form in FORMS for value in ("NaN", "Infinity", "-Infinity")
)
FORWARD += f"ALTER TABLE patients_featuredelta ADD CONSTRAINT feature_deltas_are_finite CHECK ({FINITE});"

BACKWARD = """
ALTER TABLE patients_featuredelta DROP CONSTRAINT feature_deltas_are_finite;
ALTER TABLE patients_featureset DROP CONSTRAINT feature_set_has_names;
DROP TRIGGER feature_set_is_immutable ON patients_featureset;
DROP FUNCTION refuse_feature_set_change();
ALTER TABLE patients_featuresnapshot DROP CONSTRAINT feature_values_are_finite;
DROP TRIGGER feature_snapshot_is_whole ON patients_featuresnapshot;
DROP FUNCTION check_feature_snapshot();
"""


class Migration(migrations.Migration):
    dependencies = [("patients", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
