"""A signature is for the sizes that stood on the page, and for judgements that the reader made."""

import pytest

from patients.models import Measurement, Reading
from patients.vocabulary import LesionRole, Role
from patients.words.reading_words import NonTarget, ReadingState
from tests.assessing import address, entered, visits, words
from tests.factories import followed_patient, login, signed_reading

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient(team):
    return followed_patient(team, lesions=1, dates=3)


@pytest.fixture
def reader(team):
    return login(team, Role.READER)


def test_other_sizes_than_those_on_the_page_are_not_signed_and_the_draft_is_kept(as_user, reader, patient):
    client, visit = as_user(reader), visits(patient)[1]
    sent = entered(visit, note="keep me")
    assert f'value="{sent["outlines"]}"' in words(client.get(address(visit)))
    Measurement.objects.filter(segmentation__scan__timepoint=visit).update(longest_diameter_mm=44.4)
    answer = client.post(address(visit), sent)
    assert answer.status_code == 409
    shown = words(answer)
    assert "The outlines of this visit changed meanwhile: check the sizes again." in shown
    assert "44.4 mm" in shown and "keep me" in shown and entered(visit)["outlines"] in shown
    assert Reading.objects.get().state == ReadingState.DRAFT
    assert client.post(address(visit), entered(visit)).status_code == 302


def test_no_judgement_is_filled_in_where_the_reader_signed_no_baseline(as_user, reader, patient):
    patient.lesions.update(role=LesionRole.TARGET)
    for visit in visits(patient):
        assert " checked" not in words(as_user(reader).get(address(visit)))


def test_none_at_the_own_baseline_is_said_and_not_asked_again(as_user, reader, team, patient):
    patient.lesions.update(role=LesionRole.TARGET)
    first, second, _ = visits(patient)
    signed_reading(first, reader, non_target=NonTarget.NA)
    client, sent = as_user(reader), entered(second)
    shown = words(client.get(address(second)))
    assert "None, as you signed at baseline (8 Jan 2024)" in shown and 'name="non_target"' not in shown
    assert client.post(address(second), sent).status_code == 302
    assert Reading.objects.get(timepoint=second).non_target == NonTarget.NA
    other = words(as_user(login(team, Role.READER)).get(address(second)))
    assert 'name="non_target"' in other and " checked" not in other


def test_a_form_that_comes_back_is_for_the_outlines_it_shows_and_says_that_they_changed(as_user, reader, patient):
    client, visit = as_user(reader), visits(patient)[1]
    sent = entered(visit, steroid_mg="a little")
    assert "changed meanwhile" not in words(client.post(address(visit), sent))
    Measurement.objects.filter(segmentation__scan__timepoint=visit).update(longest_diameter_mm=44.4)
    answer = client.post(address(visit), sent)
    assert answer.status_code == 422
    shown, now = words(answer), entered(visit)["outlines"]
    assert now != sent["outlines"] and f'name="outlines" value="{now}"' in shown and "44.4 mm" in shown
    assert "The outlines of this visit changed meanwhile: check the sizes again." in shown
    kept = client.post(address(visit), entered(visit, act="save", outlines=sent["outlines"]), follow=True)
    assert "changed meanwhile" in words(kept)
