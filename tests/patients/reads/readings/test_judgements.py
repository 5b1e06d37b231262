"""Signed readings become judgements; which counts is decided, or is the one first signed."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from patients.counting import reading_that_counts
from patients.models import Reading
from patients.reads.readings.judgements import judgements_of
from patients.vocabulary import LesionRole, Organ
from patients.words.reading_words import NewDisease, NonTarget, ReadingState, Reappearance, SizeState, Trend
from patients.writes.readings.drafts import start_reading
from patients.writes.readings.signing import reopen_readings_of, sign_reading
from tests.factories import (
    BASELINE_ON,
    AdjudicationFactory,
    LesionFactory,
    LesionReadingFactory,
    ReadingFactory,
    TimepointFactory,
    UserFactory,
    signed_reading,
)
from tests.patients.rows import followed

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit():
    return TimepointFactory.create(judged_on=BASELINE_ON)


def counting(visit) -> list[int]:
    return [found.reading_pk for found in judgements_of(visit.patient_id) if found.counts]


def test_every_word_of_a_reading_is_handed_on(visit):
    judged: dict[str, Any] = {
        "non_target": NonTarget.PD,
        "non_target_trend": Trend.INCREASED,
        "non_target_on": BASELINE_ON,
        "new_disease": NewDisease.YES,
        "new_on": BASELINE_ON + timedelta(1),
        "new_disease_why": "liver",
        "confirms_equivocal": True,
        "regions_not_scanned": ["BRAIN"],
        "reappearance": Reappearance.EQUIVOCAL,
        "reappearance_why": "faint",
        "is_merged_cr_confirmed": True,
        "is_for_symptom": True,
    }
    reader = UserFactory.create()
    signed_reading(visit, reader, **judged)
    (found,) = judgements_of(visit.patient_id)
    same = {"new": "new_disease", "new_why": "new_disease_why"}
    for name in (*judged.keys() - {*same.values(), "regions_not_scanned"}, *same):
        assert getattr(found, name) == judged[same.get(name, name)], name
    assert (found.regions_not_scanned, found.reader_pk, found.is_stale) == ((Organ.BRAIN,), reader.pk, False)


def test_every_word_of_a_lesion_is_handed_on(visit):
    lesion, other = LesionFactory.create_batch(2, patient=visit.patient)
    said: dict[str, Any] = {"state": SizeState.MERGED, "trend": Trend.SAME, "observed_on": BASELINE_ON, "why": "fused"}
    reading = ReadingFactory.create(timepoint=visit)
    LesionReadingFactory.create(reading=reading, lesion=lesion, merged_into=other, role=LesionRole.TARGET, **said)
    LesionReadingFactory.create(reading=reading, lesion=other, state=SizeState.SPLIT, parts_mm=[8.0, 4.5])
    Reading.objects.update(state=ReadingState.SIGNED, signed_at=timezone.now())
    (found,) = judgements_of(visit.patient_id)
    first, second = found.of(lesion.pk), found.of(other.pk)
    assert {name: getattr(first, name) for name in said} == said
    assert (first.merged_into_pk, first.role, second.parts_mm) == (other.pk, LesionRole.TARGET, (8.0, 4.5))


def test_drafts_and_replaced_versions_are_no_judgements(visit):
    reader = UserFactory.create()
    first = signed_reading(visit, reader)
    ReadingFactory.create(timepoint=visit)
    second = start_reading(visit, reader)
    assert [found.reading_pk for found in judgements_of(visit.patient_id)] == [first.pk]
    sign_reading(second, reader)
    assert [found.reading_pk for found in judgements_of(visit.patient_id)] == [second.pk]


def test_the_first_signed_counts_until_somebody_decides_and_then_the_newest_decision(visit):
    first, second = (signed_reading(visit, UserFactory.create()) for _ in range(2))
    assert counting(visit) == [first.pk]
    AdjudicationFactory.create(reading=second)
    assert counting(visit) == [second.pk]
    AdjudicationFactory.create(reading=first)
    assert counting(visit) == [first.pk]


def test_a_correction_by_the_first_reader_leaves_that_reader_first(visit):
    """The version in force is signed after the second reader's; who signed first has not changed."""
    reader = UserFactory.create()
    signed_reading(visit, reader)
    second = signed_reading(visit, UserFactory.create())
    later = sign_reading(start_reading(visit, reader), reader)
    assert later.signed_at > second.signed_at
    assert counting(visit) == [later.pk]
    assert reading_that_counts(visit.pk) == later


def test_a_decision_is_for_a_reader_and_goes_on_with_the_next_version(visit):
    signed_reading(visit, UserFactory.create())
    reader = UserFactory.create()
    AdjudicationFactory.create(reading=signed_reading(visit, reader))
    later = sign_reading(start_reading(visit, reader), reader)
    assert counting(visit) == [later.pk]


def test_readers_without_a_login_are_told_apart_by_name(visit):
    signed_reading(visit, None, reader_name="R1")
    second = signed_reading(visit, None, reader_name="R2")
    AdjudicationFactory.create(reading=second)
    assert [found.reader_name for found in judgements_of(visit.patient_id)] == ["R1", "R2"]
    assert counting(visit) == [second.pk]


def test_a_reopened_reading_keeps_the_sizes_it_was_signed_on():
    patient = followed([30.0, 20.0])
    visit, reader = patient.timepoints.order_by("pk").last(), UserFactory.create()
    draft = start_reading(visit, reader)
    Reading.objects.update(non_target=NonTarget.NA, new_disease=NewDisease.NO)
    sign_reading(draft, reader)
    (current,) = judgements_of(patient.pk)
    assert (current.lesions[0].diameter_mm, current.is_stale) == (None, False)
    patient.lesions.update(is_node=True)
    assert len(reopen_readings_of(patient.pk, "a node")) == 1
    (stale,) = judgements_of(patient.pk)
    assert (stale.lesions[0].diameter_mm, stale.is_stale, stale.counts) == (20.0, True, True)


@pytest.mark.parametrize("readers", [1, 3])
def test_judgements_take_three_queries(visit, django_assert_num_queries, readers):
    lesion = LesionFactory.create(patient=visit.patient)
    for _ in range(readers):
        signed_reading(visit, UserFactory.create(), {lesion: 12.0})
    with django_assert_num_queries(3):
        assert len(judgements_of(visit.patient_id)) == readers
