"""The database itself keeps what was signed: no column but the state moves, no lesion is added or changed."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from patients.models import Adjudication, LesionReading, Reading
from patients.words.reading_words import ReadingState, SizeState
from tests.factories import (
    BASELINE_ON,
    AdjudicationFactory,
    CourseHoldFactory,
    LesionFactory,
    LesionReadingFactory,
    LesionTreatmentFactory,
    ReadingFactory,
    TimepointFactory,
    UserFactory,
    signed_reading,
)

pytestmark = pytest.mark.django_db


def refused(change, match: str) -> None:
    with pytest.raises(IntegrityError, match=match), transaction.atomic():
        change()


@pytest.fixture
def signed():
    timepoint = TimepointFactory.create()
    lesion = LesionFactory.create(patient=timepoint.patient)
    return signed_reading(timepoint, UserFactory.create(), {lesion: 12.5})


@pytest.mark.parametrize(
    "column, value", [("non_target", "PD"), ("note", "later"), ("version", 9), ("signed_at", timezone.now())]
)
def test_no_column_of_a_signed_reading_changes(signed, column, value):
    rows = Reading.objects.filter(pk=signed.pk)
    refused(lambda: rows.update(**{column: value}), "never changed")
    refused(lambda: rows.update(state=ReadingState.REOPENED, **{column: value}), "never changed")
    refused(rows.delete, "never")


def test_the_state_of_a_signed_reading_moves_on_and_never_back(signed):
    rows = Reading.objects.filter(pk=signed.pk)
    refused(lambda: rows.update(state=ReadingState.DRAFT), "never changed")
    assert rows.update(state=ReadingState.REOPENED) == 1
    refused(lambda: rows.update(state=ReadingState.SIGNED), "never changed")
    assert rows.update(state=ReadingState.REPLACED) == 1
    refused(lambda: rows.update(state=ReadingState.REOPENED), "never changed")


def test_the_lesions_of_a_signed_reading_stay(signed):
    rows = LesionReading.objects.filter(reading=signed)
    refused(lambda: rows.update(diameter_mm=14.0), "never changed")
    refused(rows.delete, "never changed")
    refused(lambda: LesionReadingFactory.create(reading=signed), "never changed")
    draft = ReadingFactory.create(timepoint=signed.timepoint)
    refused(lambda: rows.update(reading=draft), "never changed")
    other = LesionReadingFactory.create(reading=draft)
    refused(lambda: LesionReading.objects.filter(pk=other.pk).update(reading=signed), "never changed")


def test_a_draft_changes_and_goes():
    draft = LesionReadingFactory.create().reading
    Reading.objects.filter(pk=draft.pk).update(note="more", non_target="")
    draft.lesions.update(state=SizeState.ABSENT)
    draft.delete()
    assert not LesionReading.objects.exists()


def test_a_reading_is_signed_whole_and_from_a_draft():
    draft = ReadingFactory.create(non_target="")
    rows = Reading.objects.filter(pk=draft.pk)
    refused(lambda: rows.update(state=ReadingState.SIGNED, signed_at=timezone.now()), "signed_readings_are_whole")
    rows.update(non_target="NA")
    refused(lambda: rows.update(state=ReadingState.SIGNED), "signed_readings_are_whole")
    refused(lambda: rows.update(state=ReadingState.REPLACED, signed_at=timezone.now()), "signed before")


def test_one_draft_and_one_signed_reading_for_a_reader_and_a_visit(signed):
    again = {"timepoint": signed.timepoint, "reader": signed.reader}
    ReadingFactory.create(**again, version=2)
    refused(lambda: ReadingFactory.create(**again, version=3), "one_draft")
    Reading.objects.filter(version=2).delete()
    refused(lambda: ReadingFactory.create(**again), "one_reading_a_version")
    signed_reading(signed.timepoint, None, reader_name="R1")
    refused(lambda: signed_reading(signed.timepoint, None, reader_name="R1", version=2), "in_force")
    signed_reading(signed.timepoint, None, reader_name="R2")


@pytest.mark.parametrize(
    "own", [{"diameter_mm": 3.0}, {"diameter_from": "TYPED"}, {"diameter_mm": 700.0, "diameter_from": "TYPED"}]
)
def test_an_own_diameter_has_a_reason_and_fits_a_body(own):
    refused(lambda: LesionReadingFactory.create(**own), "diameter")


def test_an_adjudication_stays(signed):
    row = AdjudicationFactory.create(reading=signed)
    refused(lambda: Adjudication.objects.update(why="other"), "never changed")
    refused(row.delete, "never changed")


def test_a_hold_ends_after_it_began():
    hold = CourseHoldFactory.create()
    refused(lambda: CourseHoldFactory.create(stopped_on=hold.started_on - timedelta(1)), "hold_stops")


def test_one_treatment_a_lesion_and_day():
    row = LesionTreatmentFactory.create(treated_on=BASELINE_ON)
    refused(lambda: LesionTreatmentFactory.create(lesion=row.lesion, treated_on=BASELINE_ON), "one_treatment")
