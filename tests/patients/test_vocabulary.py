"""Each word has its standard's spelling, a label, and fits where it is stored."""

import copy
import json
import pickle

import pytest

from patients import vocabulary
from patients.vocabulary import Absence, Modality, ResponseCategory, Word

WORDS = [
    kind for kind in vars(vocabulary).values() if isinstance(kind, type) and issubclass(kind, Word) and kind is not Word
]


@pytest.mark.parametrize("kind", WORDS)
def test_every_member_has_a_label_for_people(kind: type[Word]) -> None:
    assert len(kind) > 0
    for member in kind:
        assert member.label
        assert member.label == member.label.strip()


@pytest.mark.parametrize("kind", WORDS)
def test_pairs_are_what_django_takes_as_choices(kind: type[Word]) -> None:
    assert kind.pairs() == [(str(member), member.label) for member in kind]
    assert all(type(value) is str for value, _ in kind.pairs())


def test_a_word_is_its_standards_spelling() -> None:
    assert (Modality.PT, Modality.PT.label, f"{Modality.PT}") == ("PT", "PET", "PT")
    assert Modality("PT") is Modality.PT
    assert json.dumps([Absence.SMALL_ROI]) == '["SMALL_ROI"]'


def test_a_word_without_a_label_reads_as_itself() -> None:
    class Plain(Word):
        ONE = "one"

    assert Plain.ONE.label == "one"


def test_words_keep_their_identity_across_copies_and_processes() -> None:
    assert copy.deepcopy(ResponseCategory.PD) is ResponseCategory.PD
    assert pickle.loads(pickle.dumps(ResponseCategory.PD)) is ResponseCategory.PD


@pytest.mark.parametrize("code", ["XX", "pd", ""])
def test_an_unknown_word_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="is not a valid"):
        ResponseCategory(code)


@pytest.mark.parametrize(("kind", "longest"), [(Absence, 24), (vocabulary.Organ, 16), (ResponseCategory, 24)])
def test_values_fit_their_columns(kind: type[Word], longest: int) -> None:
    assert max(len(member) for member in kind) <= longest
