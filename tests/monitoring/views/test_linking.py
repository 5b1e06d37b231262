"""Which lesion is this? Linked once, by those who may, to the patient's own lesions."""

import re
from datetime import timedelta

import pytest

from patients.vocabulary import LesionRole, Organ, Step
from radiomics_tasks.models import ProcessingRun
from tests.factories import LesionFactory, PatientFactory, ScanFactory, SegmentationFactory, TimepointFactory

pytestmark = pytest.mark.django_db

NEW = {"tracking_id": "liver 2", "organ": "LIVER", "is_node": "no", "role": "TARGET"}


@pytest.fixture
def outline(team):
    patient = PatientFactory.create(team=team)
    LesionFactory.create(patient=patient, tracking_id="liver 1")
    scan = ScanFactory.create(timepoint=TimepointFactory.create(patient=patient))
    return SegmentationFactory.create(scan=scan, lesion=None, roi_name="Lesion_7", organ=Organ.LIVER)


def lesion_of(outline):
    return outline.scan.patient.lesions.get(tracking_id="liver 1")


def test_the_page_shows_the_outline_beside_the_lesions(as_user, owner, outline):
    earlier = SegmentationFactory.create(lesion=lesion_of(outline), scan=outline.scan)
    shown = as_user(owner).get(f"/outlines/{outline.code}/").content.decode()
    assert f"/outlines/{outline.code}/slices.json" in shown
    assert f"/outlines/{earlier.code}/slices.json" in shown
    assert "linking supersedes that one" in shown


def test_a_new_lesion_is_proposed_with_name_and_role(as_user, owner, outline):
    shown = as_user(owner).get(f"/outlines/{outline.code}/").content.decode()
    assert 'value="liver 2"' in shown
    assert re.search(r'value="TARGET"[^>]*checked', shown)


def test_target_is_not_proposed_beyond_two_in_one_organ(as_user, owner, outline):
    LesionFactory.create(patient=outline.scan.patient)
    shown = as_user(owner).get(f"/outlines/{outline.code}/").content.decode()
    assert re.search(r'value="NON_TARGET"[^>]*checked', shown)


def test_linking_arms_measurement_and_conclusion(as_user, owner, outline):
    as_user(owner).post(f"/outlines/{outline.code}/link", {"lesion": lesion_of(outline).code})
    outline.refresh_from_db()
    assert (outline.lesion, outline.linked_why) == (lesion_of(outline), "Linked by owner")
    steps = set(ProcessingRun.objects.values_list("step", flat=True))
    assert steps == {Step.EXTRACT, Step.REASSESS}


def test_what_is_linked_already_stays(as_user, owner, outline):
    other = LesionFactory.create(patient=outline.scan.patient)
    client = as_user(owner)
    client.post(f"/outlines/{outline.code}/link", {"lesion": lesion_of(outline).code})
    answer = client.post(f"/outlines/{outline.code}/link", {"lesion": other.code}, follow=True)
    assert "linked this outline meanwhile" in answer.content.decode()
    outline.refresh_from_db()
    assert outline.lesion == lesion_of(outline)
    assert client.get(f"/outlines/{outline.code}/")["Location"] == f"/lesions/{lesion_of(outline).code}/"


def test_another_patients_lesion_is_no_choice(as_user, owner, outline):
    answer = as_user(owner).post(f"/outlines/{outline.code}/link", {"lesion": LesionFactory.create().code})
    assert answer.status_code == 422


def test_no_choice_is_said(as_user, owner, outline):
    answer = as_user(owner).post(f"/outlines/{outline.code}/link", {})
    assert "Choose a lesion." in answer.content.decode()


def test_a_lesion_of_its_own(as_user, owner, outline):
    as_user(owner).post(f"/outlines/{outline.code}/open", NEW)
    outline.refresh_from_db()
    lesion = outline.lesion
    assert (lesion.tracking_id, lesion.organ, lesion.is_node, lesion.role) == ("liver 2", "LIVER", False, "TARGET")
    assert lesion.created_by == owner


def test_the_limits_of_targets_are_said(as_user, owner, outline):
    LesionFactory.create(patient=outline.scan.patient, tracking_id="liver 3", role=LesionRole.TARGET)
    answer = as_user(owner).post(f"/outlines/{outline.code}/open", NEW)
    assert "at most 2 target lesions in one organ" in answer.content.decode()


def test_organ_and_node_must_agree(as_user, owner, outline):
    answer = as_user(owner).post(f"/outlines/{outline.code}/open", NEW | {"organ": "LYMPH_NODE"})
    assert answer.status_code == 422
    assert "answer yes, or choose another organ" in answer.content.decode()


def test_the_next_waiting_outline_comes_next(as_user, owner, outline):
    other = SegmentationFactory.create(scan=outline.scan, lesion=None)
    answer = as_user(owner).post(f"/outlines/{outline.code}/open", NEW)
    assert answer["Location"] == f"/outlines/{other.code}/"


def test_only_the_team_and_only_the_right_roles(as_user, member, stranger, outline):
    for door in ("link", "open"):
        assert as_user(member).post(f"/outlines/{outline.code}/{door}").status_code == 403
        assert as_user(stranger).post(f"/outlines/{outline.code}/{door}").status_code == 404
    assert as_user(member).get(f"/outlines/{outline.code}/").status_code == 403
    assert as_user(stranger).get(f"/outlines/{outline.code}/").status_code == 404


def test_a_lesion_first_seen_after_baseline_is_new_and_a_target_only_when_confirmed(as_user, owner, outline):
    ScanFactory.create(
        timepoint=TimepointFactory.create(patient=outline.scan.patient),
        acquired_on=outline.scan.acquired_on - timedelta(60),
    )
    client, address = as_user(owner), f"/outlines/{outline.code}/"
    asked = client.get(address).content.decode()
    assert re.search(r'value="NEW"[^>]*checked', asked)
    assert "is_late_target_meant" not in asked
    answer = client.post(f"{address}open", NEW)
    assert answer.status_code == 422
    assert "every visit becomes not evaluable" in answer.content.decode()
    assert "is_late_target_meant" in answer.content.decode()
    client.post(f"{address}open", NEW | {"is_late_target_meant": "on"})
    assert outline.scan.patient.lesions.get(tracking_id="liver 2").role == LesionRole.TARGET


def test_a_wrong_link_is_taken_back_after_a_question(as_user, owner, outline):
    client, address = as_user(owner), f"/outlines/{outline.code}/"
    client.post(f"{address}link", {"lesion": lesion_of(outline).code})
    assert client.get(address).status_code == 302
    assert "Take the link back" in client.get(f"{address}?unlink").content.decode()
    ProcessingRun.objects.all().delete()
    answer = client.post(f"{address}link", {"unlink": "yes"}, follow=True)
    assert "Which lesion is it?" in answer.content.decode()
    outline.refresh_from_db()
    assert outline.lesion is None
    assert set(ProcessingRun.objects.values_list("step", flat=True)) == {Step.NOISE, Step.REASSESS}


def test_only_those_who_link_may_take_a_link_back(as_user, outline, member):
    outline.lesion = lesion_of(outline)
    outline.save()
    assert as_user(member).post(f"/outlines/{outline.code}/link", {"unlink": "yes"}).status_code in (403, 404)
    outline.refresh_from_db()
    assert outline.lesion is not None
