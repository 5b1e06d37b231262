"""What waits for readers: unread visits, and readings that disagree until somebody decides."""

from datetime import timedelta

import pytest

from patients.reads.readings.due import (
    CATEGORY,
    NEW_DISEASE,
    TARGETS,
    adjudications_due,
    disagreements_of,
    unread_visits,
)
from patients.reads.readings.versus import versus_of
from patients.vocabulary import Criterion, LesionRole, ResponseCategory
from patients.words.reading_words import NewDisease
from patients.writes.readings.drafts import start_reading
from patients.writes.readings.signing import sign_reading
from tests.factories import (
    BASELINE_ON,
    AdjudicationFactory,
    LesionFactory,
    LesionReadingFactory,
    PatientFactory,
    ReadingFactory,
    ResponseAssessmentFactory,
    ScanFactory,
    TimepointFactory,
    TreatmentCourseFactory,
    UserFactory,
    signed_reading,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit(team):
    return ScanFactory.create(timepoint__patient=PatientFactory.create(team=team)).timepoint


@pytest.fixture
def readers():
    return UserFactory.create_batch(2)


def called(visit, reader, category, **more) -> None:
    ResponseAssessmentFactory.create(timepoint=visit, reader=reader, category=category, **more)


def about(visit) -> tuple[str, ...]:
    found = disagreements_of(visit.patient_id)
    return found[visit.pk].about if found else ()


def test_readings_that_say_the_same_do_not_disagree(visit, readers):
    for reader in readers:
        signed_reading(visit, reader)
        called(visit, reader, ResponseCategory.PD, criterion=Criterion.IRECIST)
    assert disagreements_of(visit.patient_id) == {}


@pytest.mark.parametrize("criterion", [Criterion.RECIST_1_1, Criterion.IRECIST])
def test_another_category_is_a_disagreement(visit, readers, criterion):
    for reader, category in zip(readers, (ResponseCategory.PD, ResponseCategory.SD), strict=True):
        signed_reading(visit, reader)
        called(visit, reader, category, criterion=criterion)
    assert about(visit) == (CATEGORY,)
    assert disagreements_of(visit.patient_id)[visit.pk].visit_on == visit.scans.get().acquired_on


def test_a_category_is_compared_under_one_criterion_and_line_and_with_readers_only(visit, readers):
    first, second = readers
    line = TreatmentCourseFactory.create(patient=visit.patient)
    for reader in readers:
        signed_reading(visit, reader)
    called(visit, first, ResponseCategory.PD, criterion=Criterion.RECIST_1_1)
    called(visit, second, ResponseCategory.SD, criterion=Criterion.RECIST_1_1, course=line)
    called(visit, None, ResponseCategory.PR, criterion=Criterion.RECIST_1_1, course=line)
    called(visit, first, ResponseCategory.IUPD, criterion=Criterion.IRECIST)
    assert about(visit) == ()


def test_who_skipped_an_earlier_visit_is_not_compared(visit, readers):
    first, second = readers
    before = TimepointFactory.create(patient=visit.patient, judged_on=BASELINE_ON - timedelta(30))
    of_old_line = TimepointFactory.create(patient=visit.patient, judged_on=BASELINE_ON - timedelta(90))
    line = TreatmentCourseFactory.create(patient=visit.patient, started_on=BASELINE_ON - timedelta(20))
    for reader, category in ((first, ResponseCategory.PD), (second, ResponseCategory.NE)):
        signed_reading(visit, reader)
        called(visit, reader, category, criterion=Criterion.RECIST_1_1, course=line)
    signed_reading(before, first)
    signed_reading(of_old_line, first)
    assert about(visit) == ()
    (row,) = versus_of(visit.pk).calls
    assert (row.skipped, row.differs) == ((f"visit 2 not yet read by {second.get_username()}",), False)
    signed_reading(before, second)
    assert about(visit) == (CATEGORY,)
    assert versus_of(visit.pk).calls[0].differs


def test_another_word_on_new_lesions_is_a_disagreement(visit, readers):
    signed_reading(visit, readers[0])
    signed_reading(visit, readers[1], new_disease=NewDisease.EQUIVOCAL)
    assert about(visit) == (NEW_DISEASE,)


def test_another_choice_of_targets_is_a_disagreement(visit, readers):
    lesion = LesionFactory.create(patient=visit.patient)
    for reader, role in zip(readers, ("", LesionRole.NON_TARGET), strict=True):
        draft = ReadingFactory.create(timepoint=visit, reader=reader)
        LesionReadingFactory.create(reading=draft, lesion=lesion, role=role, state="TSTM")
        sign_reading(draft, reader)
    assert about(visit) == (TARGETS,)


def test_a_decision_ends_it_until_one_of_them_signs_again(visit, readers, team):
    signed_reading(visit, readers[0])
    second = signed_reading(visit, readers[1], new_disease=NewDisease.YES)
    (found,) = adjudications_due([team.pk])
    assert [row.reader for row in found.readings] == readers
    assert (found.is_between(readers[0].pk), found.is_between(UserFactory.create().pk)) == (True, False)
    AdjudicationFactory.create(reading=second)
    assert adjudications_due([team.pk]) == []
    sign_reading(start_reading(visit, readers[1]), readers[1])
    assert [due.timepoint_pk for due in adjudications_due([team.pk])] == [visit.pk]


def test_another_teams_work_is_not_seen(visit, readers, team):
    elsewhere = TimepointFactory.create(judged_on=BASELINE_ON)
    signed_reading(elsewhere, readers[0])
    signed_reading(elsewhere, readers[1], new_disease=NewDisease.YES)
    assert adjudications_due([team.pk]) == []
    assert [due.patient for due in unread_visits([team.pk])] == [visit.patient]


def test_a_visit_is_unread_until_it_is_signed(visit, readers, team):
    later = ScanFactory.create(timepoint=TimepointFactory.create(patient=visit.patient), acquired_on=BASELINE_ON)
    ScanFactory.create(timepoint=visit, acquired_on=BASELINE_ON + timedelta(3))
    ReadingFactory.create(timepoint=visit)
    TimepointFactory.create(patient=visit.patient)
    found = [(due.timepoint_pk, (due.last_on - BASELINE_ON).days) for due in unread_visits([team.pk])]
    assert found == [(later.timepoint_id, 0), (visit.pk, 3)]
    signed_reading(visit, readers[0])
    assert [due.timepoint_pk for due in unread_visits([team.pk])] == [later.timepoint_id]


@pytest.mark.parametrize("patients", [1, 4])
def test_what_is_due_takes_the_same_few_queries(team, readers, django_assert_num_queries, patients):
    for _ in range(patients):
        visit = ScanFactory.create(timepoint__patient=PatientFactory.create(team=team)).timepoint
        lesion = LesionFactory.create(patient=visit.patient)
        for reader, new in zip(readers, (NewDisease.NO, NewDisease.YES), strict=True):
            signed_reading(visit, reader, {lesion: 12.0}, new_disease=new)
    with django_assert_num_queries(6):
        assert len(adjudications_due([team.pk])) == patients
    with django_assert_num_queries(1):
        assert unread_visits([team.pk]) == []
