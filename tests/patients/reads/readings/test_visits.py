"""What a reader sees of a visit: the own words, the outlines' sizes, and nothing of others before signing."""

from datetime import timedelta

import pytest

from patients.models import Timepoint
from patients.reads.readings.visits import blinded_visits, reading_seen, readings_of
from patients.vocabulary import Absence
from patients.words.reading_words import NewDisease, NonTarget
from patients.writes.readings.content import LesionContent, ReadingContent
from patients.writes.readings.drafts import save_reading, start_reading
from patients.writes.readings.signing import sign_reading
from tests.factories import (
    BASELINE_ON,
    AdjudicationFactory,
    LesionFactory,
    MeasurementFactory,
    ReadingFactory,
    SegmentationFactory,
    TimepointFactory,
    UserFactory,
    followed_patient,
    signed_reading,
)
from tests.patients.rows import followed

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient():
    return followed([30.0, 20.0], [12.0, 11.0])


@pytest.fixture
def visits(patient) -> list[Timepoint]:
    return list(patient.timepoints.order_by("pk"))


@pytest.fixture
def reader():
    return UserFactory.create()


def sign(visit, reader):
    content = ReadingContent(non_target=NonTarget.NA, new_disease=NewDisease.NO)
    return sign_reading(save_reading(start_reading(visit, reader), content, reader), reader)


def test_before_anything_is_said_there_are_only_sizes(visits, reader):
    seen = reading_seen(visits[1], reader, is_reader=True)
    assert (seen.shown, seen.in_force, seen.before, seen.versions, seen.hidden_count) == (None, None, None, (), 0)
    assert [row.outline.size_mm for row in seen.lesions if row.outline] == [20.0, 11.0]
    assert {row.said for row in seen.lesions} == {None}
    assert seen.dates == (BASELINE_ON + timedelta(56),)


def test_a_lesion_without_a_size_says_why(patient, visits, reader):
    bare, waiting, parts = LesionFactory.create_batch(3, patient=patient)
    scan = visits[1].scans.get()
    SegmentationFactory.create(scan=scan, lesion=waiting)
    outline = SegmentationFactory.create(scan=scan, lesion=parts)
    MeasurementFactory.create(segmentation=outline, absence=Absence.SEVERAL_PARTS)
    rows = {row.lesion: row.outline for row in reading_seen(visits[1], reader, is_reader=True).lesions}
    assert rows[bare] is None
    assert (rows[waiting].size_mm, rows[waiting].absence) == (None, Absence.WAITING)
    assert (rows[parts].size_mm, rows[parts].absence) == (None, Absence.SEVERAL_PARTS)


def test_the_draft_is_shown_beside_what_is_in_force_and_what_was_said_before(visits, reader, patient):
    before, signed = (sign(visit, reader) for visit in visits)
    draft = start_reading(visits[1], reader)
    lesion = patient.lesions.first()
    save_reading(draft, ReadingContent((LesionContent(lesion.pk),), note="again"), reader)
    seen = reading_seen(visits[1], reader, is_reader=True)
    assert (seen.shown, seen.in_force, seen.before, seen.versions) == (draft, signed, before, (signed, draft))
    first, second = seen.lesions
    assert (first.said.reading, first.before.reading, second.said) == (draft, before, None)
    assert reading_seen(visits[0], reader, is_reader=True).before is None


def test_a_reader_sees_others_only_after_signing(visits, reader):
    theirs = sign(visits[1], UserFactory.create())
    start_reading(visits[1], reader)
    seen = reading_seen(visits[1], reader, is_reader=True)
    assert (seen.others, seen.hidden_count) == ((), 1)
    assert blinded_visits(visits[1].patient_id, reader) == {visits[1].pk}
    own = sign(visits[1], reader)
    seen = reading_seen(visits[1], reader, is_reader=True)
    assert (seen.others, seen.hidden_count, seen.in_force) == ((theirs,), 0, own)
    assert blinded_visits(visits[1].patient_id, reader) == frozenset()


