"""Shifted exports: intervals stay, the calendar does not, the header says so, and the shift is each patient's own."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.management import call_command

from patients.lab_tables.table import EVENT_COLUMNS, RESULT_COLUMNS
from patients.measured.columns import NAMES as NAMES_MEASURED
from patients.reads.tables.exports import COLUMNS
from patients.reads.tables.response_rows import COLUMNS as RESPONSE_COLUMNS
from patients.reads.tables.shifted_dates import (
    EVENTS,
    FEATURES,
    LEAST_DAYS,
    MEASUREMENTS,
    MOST_DAYS,
    RESPONSES,
    RESULTS,
    shift_days,
    shifted_lines,
    shifted_names,
    shifted_rows,
)
from radiomics_tasks.arrivals.lab_intake import RESULTS as LAB_TABLE
from radiomics_tasks.arrivals.lab_intake import take_labs
from tests.factories import ClinicalEventFactory, LabResultFactory, PatientFactory, followed_patient, signed_reading

KEY = "site key of the tests"
NAMES = ("patient", "scan_date", "value", "accepted_at", "accepted_reason")


@pytest.mark.django_db
def test_intervals_stay_and_days_do_not():
    one, other = PatientFactory.create(), PatientFactory.create()
    rows = [
        (one.pseudonym, "2026-01-01", 1.5, "", ""),
        (one.pseudonym, "2026-03-02", 2.5, "2026-03-04T10:00:00+00:00", "seen on 3 March"),
        (other.pseudonym, "2026-01-01", None, "", ""),
    ]
    found = list(shifted_rows(NAMES, rows, [one.pk, other.pk], KEY))
    days = [date.fromisoformat(str(row[1])) for row in found]
    assert (days[1] - days[0]).days == 60
    assert (date.fromisoformat(str(found[1][3])) - days[1]).days == 2
    assert LEAST_DAYS <= (date(2026, 1, 1) - days[0]).days <= MOST_DAYS
    assert days[0] != days[2]
    assert [row[2] for row in found] == [1.5, 2.5, None]
    assert found[0][3] == "" and {row[4] for row in found} == {""}


def test_the_header_says_so():
    assert shifted_names(NAMES) == ("patient", "scan_date_shifted", "value", "accepted_at_shifted", "accepted_reason")


def test_the_shift_is_the_same_every_time_and_no_other_sites():
    codes = [str(uuid4()) for _ in range(50)]
    shifts = [shift_days(code, KEY) for code in codes]
    assert shifts == [shift_days(code, KEY) for code in codes]
    assert len(set(shifts)) > 45
    assert shifts != [shift_days(code, "another site") for code in codes]


@pytest.mark.django_db
def test_a_table_that_writes_a_name_in_another_way_is_moved_alike():
    odd = PatientFactory.create(pseudonym="=P1")
    lines = shifted_lines(("patient", "date"), [("'=P1", "2026-01-01")], [odd.pk], KEY, RESULTS, "7:ab")
    header, row = (line.strip().split(",") for line in lines)
    moved = date(2026, 1, 1) - timedelta(days=shift_days(str(odd.code), KEY))
    assert header == ["patient", "date_shifted", "audit_head"]
    assert row == ["'=P1", moved.isoformat(), "7:ab"]


TABLES = {
    "features": (FEATURES, COLUMNS),
    "results": (RESULTS, RESULT_COLUMNS),
    "events": (EVENTS, EVENT_COLUMNS),
    "measurements": (MEASUREMENTS, NAMES_MEASURED),
    "responses": (RESPONSES, RESPONSE_COLUMNS),
}


@pytest.mark.parametrize("name", TABLES)
def test_every_column_of_days_is_moved(name):
    telling, columns = TABLES[name]
    dated = {"date", "end", "accepted_at"}
    told = {"start", "stop", "from", "until", "randomised", "scan", "on"}
    suspects = {one for one in columns if one in dated or "date" in one or set(one.split("_")) & told}
    # Changes, no days.
    suspects -= {"from_baseline", "from_baseline_reason"}
    assert suspects <= {*telling.days, *telling.withheld}, name
    assert {*telling.days, *telling.withheld} <= set(columns)


@pytest.mark.django_db
def test_all_tables_of_a_patient_are_moved_alike_and_can_be_joined(as_user, owner, team):
    patient = followed_patient(team, lesions=1, dates=2)
    LabResultFactory.create(patient=patient, taken_at=datetime(2024, 1, 8, 23, 30, tzinfo=UTC))
    ClinicalEventFactory.create(patient=patient, kind="OTHER", grade=None, text="fell on 8 January 2024")
    lesion = patient.lesions.get()
    signed_reading(patient.timepoints.first(), owner, {lesion: 30.0}, note="seen on 2024-01-08")
    client, found = as_user(owner), {}
    pages = {
        "export": "scan_date",
        "labs": "date",
        "events": "date",
        "measurements": "date",
        "responses": "assessed_on",
    }
    for page, column in pages.items():
        address = f"/patients/{patient.code}/{page}.csv"
        plain, shifted = (read(client.get(address + query)) for query in ("", "?dates=shifted"))
        assert len(plain) == len(shifted) > 0
        found[page] = {day(a[column]) - day(b[f"{column}_shifted"]) for a, b in zip(plain, shifted, strict=True)}
        text = str(shifted)
        assert "2024" not in text.replace(str(patient.pseudonym), ""), page
    assert set.union(*found.values()) == {timedelta(days=shift_days(str(patient.code), settings.SITE_KEY))}, found


@pytest.mark.django_db
@pytest.mark.parametrize("command", ["export_labs", "export_labs --events", "export_measurements -"])
def test_commands_move_the_same_days(owner, team, command):
    patient = followed_patient(team, lesions=1, dates=1)
    LabResultFactory.create(patient=patient)
    ClinicalEventFactory.create(patient=patient)
    signed_reading(patient.timepoints.get(), owner, {patient.lesions.get(): 30.0})
    rows = [told(command), told(f"{command} --shift-dates")]
    by = timedelta(days=shift_days(str(patient.code), settings.SITE_KEY))
    assert [day(row["date"]) - by for row in rows[0]] == [day(row["date_shifted"]) for row in rows[1]] != []


@pytest.mark.django_db
def test_a_shifted_table_is_not_taken_in_as_if_it_were_true(team):
    patient = followed_patient(team, lesions=1, dates=1)
    LabResultFactory.create(patient=patient)
    out = io.StringIO()
    call_command("export_labs", "--shift-dates", stdout=out)
    taken = take_labs(out.getvalue().encode(), LAB_TABLE, team, date(2026, 12, 1))
    assert {problem.column for problem in taken.problems} == {"date_shifted", "date"}


def read(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode(), newline="")))


def told(command: str) -> list[dict[str, str]]:
    out = io.StringIO()
    call_command(*command.split(), stdout=out, stderr=io.StringIO())
    return list(csv.DictReader(io.StringIO(out.getvalue(), newline="")))


def day(text: str) -> date:
    return date.fromisoformat(text[:10])
