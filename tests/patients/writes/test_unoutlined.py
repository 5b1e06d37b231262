"""A lesion without an outline obeys what every lesion obeys, and meets its outline later."""

import pytest

from patients.vocabulary import LesionRole, Organ
from patients.words.reading_words import NewLesionKind
from patients.writes.lesions import LesionRefused, link_outline, revise_lesion
from patients.writes.unoutlined import open_unoutlined_lesion
from tests.factories import LesionFactory, PatientFactory, SegmentationFactory, UserFactory

pytestmark = pytest.mark.django_db


def opened(patient, name="liver 3", role=LesionRole.NEW, **more):
    who = UserFactory.create()
    return open_unoutlined_lesion(patient, name, Organ.LIVER, is_node=False, role=role, user=who, **more)


def test_it_has_a_name_a_kind_and_a_uid_and_its_outline_is_linked_later():
    patient = PatientFactory.create()
    lesion = opened(patient, " liver 3 ", new_kind=NewLesionKind.NON_TARGET)
    assert (lesion.tracking_id, lesion.new_kind, lesion.tracking_uid[:5]) == ("liver 3", "NLNT", "2.25.")
    outline = SegmentationFactory.create(scan__timepoint__patient=patient, lesion=None)
    assert link_outline(outline, lesion, None)


def test_limits_and_names_hold_as_for_any_lesion():
    patient = LesionFactory.create(tracking_id="liver 1").patient
    LesionFactory.create(patient=patient)
    for asked, code in ((("liver 1", LesionRole.NEW), "E_NAME"), (("liver 9", LesionRole.TARGET), "E_TARGETS")):
        with pytest.raises(LesionRefused, match=code):
            opened(patient, *asked)
    with pytest.raises(LesionRefused, match="E_KIND"):
        opened(patient, "liver 9", LesionRole.NON_TARGET, new_kind=NewLesionKind.TARGET)
    assert patient.lesions.count() == 2


def test_a_kind_stays_with_a_new_lesion_and_goes_with_the_role():
    lesion = opened(PatientFactory.create(), new_kind=NewLesionKind.TARGET)

    def kind_as(role, **more):
        return revise_lesion(lesion, "liver 3", Organ.LIVER, is_node=False, role=role, **more).new_kind

    assert kind_as(LesionRole.NEW) == "NLT"
    assert kind_as(LesionRole.NEW, new_kind=NewLesionKind.NON_TARGET) == "NLNT"
    assert kind_as(LesionRole.NON_TARGET) == ""
