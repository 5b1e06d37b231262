"""Laboratory results and clinical events, which the database keeps as entered; tumour and birth year of a patient."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import patients.labs.words
import patients.vocabulary

FORWARD = """
CREATE FUNCTION keep_entered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'what was entered is taken back, never removed'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.superseded_at IS NOT NULL
        OR to_jsonb(NEW) - '{superseded_at,superseded_by_id,superseded_why}'::text[]
            IS DISTINCT FROM to_jsonb(OLD) - '{superseded_at,superseded_by_id,superseded_why}'::text[]
    THEN
        RAISE EXCEPTION 'what was entered is corrected by a new row, never changed'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER lab_result_is_kept BEFORE UPDATE OR DELETE ON patients_labresult
    FOR EACH ROW EXECUTE FUNCTION keep_entered();

CREATE TRIGGER clinical_event_is_kept BEFORE UPDATE OR DELETE ON patients_clinicalevent
    FOR EACH ROW EXECUTE FUNCTION keep_entered();
"""

BACKWARD = """
DROP TRIGGER clinical_event_is_kept ON patients_clinicalevent;
DROP TRIGGER lab_result_is_kept ON patients_labresult;
DROP FUNCTION keep_entered();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0008_unequivocally_larger"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ClinicalEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("ECOG", "ECOG performance status"),
                            ("SYMPTOM", "Symptom"),
                            ("STEROID", "Steroids"),
                            ("IRAE", "Immune-related event"),
                            ("RADIATION", "Radiation"),
                            ("BIOPSY", "Biopsy"),
                            ("CLINICAL_PROGRESSION", "Clinical progression"),
                            ("DEATH", "Death"),
                            ("LOST", "Lost to follow-up"),
                            ("ADJUDICATED_OUTCOME", "Adjudicated outcome"),
                            ("OTHER", "Other"),
                        ],
                        max_length=24,
                    ),
                ),
                ("started_on", models.DateField()),
                ("ended_on", models.DateField(blank=True, null=True)),
                ("grade", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("value", models.FloatField(blank=True, null=True)),
                ("detail", models.CharField(blank=True, max_length=16)),
                ("text", models.CharField(blank=True, max_length=200)),
                ("reader_one", models.CharField(blank=True, max_length=80)),
                ("reader_two", models.CharField(blank=True, max_length=80)),
                ("row_digest", models.CharField(max_length=64)),
                ("entered_at", models.DateTimeField(auto_now_add=True)),
                ("superseded_at", models.DateTimeField(blank=True, null=True)),
                ("superseded_why", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "ordering": ["started_on", "pk"],
            },
        ),
        migrations.CreateModel(
            name="LabResult",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "analyte",
                    models.CharField(
                        choices=[
                            ("LDH", "LDH"),
                            ("S100B", "S100B"),
                            ("CTDNA", "ctDNA"),
                            ("NLR", "NLR"),
                            ("CRP", "CRP"),
                            ("NEUTROPHILS", "Neutrophils"),
                            ("LYMPHOCYTES", "Lymphocytes"),
                            ("ALBUMIN", "Albumin"),
                            ("HAEMOGLOBIN", "Haemoglobin"),
                            ("PDL1_TPS", "PD-L1 (TPS)"),
                            ("PDL1_CPS", "PD-L1 (CPS)"),
                            ("TMB", "TMB"),
                            ("OTHER", "Other"),
                        ],
                        max_length=16,
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                ("taken_on", models.DateField()),
                ("taken_at", models.DateTimeField(blank=True, null=True)),
                (
                    "bound",
                    models.CharField(
                        choices=[("=", "measured"), ("<", "below detection"), (">", "above the measuring range")],
                        default=patients.labs.words.Bound["EXACT"],
                        max_length=1,
                    ),
                ),
                ("value", models.FloatField()),
                ("unit", models.CharField(max_length=24)),
                ("low", models.FloatField(blank=True, null=True)),
                ("high", models.FloatField(blank=True, null=True)),
                ("canonical_value", models.FloatField()),
                ("canonical_unit", models.CharField(max_length=24)),
                ("canonical_low", models.FloatField(blank=True, null=True)),
                ("canonical_high", models.FloatField(blank=True, null=True)),
                ("assay", models.CharField(blank=True, max_length=80)),
                ("row_digest", models.CharField(max_length=64)),
                ("entered_at", models.DateTimeField(auto_now_add=True)),
                ("superseded_at", models.DateTimeField(blank=True, null=True)),
                ("superseded_why", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "ordering": ["taken_on", models.OrderBy(models.F("taken_at"), nulls_first=True), "pk"],
            },
        ),
        migrations.AddField(
            model_name="patient",
            name="birth_year",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="patient",
            name="tumour",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "Not stated"),
                    ("melanoma", "Melanoma"),
                    ("nsclc", "Non-small-cell lung cancer"),
                    ("rcc", "Renal cell carcinoma"),
                    ("urothelial", "Urothelial carcinoma"),
                    ("other", "Other"),
                ],
                default=patients.vocabulary.Tumour["UNKNOWN"],
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="clinicalevent",
            name="entered_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="clinicalevent",
            name="lesion",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="events",
                to="patients.lesion",
            ),
        ),
        migrations.AddField(
            model_name="clinicalevent",
            name="patient",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="events", to="patients.patient"
            ),
        ),
        migrations.AddField(
            model_name="clinicalevent",
            name="superseded_by",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="supersedes",
                to="patients.clinicalevent",
            ),
        ),
        migrations.AddField(
            model_name="labresult",
            name="entered_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="labresult",
            name="patient",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="labs", to="patients.patient"
            ),
        ),
        migrations.AddField(
            model_name="labresult",
            name="superseded_by",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="supersedes",
                to="patients.labresult",
            ),
        ),
        migrations.AddConstraint(
            model_name="clinicalevent",
            constraint=models.UniqueConstraint(
                condition=models.Q(("superseded_at", None)), fields=("patient", "row_digest"), name="one_event_in_force"
            ),
        ),
        migrations.AddConstraint(
            model_name="clinicalevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("ended_on", None), ("ended_on__gte", models.F("started_on")), _connector="OR"),
                name="event_ends_after_its_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="labresult",
            constraint=models.UniqueConstraint(
                condition=models.Q(("superseded_at", None)),
                fields=("patient", "row_digest"),
                name="one_result_in_force",
            ),
        ),
        migrations.AddConstraint(
            model_name="labresult",
            constraint=models.CheckConstraint(
                condition=models.Q(("value__gte", 0), ("canonical_value__gte", 0)), name="result_not_negative"
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
