from datetime import date

import pytest

from patients.lab_tables.happenings import EventSaid
from patients.lab_tables.results import checked_result
from patients.labs.words import EventKind
from patients.models import ClinicalEvent, LabResult
from patients.reads.labs import events_of, labs_of
from patients.writes.labs import LabRefused, correct_event, correct_result, enter_event, enter_result, take_back
from tests.factories import LesionFactory, PatientFactory, UserFactory

pytestmark = pytest.mark.django_db

ON = date(2024, 1, 31)


def said(value: str = "250", **changed: str):
    texts = {"analyte": "LDH", "date": "2024-01-31", "value": value, "unit": "U/L", "high": "240"} | changed
    found, problems = checked_result(texts, date(2024, 6, 30))
    assert found is not None, problems
    return found


def test_entered_twice_it_is_one_row_and_says_who():
    patient, user = PatientFactory.create(), UserFactory.create()
    row = enter_result(patient, said(), user)
    assert enter_result(patient, said(), None) == row
    assert (row.entered_by, row.canonical_high, LabResult.objects.count()) == (user, 240.0, 1)


def test_two_values_of_one_analyte_and_day_are_refused_unless_the_time_tells_them_apart():
    patient = PatientFactory.create()
    enter_result(patient, said(), None)
    with pytest.raises(LabRefused, match=r"LDH of 2024-01-31 is entered as 250 U/L\. Correct that one"):
        enter_result(patient, said("260"), None)
    enter_result(patient, said("260", date="2024-01-31T08:00+00:00"), None)
    enter_result(patient, said("260", assay="other"), None)
    assert len(labs_of(patient.pk)) == 3


def test_a_correction_stands_in_its_place_and_keeps_the_old_one():
    patient, user = PatientFactory.create(), UserFactory.create()
    row = enter_result(patient, said(), None)
    later = correct_result(row, said("520"), user, "typing slip")
    row.refresh_from_db()
    assert (row.superseded_by, row.superseded_why, row.value, later.value) == (later, "typing slip", 250.0, 520.0)
    assert [lab.value for lab in labs_of(patient.pk)] == [520.0]
    with pytest.raises(LabRefused, match="Reload"):
        correct_result(row, said("530"), user, "")
    with pytest.raises(LabRefused, match="Nothing is different"):
        correct_result(later, said("520"), user, "")


def test_what_was_taken_back_is_in_force_no_more():
    patient = PatientFactory.create()
    row = enter_result(patient, said(), None)
    take_back(row, "other patient")
    assert (labs_of(patient.pk), LabResult.objects.count()) == ((), 1)
    with pytest.raises(LabRefused):
        take_back(row, "again")
    assert enter_result(patient, said(), None) != row


def test_events_meet_the_lesion_of_their_patient():
    lesion = LesionFactory.create(tracking_id="Liver 1")
    event = EventSaid(EventKind.BIOPSY, ON, detail="NO_TUMOUR", lesion="liver 1")
    row = enter_event(lesion.patient, event, None)
    assert (row.lesion, enter_event(lesion.patient, event, None)) == (lesion, row)
    with pytest.raises(LabRefused, match=r"no lesion named liver 1\. Known are: none yet"):
        enter_event(PatientFactory.create(), event, None)


def test_events_are_corrected_and_taken_back_alike():
    patient = PatientFactory.create()
    row = enter_event(patient, EventSaid(EventKind.ECOG, ON, grade=1), None)
    with pytest.raises(LabRefused, match="entered already"):
        correct_event(row, EventSaid(EventKind.ECOG, ON, grade=1), None, "")
    later = correct_event(row, EventSaid(EventKind.ECOG, ON, grade=2), None, "slip")
    assert [event.grade for event in events_of(patient.pk)] == [2]
    take_back(later, "")
    assert (events_of(patient.pk), ClinicalEvent.objects.count()) == ((), 2)
