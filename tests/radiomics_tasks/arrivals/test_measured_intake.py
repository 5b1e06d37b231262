"""A table is filed as a whole or not at all, once, for the right team; what comes out is what went in."""

import csv
import io

import pytest
from django.db.models import Count

from patients.measured.columns import NAMES, texts_of
from patients.models import Lesion, LesionReading, Patient, Reading, Timepoint, TreatmentCourse
from patients.reads.tables.measurements import measured_rows
from patients.words.reading_words import ReadingState
from radiomics_tasks.arrivals.measured_intake import take_table
from radiomics_tasks.models import ProcessingRun
from tests.factories import ScanFactory, TeamFactory
from tests.measured_tables import SMALL_COURSE, TODAY, lesion, told, visit, written

pytestmark = pytest.mark.django_db
LATER = {"date": "2024-03-01"}
# Every column that a reader may fill, in one row or another.
WHOLE = (
    lesion(course_name="Nivolumab", drug_class="ANTI_PD_L1", course_stop="2024-12-01", randomised="2024-01-05"),
    lesion(lesion="liver 2", state="SPLIT", diameter_mm="", parts_mm="18+15.5", scan_date="2023-12-30", why="two foci"),
    lesion(lesion="bone 1", organ="BONE", role="NON_TARGET", state="PRESENT", diameter_mm=""),
)
JUDGED = {
    **LATER,
    "non_target": "PD",
    "non_target_trend": "INC",
    "non_target_date": "2024-02-28",
    "new_disease": "EQ",
    "new_date": "2024-02-29",
    "new_why": "INFECTION",
    "not_scanned": "BRAIN+BONE",
    "reappearance": "EQ",
    "reappearance_why": "seen on one slice",
    "clinical_status": "WORSE",
    "steroid_mg": "12.5",
    "for_symptom": "yes",
    "merged_cr_confirmed": "yes",
    "note": '\'=not a formula, "quoted"',
}
# A patient without any lesion listed: what is said of three visits.
UNLISTED = (
    {"non_target": "NCNP"},
    {"date": "2024-03-01", "non_target": "NCNP", "new_disease": "YES", "confirms_equivocal": "yes"},
    {"date": "2024-05-01", "non_target": "CR", "new_disease": "NE", "equivocal_resolved": "yes"},
)
COURSE = {
    "course_name": "Nivolumab",
    "drug_class": "ANTI_PD_L1",
    "course_stop": "2024-12-01",
    "randomised": "2024-01-05",
}


def whole() -> tuple[dict[str, str], ...]:
    first = tuple({**row, **COURSE, "non_target": "NCNP"} for row in WHOLE)
    therapy = {"local_therapy": "RADIATION", "local_therapy_date": "2024-02-15"}
    gone = lesion(lesion="liver 2", state="MERGED", diameter_mm="", merged_into="liver 1", **COURSE | JUDGED)
    bone = {**WHOLE[2], "state": "NE", "why": "artefact", "trend": "SAME", **COURSE, **JUDGED}
    new = lesion(lesion="lung 1", organ="LUNG", role="NEW", kind="NLNT", **COURSE | JUDGED)
    rows = (*first, lesion(**COURSE | JUDGED), gone, bone)
    larger = {**new, "state": "PRESENT", "diameter_mm": "", "trend": "INC_UNEQ"}
    listed = tuple({**row, **therapy} if row["lesion"] == "bone 1" else row for row in (*rows, larger))
    return (*listed, *(visit(patient="P2", **COURSE | said) for said in UNLISTED))


def exported() -> list[dict[str, str]]:
    return [dict(zip(NAMES, texts_of(row), strict=True)) for row in measured_rows()]


def as_exported(content: bytes) -> list[dict[str, str]]:
    """The rows of a file as an export writes them: MEASURED is said."""
    rows = list(csv.DictReader(io.StringIO(content.decode(), newline="")))
    for row in rows:
        row["state"] = row["state"] or ("MEASURED" if row["lesion"] else "")
        row["course_name"] = row["course_name"] or "First line"
        row["drug_class"] = row["drug_class"] or "OTHER"
        for name in ("confirms_equivocal", "equivocal_resolved", "merged_cr_confirmed", "for_symptom"):
            row[name] = row[name] or "no"
    return rows


