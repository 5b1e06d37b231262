"""Shifted exports: intervals stay, the calendar does not, the header says so, and the shift is each patient's own."""

from datetime import date
from uuid import uuid4

import pytest

from patients.reads.tables.shifted_dates import LEAST_DAYS, MOST_DAYS, shift_days, shifted_names, shifted_rows
from tests.factories import PatientFactory

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
