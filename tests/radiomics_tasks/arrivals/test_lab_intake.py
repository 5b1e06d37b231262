"""Tables of results and events: all or nothing, with row and column; known again; written as they are read."""

from datetime import date

import pytest
from django.core.management import CommandError, call_command

from patients.lab_tables.table import EVENT_COLUMNS, RESULT_COLUMNS, table_lines
from patients.models import ClinicalEvent, LabResult
from patients.reads.labs import event_rows, result_rows
from patients.vocabulary import Step
from patients.writes.labs import take_back
from radiomics_tasks.arrivals.lab_intake import EVENTS, RESULTS, take_labs
from radiomics_tasks.models import ProcessingRun
from tests.factories import LesionFactory, PatientFactory

pytestmark = pytest.mark.django_db
TODAY = date(2024, 6, 30)
HEAD = "patient,analyte,date,value,unit,low,high,assay\n"
GOOD = HEAD + (
    "P1,LDH,2024-01-31,7.9,µkat/L,2.2,4.1,\n"
    "P1,ctDNA,2024-01-31,<0.1,copies/mL,,,ddPCR\n"
    "P1,CRP,2024-01-31T08:30:00+01:00,0.3,mg/dL,,0.5,\n"
    "P1,Lipase,2024-01-31,40,U/L,,60,\n"
    "P1,CRP,2024-02-01T00:10+01:00,0.3,mg/dL,,0.5,\n"
)
EVENTS_FILE = "patient,kind,date,end,grade,dose_mg,detail,text,lesion\n" + (
    'P1,ECOG,2024-01-31,,1,,,,\nP1,STEROID,2024-01-31,2024-02-20,,40,,"tapered, slowly",\n'
    "P1,BIOPSY,2024-02-01,,,,NO_TUMOUR,fibrosis,liver 1\n"
)


@pytest.fixture
def patient(team):
    return PatientFactory.create(team=team, pseudonym="P1", birth_year=1950)


def take(text: str, team, kind=RESULTS, **more):
    return take_labs(text.encode(), kind, team, TODAY, **more)


def test_a_file_is_filed_once_and_the_patient_concluded(team, patient):
    assert take(GOOD, team, is_trial=True).filed == 5
    assert not LabResult.objects.exists()
    taken = take(GOOD, team)
    assert (taken.problems, taken.filed, taken.known, taken.patient_pks) == ((), 5, 0, (patient.pk,))
    assert ProcessingRun.objects.filter(step=Step.REASSESS, subject_pk=patient.pk).exists()
    assert (take(GOOD, team).filed, take(GOOD, team).known, LabResult.objects.count()) == (0, 5, 5)


def test_what_was_taken_back_is_not_filed_again_by_the_same_file(team, patient):
    take(GOOD, team)
    take_back(LabResult.objects.filter(analyte="LDH").get(), "wrong tube")
    assert (take(GOOD, team).filed, LabResult.objects.filter(superseded_at=None).count()) == (0, 4)


@pytest.mark.parametrize(
    "line, told",
    [
        ("P1,LDH,2024-02-01,250,,,,", "row 7, unit: The unit is missing. Write one of: U/L, IU/L, µkat/L, nkat/L."),
        ("P1,LDH,2024-02-01,250,mg,,,", "row 7, unit: mg is not known as a unit of LDH. Known are: U/L, IU/L"),
        ("P1,LDH,1949-02-01,250,U/L,,,", "row 7, date: 1949-02-01 does not lie between 1980 and today."),
        ("P1,LDH,2025-02-01,250,U/L,,,", "row 7, date: 2025-02-01 does not lie between 1980 and today."),
        ("P2,LDH,2024-02-01,250,U/L,,,", "row 7, patient: No patient here is known as P2."),
        ("P1,LDH,2024-01-31,250,U/L,,,", "row 7, value: Row 2 gives another value of the same day."),
        ("P1,LDH,2024-01-31,7.9,µkat/L,2.2,4.1,", "row 7: It says the same as row 2."),
        ("P1,LDH,2024-02-01", "row 7: It has 3 cells, the header has 8."),
        (",LDH,2024-02-01,250,U/L,,,", "row 7, patient: The cell is empty."),
    ],
)
def test_one_slip_and_nothing_is_filed(team, patient, line, told):
    taken = take(f"{GOOD}{line}\n", team)
    assert str(taken.problems[0]).startswith(told)
    assert not LabResult.objects.exists()


