"""New lesions in a reading: the first sighting is new disease, and "unequivocally larger" is for unmeasured ones."""

from typing import Any

import pytest

from patients.models import Reading
from patients.vocabulary import LesionRole
from patients.words.reading_words import NewDisease, NewLesionKind, NonTarget, SizeState, Trend
from patients.writes.readings.content import LesionContent, ReadingContent, ReadingRefused
from patients.writes.readings.drafts import save_reading, start_reading
from patients.writes.readings.signing import sign_reading
from tests.factories import LesionFactory, MeasurementFactory, SegmentationFactory, UserFactory, signed_reading
from tests.patients.rows import followed

pytestmark = pytest.mark.django_db
NEW = {"new_disease_why": "small"}


@pytest.fixture
def patient():
    """One target at three visits."""
    return followed([30.0, 20.0, 20.0])


@pytest.fixture
def lesion(patient):
    return LesionFactory.create(patient=patient, role=LesionRole.NEW, tracking_id="lung 1")


@pytest.fixture
def reader():
    return UserFactory.create()


def visit(patient, number):
    return patient.timepoints.order_by("pk")[number]


def draft(at, reader, said: LesionContent, **judged: Any) -> Reading:
    content = ReadingContent((said,), non_target=NonTarget.NA, **judged)
    return save_reading(start_reading(at, reader), content, reader)


def refusal(act) -> ReadingRefused:
    with pytest.raises(ReadingRefused) as caught:
        act()
    return caught.value


@pytest.mark.parametrize("word", [NewDisease.NO, NewDisease.NE])
@pytest.mark.parametrize("state", [SizeState.PRESENT, SizeState.TOO_SMALL])
def test_a_first_sighting_is_new_disease(patient, lesion, reader, word, state):
    said = LesionContent(lesion.pk, state)
    found = refusal(lambda: draft(visit(patient, 1), reader, said, new_disease=word))
    assert (found.code, found.field, len(found.problems)) == ("E_NEW", "new_disease", 1)
    assert "lung 1 is found for the first time at this visit" in found.sentence


@pytest.mark.parametrize("word", [None, NewDisease.YES, NewDisease.EQUIVOCAL])
def test_what_is_called_new_or_not_judged_yet_is_kept(patient, lesion, reader, word):
    row = draft(visit(patient, 1), reader, LesionContent(lesion.pk, SizeState.PRESENT), new_disease=word, **NEW)
    assert row.new_disease == (word or "")


@pytest.mark.parametrize("state", [SizeState.ABSENT, SizeState.NOT_EVALUABLE])
def test_what_is_not_there_is_no_sighting(patient, lesion, reader, state):
    said = LesionContent(lesion.pk, state, why="artefact")
    assert draft(visit(patient, 1), reader, said, new_disease=NewDisease.NO)


def test_a_known_one_asks_for_no_word_again_but_of_another_reader(patient, lesion, reader):
    signed_reading(visit(patient, 1), reader, {lesion: SizeState.PRESENT}, new_disease=NewDisease.YES)
    said = LesionContent(lesion.pk, SizeState.PRESENT)
    assert draft(visit(patient, 2), reader, said, new_disease=NewDisease.NO)
    other = refusal(lambda: draft(visit(patient, 2), UserFactory.create(), said, new_disease=NewDisease.NO))
    assert other.code == "E_NEW"


def test_a_later_sighting_excuses_no_earlier_visit(patient, lesion, reader):
    signed_reading(visit(patient, 2), reader, {lesion: SizeState.PRESENT}, new_disease=NewDisease.YES)
    said = LesionContent(lesion.pk, SizeState.PRESENT)
    assert refusal(lambda: draft(visit(patient, 1), reader, said, new_disease=NewDisease.NO)).code == "E_NEW"


def test_an_outline_without_a_word_is_a_sighting_when_it_is_signed(patient, lesion, reader):
    at = visit(patient, 1)
    outline = SegmentationFactory.create(scan=at.scans.get(), lesion=lesion)
    MeasurementFactory.create(segmentation=outline)
    row = draft(at, reader, LesionContent(patient.lesions.first().pk), new_disease=NewDisease.NO)
    assert [problem.field for problem in refusal(lambda: sign_reading(row, reader)).problems] == ["new_disease"]


@pytest.mark.parametrize(
    "kind, state, is_kept",
    [
        (NewLesionKind.NON_TARGET, SizeState.PRESENT, True),
        (NewLesionKind.NON_TARGET, SizeState.MEASURED, True),
        ("", SizeState.PRESENT, True),
        ("", SizeState.TOO_SMALL, False),
        (NewLesionKind.TARGET, SizeState.PRESENT, False),
    ],
)
def test_unequivocally_larger_is_said_of_unmeasured_ones(patient, lesion, reader, kind, state, is_kept):
    type(lesion).objects.filter(pk=lesion.pk).update(new_kind=kind)
    said = LesionContent(lesion.pk, state, trend=Trend.UNEQUIVOCAL)
    if is_kept:
        row = draft(visit(patient, 1), reader, said, new_disease=NewDisease.YES)
        assert row.lesions.get().trend == "INC_UNEQ"
    else:
        found = refusal(lambda: draft(visit(patient, 1), reader, said, new_disease=NewDisease.YES))
        assert (found.code, found.field, found.lesion_pk) == ("E_TREND", "trend", lesion.pk)


def test_unequivocally_larger_is_said_of_no_target_and_not_of_all_non_targets(patient, reader):
    said = LesionContent(patient.lesions.get().pk, trend=Trend.UNEQUIVOCAL)
    found = refusal(lambda: draft(visit(patient, 1), reader, said, non_target_trend=Trend.UNEQUIVOCAL))
    assert {problem.field for problem in found.problems} == {"trend", "non_target_trend"}
    assert Trend.UNEQUIVOCAL not in [value for value, _ in Trend.usual_pairs()]
