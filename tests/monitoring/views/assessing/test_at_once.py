"""A form sent from two places at the very same moment: one of the two is signed, and it is what its page held."""

import pytest
from django.test import Client

from patients.models import Reading
from patients.vocabulary import Role
from patients.words.reading_words import ReadingState
from tests.assessing import address, entered, visits
from tests.factories import followed_patient, login
from tests.patients.writes.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def visit(team):
    return visits(followed_patient(team, lesions=3, dates=2))[1]


def sending(user, visit, **said):
    """A browser of its own that sends the form when it is told to."""
    client = Client()
    client.force_login(user)
    form = entered(visit, **said)
    return lambda: client.post(address(visit), form)


def test_the_same_form_sent_twice_at_once_is_signed_once(team, visit):
    reader = login(team, Role.READER)
    answers = at_once(*(sending(reader, visit, note="once") for _ in range(4)))
    assert {answer.status_code for answer in answers} == {302}
    (row,) = Reading.objects.all()
    assert (row.state, row.version, row.note, row.lesions.count()) == (ReadingState.SIGNED, 1, "once", 3)


@pytest.mark.parametrize("_again", range(5))
def test_two_tabs_of_one_reader_one_is_signed_and_the_other_is_told(team, visit, _again):
    reader = login(team, Role.READER)
    told = ("NO", "YES", "EQ")
    forms = [sending(reader, visit, new_disease=new, not_tumour="INFECTION", note=new) for new in told]
    answers = at_once(*forms)
    signed = [new for new, answer in zip(told, answers, strict=True) if answer.status_code == 302]
    assert sorted(answer.status_code for answer in answers) == [302, 409, 409]
    (row,) = Reading.objects.all()
    assert (row.state, [row.new_disease], row.note) == (ReadingState.SIGNED, signed, signed[0])


def test_two_readers_at_once_are_both_signed_and_the_first_chooses_the_targets(team, visit):
    baseline = visits(visit.patient)[0]
    readers = [login(team, Role.READER, username=name) for name in ("anna", "boris")]
    lesion = visit.patient.lesions.order_by("pk")[2]
    name = f"lesion-{lesion.pk}-role"
    forms = [sending(readers[0], baseline, **{name: "TARGET"}), sending(readers[1], baseline, **{name: "NON_TARGET"})]
    assert [answer.status_code for answer in at_once(*forms)] == [302, 302]
    first, second = Reading.objects.order_by("signed_at", "pk")
    assert {first.reader, second.reader} == set(readers) and {first.state, second.state} == {ReadingState.SIGNED}
    lesion.refresh_from_db()
    assert lesion.role == first.lesions.get(lesion=lesion).role
