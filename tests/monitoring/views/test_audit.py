"""Who sees the trail: auditors all of it by codes, those who look after a patient that patient's, nobody else any."""

import uuid

import pytest
from django.urls import reverse

from patients.models import AuditEvent
from patients.vocabulary import Role
from patients.words.audit_words import Deed
from tests.factories import followed_patient, login

pytestmark = pytest.mark.django_db


@pytest.fixture
def record(team):
    return followed_patient(team=team, lesions=1, dates=1, features=3)


@pytest.fixture
def auditor(team):
    return login(team, Role.AUDITOR, username="auditor")


def test_an_auditor_finds_a_patient_by_code_and_by_pseudonym_and_reads_codes_only(record, owner, auditor, as_user):
    as_user(owner).get(reverse("patient", args=[record.code]))
    for said in (str(record.code), record.pseudonym.lower()):
        page = as_user(auditor).get(reverse("audit"), {"patient": said}).content.decode()
        assert str(record.code) in page and "saw" in page and "owner" in page
        assert record.pseudonym not in page.replace(f'value="{said}"', "")
    page = as_user(auditor).get(reverse("audit"), {"patient": str(uuid.uuid4())}).content.decode()
    assert "Nothing is found." in page


def test_it_is_searched_by_login_deed_and_day(record, owner, auditor, as_user):
    as_user(owner).get(reverse("patient", args=[record.code]))
    search = as_user(auditor).get
    assert "owner" in search(reverse("audit"), {"login": "owner", "deed": "SAW"}).content.decode()
    assert b"Nothing is found." in search(reverse("audit"), {"login": "owner", "deed": "EXPORTED"}).content
    assert b"Nothing is found." in search(reverse("audit"), {"until": "2020-01-01"}).content
    assert b"Nothing is found." not in search(reverse("audit"), {"since": "2020-01-01"}).content
    assert b"Nothing is found." in search(reverse("audit"), {"deed": "NONSENSE"}).content


def test_it_comes_in_pages_and_as_a_table(owner, auditor, as_user, team):
    for _ in range(120):
        as_user(owner)
    page = as_user(auditor).get(reverse("audit"), {"login": "owner"})
    assert page.content.count(b"<tr>") + page.content.count(b'<tr class="soft">') == 101
    older = page.context["older"]
    assert len(as_user(auditor).get(f"{reverse('audit')}?{older}").context["events"]) == 20
    table = as_user(auditor).get(reverse("audit_csv"), {"login": "owner"}).getvalue().decode().splitlines()
    assert len(table) == 121
    assert table[0].startswith("number,at,login,origin,deed,door")


def test_an_auditor_begins_there_and_sees_no_patient(record, auditor, as_user):
    client = as_user(auditor)
    assert client.get(reverse("home")).url == reverse("audit")
    for name in ("patient", "patient_trail", "patient_trail_csv"):
        assert client.get(reverse(name, args=[record.code])).status_code == 404


def test_who_looks_after_a_patient_sees_who_saw_it(record, owner, member, stranger, team, as_user):
    as_user(member).get(reverse("patient", args=[record.code]))
    as_user(member).get(reverse("cohort"))
    as_user(stranger).get(reverse("patient", args=[record.code]))
    page = as_user(owner).get(reverse("patient_trail", args=[record.code]))
    said = [(row["event"].login, row["event"].deed) for row in page.context["events"]]
    assert {("member", Deed.SAW), ("member", Deed.LISTED), ("stranger", Deed.REFUSED)} <= set(said)
    table = as_user(owner).get(reverse("patient_trail_csv", args=[record.code])).getvalue().decode()
    assert "member" in table
    assert AuditEvent.objects.filter(deed=Deed.EXPORTED, patient_code=record.code).count() == 1


def test_who_may_only_look_does_not_see_who_else_does(record, member, stranger, owner, auditor, as_user):
    assert as_user(member).get(reverse("patient_trail", args=[record.code])).status_code == 403
    assert as_user(stranger).get(reverse("patient_trail", args=[record.code])).status_code == 404
    for user in (owner, member, stranger):
        assert as_user(user).get(reverse("audit")).status_code == 403


def test_the_page_asks_as_often_for_many_events_as_for_few(owner, auditor, as_user, django_assert_max_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = as_user(auditor)
    with CaptureQueriesContext(connection) as few:
        client.get(reverse("audit"))
    for _ in range(50):
        as_user(owner)
    with django_assert_max_num_queries(len(few)):
        client.get(reverse("audit"))