def test_signing_one_visit_opens_no_other(visits, reader, patient):
    other = UserFactory.create()
    for visit in visits:
        sign(visit, other)
    sign(visits[0], reader)
    found = readings_of(patient.pk, reader, is_reader=True)
    assert [len(found[visit.pk].readings) for visit in visits] == [2, 0]
    assert found[visits[1].pk].hidden_count == 1


def test_a_visit_read_out_of_order_shows_nothing_of_who_read_all(reader):
    patient, other = followed([30.0, 20.0, 10.0]), UserFactory.create()
    visits = list(patient.timepoints.order_by("pk"))
    theirs = [sign(visit, other) for visit in visits]
    alone = sign(visits[2], UserFactory.create())
    sign(visits[2], reader)
    seen = reading_seen(visits[2], reader, is_reader=True)
    assert (seen.others, seen.hidden_count) == ((alone,), 1)
    found = readings_of(patient.pk, reader, is_reader=True)[visits[2].pk]
    assert (len(found.readings), found.hidden_count) == (2, 1)
    sign(visits[0], reader)
    assert reading_seen(visits[0], reader, is_reader=True).others == (theirs[0],)
    assert reading_seen(visits[2], reader, is_reader=True).hidden_count == 1
    sign(visits[1], reader)
    assert set(reading_seen(visits[2], reader, is_reader=True).others) == {theirs[2], alone}


def test_who_does_not_read_sees_what_was_signed_and_no_draft(visits, patient):
    oncologist, other = UserFactory.create(), UserFactory.create()
    signed = sign(visits[1], other)
    start_reading(visits[1], other)
    ReadingFactory.create(timepoint=visits[1])
    found = readings_of(patient.pk, oncologist, is_reader=False)[visits[1].pk]
    assert (found.readings, found.hidden_count, found.counting_pk) == ((signed,), 0, signed.pk)
    assert reading_seen(visits[1], oncologist, is_reader=False).others == (signed,)


def test_a_decision_is_hidden_from_who_has_not_signed(visits, reader, patient):
    _, second = (sign(visits[1], UserFactory.create()) for _ in range(2))
    decision = AdjudicationFactory.create(reading=second)
    found = readings_of(patient.pk, UserFactory.create(), is_reader=False)[visits[1].pk]
    assert (found.decision, found.counting_pk) == (decision, second.pk)
    assert readings_of(patient.pk, reader, is_reader=True)[visits[1].pk].decision is None


def test_readings_of_another_patient_are_not_seen(visits, reader):
    signed_reading(TimepointFactory.create(judged_on=BASELINE_ON), reader)
    assert readings_of(visits[0].patient_id, reader, is_reader=True) == {}
    assert reading_seen(visits[1], reader, is_reader=True).before is None


def test_a_visit_without_scans_has_its_one_date(visits, reader, patient):
    elsewhere = TimepointFactory.create(patient=patient, judged_on=BASELINE_ON + timedelta(28))
    before = sign(visits[0], reader)
    seen = reading_seen(elsewhere, reader, is_reader=True)
    assert (seen.dates, seen.before) == ((BASELINE_ON + timedelta(28),), before)


def test_the_form_asks_as_often_for_much_as_for_little(team, reader, django_assert_max_num_queries):
    for lesions, dates in ((1, 2), (5, 8)):
        patient = followed_patient(team, lesions, dates)
        for visit in patient.timepoints.all():
            for who in (reader, UserFactory.create()):
                signed_reading(visit, who, dict.fromkeys(patient.lesions.all(), 12.0))
        with django_assert_max_num_queries(11):
            assert len(reading_seen(patient.timepoints.last(), reader, is_reader=True).lesions) == lesions
        with django_assert_max_num_queries(7):
            assert len(readings_of(patient.pk, reader, is_reader=True)) == dates
