"""Who may see which patient: three logins at every door, and nothing told about other teams' patients."""

import uuid

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import RequestFactory

from monitoring import access
from monitoring.roles import Act
from patients.vocabulary import Role
from tests.factories import (
    CandidateFactory,
    LesionFactory,
    PatientFactory,
    ScanFactory,
    SegmentationFactory,
    TimepointFactory,
    TreatmentCourseFactory,
    UploadFactory,
    login,
)

pytestmark = pytest.mark.django_db
OF_MODELS = (Act.SEE_MODELS, Act.SEND_MODELS, Act.APPROVE_MODELS)


def asking(user):
    request = RequestFactory().get("/")
    request.user = user
    return request


@pytest.fixture
def patient(team):
    return PatientFactory.create(team=team)


@pytest.fixture
def scan(patient):
    return ScanFactory.create(timepoint=TimepointFactory.create(patient=patient))


def doors(patient, scan, team):
    """Every way to one row, with the row and the strongest act asked of it."""
    upload = UploadFactory.create(team=team)
    return [
        (access.patient_for_user, patient, Act.UPLOAD),
        (access.upload_for_user, upload, Act.UPLOAD),
        (access.candidate_for_user, CandidateFactory.create(upload=upload), Act.UPLOAD),
        (access.lesion_for_user, LesionFactory.create(patient=patient), Act.LINK),
        (access.outline_for_user, SegmentationFactory.create(scan=scan), Act.LINK),
        (access.scan_for_user, scan, Act.UPLOAD),
        (access.course_for_user, TreatmentCourseFactory.create(patient=patient), Act.TREAT),
    ]


def test_the_owner_may_act_at_every_door(patient, scan, team, owner):
    for door, row, act in doors(patient, scan, team):
        assert door(asking(owner), row.code, act) == row


def test_a_member_may_read_at_every_door(patient, scan, team, member):
    for door, row, _act in doors(patient, scan, team):
        assert door(asking(member), row.code, Act.READ) == row


def test_a_member_may_not_act_and_is_told_who_may(patient, scan, team, member):
    for door, row, act in doors(patient, scan, team):
        with pytest.raises(PermissionDenied, match="It takes one of: coordinator"):
            door(asking(member), row.code, act)


def test_a_stranger_finds_nothing_at_every_door(patient, scan, team, stranger):
    for door, row, act in doors(patient, scan, team):
        for asked in (act, Act.READ):
            with pytest.raises(Http404) as refusal:
                door(asking(stranger), row.code, asked)
            assert str(refusal.value) == access.NOT_FOUND


def test_what_is_not_there_looks_like_what_belongs_to_others(patient, scan, team, owner):
    for door, _row, act in doors(patient, scan, team):
        with pytest.raises(Http404) as refusal:
            door(asking(owner), uuid.uuid4(), act)
        assert str(refusal.value) == access.NOT_FOUND


@pytest.mark.parametrize("role", [Role.ADMIN, Role.AUDITOR])
def test_administrators_and_auditors_see_no_patients(team, patient, role):
    with pytest.raises(Http404):
        access.patient_for_user(asking(login(team, role)), patient.code)


@pytest.mark.parametrize(
    ("role", "acts"),
    [
        (
            Role.COORDINATOR,
            {
                Act.READ,
                Act.UPLOAD,
                Act.LINK,
                Act.TREAT,
                Act.ENTER_LABS,
                Act.IMPORT_LABS,
                Act.BOOK,
                Act.SEE_MODELS,
                Act.SEE_TRAIL,
            },
        ),
        (Role.READER, {Act.READ, Act.LINK, Act.ASSESS, Act.ADJUDICATE, Act.SEE_MODELS, Act.ACCEPT_PAIR}),
        (
            Role.ONCOLOGIST,
            {Act.READ, Act.TREAT, Act.ENTER_LABS, Act.BOOK, Act.SEE_MODELS, Act.ACCEPT_PAIR, Act.SEE_TRAIL},
        ),
        (Role.BOARD, {Act.READ, Act.SEE_MODELS}),
        (
            Role.STEWARD,
            {
                Act.READ,
                Act.UPLOAD,
                Act.ADJUDICATE,
                Act.HARMONISE,
                Act.SEE_TRAIL,
                Act.DECIDE_HOLD,
                Act.WITHHOLD,
                *OF_MODELS,
            },
        ),
        (Role.AUDITOR, {Act.SEE_MODELS, Act.AUDIT}),
        (Role.ADMIN, {Act.SEE_MODELS, Act.APPROVE_MODELS, Act.SEE_STATUS, Act.KEEP_LOGINS}),
    ],
)
def test_what_each_role_may(team, role, acts):
    viewer = access.viewer_of(asking(login(team, role)))
    assert {act for act in Act if viewer.may(act)} == acts
    named: tuple[bool, ...] = (viewer.may_read, viewer.may_upload, viewer.may_link, viewer.may_treat)
    named += viewer.may_enter_labs, viewer.may_import_labs
    named += viewer.may_book, viewer.may_assess, viewer.may_adjudicate
    named += viewer.may_see_models, viewer.may_send_models, viewer.may_approve_models, viewer.may_harmonise
    named += viewer.may_audit, viewer.may_see_trail, viewer.may_accept_pair, viewer.may_see_status
    named += viewer.may_keep_logins, viewer.may_decide_hold, viewer.may_withhold
    assert named == tuple(act in acts for act in Act)


def test_roles_add_up(team):
    viewer = access.viewer_of(asking(login(team, Role.READER, Role.ONCOLOGIST)))
    assert viewer.roles_in_words == "Reader, Oncologist"
    assert viewer.may_link and viewer.may_treat and not viewer.may_upload


def test_a_login_without_roles_may_nothing(team):
    viewer = access.viewer_of(asking(login(team)))
    assert viewer.roles_in_words == "No role yet"
    assert not any(viewer.may(act) for act in Act)


def test_roles_and_teams_are_read_once_a_request(owner, django_assert_num_queries):
    request = asking(owner)
    with django_assert_num_queries(2):
        first = access.viewer_of(request)
        assert access.viewer_of(request) is first


def test_a_right_that_was_taken_is_gone_with_the_next_request(owner, patient):
    assert access.patient_for_user(asking(owner), patient.code) == patient
    owner.memberships.all().delete()
    with pytest.raises(Http404):
        access.patient_for_user(asking(owner), patient.code)


def test_nobody_is_signed_in_without_a_login():
    request = asking(AnonymousUser())
    assert access.viewer_of(request).teams == ()
    with pytest.raises(PermissionDenied):
        access.user_of(request)


def test_the_teams_of_a_login_by_name(owner, team):
    assert access.teams_of(asking(owner)) == [team]
    assert access.user_of(asking(owner)) == owner


def test_a_browser_is_sent_to_sign_in_and_back(client):
    answer = client.get("/patients/?search=x")
    assert answer.status_code == 302
    assert answer["Location"] == "/sign-in?next=/patients/%3Fsearch%3Dx"


def test_a_fragment_is_never_replaced_by_a_sign_in_page(client):
    answer = client.get("/patients/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (401, "/")


def test_a_script_without_a_login_gets_401(client):
    assert client.post("/uploads/").status_code == 401
