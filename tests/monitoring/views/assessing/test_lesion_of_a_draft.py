"""A new lesion that was opened in a draft is its reader's alone until it is signed, and goes with the draft."""

import pytest

from patients.reads.timelines import patient_timeline
from patients.vocabulary import Role
from tests.assessing import address, entered, is_armed, visits, words
from tests.factories import SegmentationFactory, followed_patient, login

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient(team):
    return followed_patient(team, lesions=1, dates=2)


@pytest.fixture
def client(as_user, team):
    return as_user(login(team, Role.READER))


@pytest.fixture
def visit(patient, client):
    """The second visit, where the reader opened a lesion in a draft and said how it was found."""
    visit = visits(patient)[1]
    client.post(address(visit), entered(visit, act="add", new_name="bone 1", new_organ="BONE", new_kind="NLNT"))
    client.post(address(visit), whole(visit, act="save"))
    return visit


def whole(visit, **said):
    opened = visit.patient.lesions.get(tracking_id="bone 1")
    return entered(visit, new_disease="YES", **{f"lesion-{opened.pk}-state": "PRESENT", **said})


def names(patient) -> set[str]:
    return {track.tracking_id for track in patient_timeline(patient.pk).tracks}


def test_nobody_else_learns_of_it_before_it_is_signed(as_user, team, patient, client, visit):
    second, page = as_user(login(team, Role.READER)), f"/patients/{patient.code}"
    assert "bone 1" in words(client.get(address(visit)))
    assert "bone 1" not in words(second.get(address(visit))) and "bone 1" not in words(second.get(page))
    assert "bone 1" not in names(patient) and not is_armed(patient)
    assert client.post(address(visit), whole(visit)).status_code == 302
    assert "bone 1" in names(patient) and is_armed(patient)
    assert "bone 1" in words(second.get(address(visit)))


def test_it_goes_with_the_draft(patient, client, visit):
    client.post(address(visit, "assessment/discard"))
    assert not patient.lesions.filter(tracking_id="bone 1").exists()
    assert patient.lesions.count() == 1


def test_it_stays_where_an_outline_or_another_draft_names_it(patient, client, visit):
    first, opened = visits(patient)[0], patient.lesions.get(tracking_id="bone 1")
    client.post(address(first), entered(first, act="save", **{f"lesion-{opened.pk}-state": "ABSENT"}))
    client.post(address(visit, "assessment/discard"))
    assert patient.lesions.contains(opened)
    SegmentationFactory.create(scan=visit.scans.get(), lesion=opened)
    client.post(address(first, "assessment/discard"))
    assert patient.lesions.contains(opened) and "bone 1" in names(patient)


def test_one_that_no_draft_names_yet_goes_with_the_last_draft(patient, client, visit):
    first, unsaid = visits(patient)[0], {f"lesion-{patient.lesions.get(tracking_id='bone 1').pk}-state": ""}
    other = {"act": "add", "new_name": "bone 2", "new_organ": "BONE", "new_kind": "NLNT"}
    client.post(address(first), entered(first, **other, **unsaid))
    client.post(address(visit, "assessment/discard"))
    assert set(patient.lesions.values_list("tracking_id", flat=True)) & {"bone 1", "bone 2"} == {"bone 2"}
    client.post(address(first, "assessment/discard"))
    assert patient.lesions.count() == 1


OPENING = {"act": "add", "new_name": "bone 1", "new_organ": "BONE", "new_kind": "NLNT"}


def unsaid(visit, **said):
    """Nothing said of the lesions of bone, but of one."""
    return {f"lesion-{lesion.pk}-state": "" for lesion in visit.patient.lesions.filter(organ="BONE")} | said


def test_its_name_is_not_given_away_by_a_refusal_and_both_have_one_once_signed(as_user, team, patient, client, visit):
    second, bone = as_user(login(team, Role.READER)), patient.lesions.filter(organ="BONE").order_by("pk")
    answer = second.post(address(visit), entered(visit, **OPENING, **unsaid(visit)), follow=True)
    assert "Opened." in words(answer) and [row.tracking_id for row in bone] == ["bone 1", "bone 1"]
    for reader, lesion in zip((client, second), bone, strict=True):
        said = unsaid(visit, **{f"lesion-{lesion.pk}-state": "PRESENT"})
        assert reader.post(address(visit), entered(visit, new_disease="YES", **said)).status_code == 302
    assert [row.tracking_id for row in bone.all()] == ["bone 1", "bone 1 2"]
    third = as_user(login(team, Role.READER))
    assert "has that name" in words(third.post(address(visit), entered(visit, **OPENING, **unsaid(visit))))