def test_another_value_than_the_one_on_record_is_not_filed(team, patient):
    take(GOOD, team)
    (problem,) = take(HEAD + "P1,LDH,2024-01-31,8.0,µkat/L,2.2,4.1,\n", team).problems
    assert "LDH of 2024-01-31 is entered as 7.9 µkat/L. Correct that one" in problem.sentence


def test_a_birth_year_refuses_what_lies_before_it(team):
    PatientFactory.create(team=team, pseudonym="P9", birth_year=1990)
    (problem,) = take(HEAD + "P9,LDH,1989-12-31,250,U/L,,,\n", team).problems
    assert "before the birth of this patient, in 1990" in str(problem)


@pytest.mark.parametrize(
    "text, told",
    [
        ("", "row 1: The file is empty."),
        ("patient;analyte;date\n", "row 1: Part the columns by commas."),
        (HEAD, "row 2: There is a header but no row below it."),
        ("patient,analyte,date,value\nP1,LDH,2024-01-31,250\n", "row 1, unit: This column is missing."),
        (HEAD.replace("assay", "colour"), "row 1, colour: There is no column of this name."),
    ],
)
def test_a_file_that_is_none_is_told(team, patient, text, told):
    assert str(take(text, team).problems[0]).startswith(told)


def test_events_alike_with_lesions_of_their_patient(team, patient):
    (problem,) = take(EVENTS_FILE, team, EVENTS).problems
    assert str(problem) == "row 4, lesion: No lesion is named liver 1. Known are: none yet."
    LesionFactory.create(patient=patient, tracking_id="liver 1")
    assert take(EVENTS_FILE, team, EVENTS).filed == 3
    assert (take(EVENTS_FILE, team, EVENTS).known, ClinicalEvent.objects.count()) == (3, 3)


@pytest.mark.parametrize("kind, text, columns, rows", [
    (RESULTS, GOOD, RESULT_COLUMNS, result_rows), (EVENTS, EVENTS_FILE, EVENT_COLUMNS, event_rows),
])  # fmt: skip
def test_what_is_written_is_known_again(team, patient, kind, text, columns, rows):
    LesionFactory.create(patient=patient, tracking_id="liver 1")
    filed = take(text, team, kind).filed
    again = take("".join(table_lines(columns, rows([patient.pk]), f"7:{'ab' * 32}")), team, kind)
    assert (again.problems, again.filed, again.known) == ((), 0, filed)


def test_the_commands_tell_rows_and_write_them_again(team, patient, tmp_path, capsys):
    file = tmp_path / "labs.csv"
    file.write_text(GOOD + "P1,LDH,2024-02-01,250,,,,\n", encoding="utf-8")
    with pytest.raises(CommandError, match=r"Nothing was filed: 1 problems\."):
        call_command("import_labs", file)
    file.write_text(GOOD, encoding="utf-8")
    call_command("import_labs", file)
    assert "5 rows filed; 0 were filed before" in capsys.readouterr().out
    call_command("export_labs", "P1")
    written = capsys.readouterr().out
    assert "P1,LDH,2024-01-31,7.9,µkat/L,2.2,4.1," in written
    events = tmp_path / "events.csv"
    events.write_text("patient,kind,date,grade\nP1,ECOG,2024-01-31,2\n", encoding="utf-8")
    call_command("import_events", events)
    call_command("export_labs", "--events")
    assert "P1,ECOG,2024-01-31,,2" in capsys.readouterr().out