def test_a_table_is_filed_as_patients_visits_lesions_and_signed_readings(team):
    taken = take_table(written(*SMALL_COURSE, lesion(patient="P2")), team, TODAY)
    assert (taken.problems, taken.visits, len(taken.patient_pks)) == ((), 3, 2)
    assert Patient.objects.filter(team=team).count() == 2
    assert [str(row.judged_on) for row in Timepoint.objects.filter(patient__pseudonym="P1")] == [
        *("2024-01-01", "2024-03-01")
    ]
    assert set(Reading.objects.values_list("state", "reader", "reader_name")) == {("SIGNED", None, "Reader A")}
    assert Lesion.objects.filter(segmentations=None, created_by=None).count() == 4
    assert set(LesionReading.objects.values_list("diameter_why", flat=True)) == {"Measured elsewhere"}
    assert ProcessingRun.objects.filter(subject_pk__in=taken.patient_pks, step="reassess_patient").count() == 2


def test_every_column_comes_out_as_it_went_in(team):
    content = written(*whole())
    taken = take_table(content, team, TODAY)
    assert taken.problems == ()
    assert exported() == as_exported(content)
    filled = {name for row in exported() for name, cell in row.items() if cell}
    assert filled == set(NAMES)


def test_the_same_file_again_changes_nothing(team):
    content = written(*whole())
    take_table(content, team, TODAY)
    before = exported()
    again = take_table(content, team, TODAY)
    assert (again.problems, again.patient_pks, again.visits, again.known_visits) == ((), (), 0, 5)
    assert exported() == before


def test_an_export_taken_in_again_is_recognised(team):
    take_table(written(*whole()), team, TODAY)
    again = take_table(written(*exported()), team, TODAY)
    assert (again.problems, again.visits, again.known_visits) == ((), 0, 5)


def test_nothing_is_filed_where_one_row_is_wrong(team):
    taken = take_table(written(*SMALL_COURSE, lesion(patient="P2", diameter_mm="12,5")), team, TODAY)
    assert told(taken.problems) == [(7, "diameter_mm")]
    counts = [model.objects.count() for model in (Patient, Timepoint, Lesion, Reading, TreatmentCourse, ProcessingRun)]
    assert counts == [0] * 6


@pytest.mark.parametrize(
    "changes, column",
    [
        ({"state": "NE", "diameter_mm": ""}, "why"),
        ({"scan_date": "2024-01-31"}, "scan_date"),
        ({"new_disease": "EQ"}, "new_why"),
        ({"new_date": "2024-09-01"}, "new_date"),
        ({"confirms_equivocal": "yes"}, "confirms_equivocal"),
        ({"reappearance": "PD"}, "reappearance_why"),
        ({"trend": "INC_UNEQ"}, "trend"),
        ({"non_target_trend": "INC_UNEQ"}, "non_target_trend"),
    ],
)
def test_the_rules_of_the_reading_form_hold(team, changes, column):
    taken = take_table(written(lesion(), lesion(**LATER | changes)), team, TODAY)
    assert told(taken.problems) == [(3, column)]
    assert not Patient.objects.exists()


def test_a_trial_files_nothing(team):
    taken = take_table(written(*SMALL_COURSE), team, TODAY, is_trial=True)
    assert (taken.visits, Patient.objects.count()) == (2, 0)


def test_a_later_table_adds_visits(team):
    take_table(written(lesion()), team, TODAY)
    taken = take_table(written(lesion(), lesion(**LATER)), team, TODAY)
    assert (taken.visits, taken.known_visits) == (1, 1)
    assert Lesion.objects.annotate(readings_count=Count("readings")).get().readings_count == 2
    assert TreatmentCourse.objects.count() == 1


def test_a_pseudonym_of_another_team_is_taken(team):
    take_table(written(lesion()), TeamFactory.create(), TODAY)
    taken = take_table(written(visit(patient="P0"), lesion()), team, TODAY)
    assert [str(problem) for problem in taken.problems] == [
        "row 3, patient: This pseudonym is taken. Choose another one."
    ]


def test_a_known_patient_written_in_other_capitals(team):
    take_table(written(lesion()), team, TODAY)
    taken = take_table(written(lesion(patient="p1")), team, TODAY)
    assert "This patient is known as P1" in str(taken.problems[0])


def test_a_visit_with_scans_is_read_by_its_last_day(team):
    scan = ScanFactory.create(
        timepoint__patient__team=team, timepoint__patient__pseudonym="P1", acquired_on="2024-01-01"
    )
    taken = take_table(written(lesion()), team, TODAY)
    assert taken.problems == ()
    assert Reading.objects.get().timepoint_id == scan.timepoint_id
    ScanFactory.create(patient=scan.patient, timepoint=scan.timepoint, acquired_on="2024-01-04")
    again = take_table(written(lesion()), team, TODAY)
    assert "Date it by its last scan" in str(again.problems[0])


def test_signed_readings_are_in_force(team):
    take_table(written(lesion()), team, TODAY)
    reading = Reading.objects.get()
    assert reading.state == ReadingState.SIGNED
    assert reading.signed_at is not None
