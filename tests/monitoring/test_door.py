"""Whatever is asked for at any address, by whoever it is: one event says so, and without it nothing is shown."""

import re
import uuid
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import URLPattern, reverse

from monitoring import account_urls, witnessed
from monitoring.urls import urlpatterns
from patients.models import AuditEvent, AuditLink, Patient
from patients.vocabulary import DrugClass, Role
from patients.words.audit_words import Deed, Origin
from patients.writes.courses import save_course
from tests.every_address import addresses
from tests.factories import CandidateFactory, UploadFactory, followed_patient, login

pytestmark = pytest.mark.django_db
# Addresses at which nobody is let through to a patient, and signing in is told by Django itself.
OPEN = {"home", "healthz", "metrics", "readyz"} | {pattern.name for pattern in account_urls.urlpatterns}


def named() -> Iterator[URLPattern]:
    for pattern in urlpatterns:
        if isinstance(pattern, URLPattern):
            yield pattern


@pytest.fixture
def record(team, storage) -> Patient:
    patient = followed_patient(team=team, lesions=1, dates=2, features=3)
    CandidateFactory.create(upload=UploadFactory.create(team=team), patient=patient)
    return patient


def events(**wanted):
    return list(AuditEvent.objects.filter(**wanted).order_by("pk"))


def test_the_table_names_addresses_that_there_are():
    known = {pattern.name for pattern in named()}
    tabled = witnessed.TELL_OF_NO_PATIENT | witnessed.LISTS | witnessed.EXPORTS | witnessed.AGAIN_WITHIN.keys()
    assert tabled <= known


def test_every_guarded_address_leaves_one_event_and_no_other_does(record, team, as_user):
    every = login(team, *Role, username="every")
    client = as_user(every)
    missing = []
    for pattern in named():
        if pattern.name in OPEN:
            continue
        address = next(addresses([pattern]))
        before = AuditEvent.objects.count()
        answer = client.get(address)
        answer.getvalue()
        new = list(AuditEvent.objects.order_by("pk")[before:])
        wanted = 0 if pattern.name in witnessed.TELL_OF_NO_PATIENT and answer.status_code == 200 else 1
        is_method_wrong = answer.status_code == 405
        shown_nothing = 300 <= answer.status_code < 400
        if len(new) != wanted and not (is_method_wrong or shown_nothing):
            missing.append((pattern.name, answer.status_code, [event.deed for event in new]))
        told = [(event.login, event.door, event.method, event.status, event.origin) for event in new]
        assert told in ([], [("every", pattern.name, "GET", answer.status_code, "WEB")]), pattern.name
    assert missing == []


def test_a_patients_page_says_who_saw_whom_from_where(record, owner, as_user):
    as_user(owner).get(reverse("patient", args=[record.code]), REMOTE_ADDR="192.0.2.7")
    event = events(door="patient")[0]
    assert (event.deed, event.login, event.patient_code, event.subject_kind) == ("SAW", "owner", record.code, "patient")
    assert (event.origin, event.address, event.method, event.status) == (Origin.WEB, "192.0.2.7", "GET", 200)
    assert AuditLink.objects.filter(event=event).exists()


def test_the_last_proxy_is_believed_and_only_where_there_is_one(record, owner, as_user, settings):
    ask = {"REMOTE_ADDR": "10.0.0.1", "headers": {"X-Forwarded-For": "6.6.6.6, 192.0.2.9"}}
    address = reverse("patient", args=[record.code])
    as_user(owner).get(address, **ask)
    settings.IS_BEHIND_PROXY = True
    as_user(owner).get(address, **ask)
    assert [event.address for event in events(door="patient")] == ["10.0.0.1", "192.0.2.9"]


def test_what_belongs_to_others_is_refused_and_said_to_be(record, stranger, as_user):
    assert as_user(stranger).get(reverse("patient", args=[record.code])).status_code == 404
    event = events(door="patient")[0]
    assert (event.deed, event.login, event.patient_code, event.status) == ("REFUSED", "stranger", record.code, 404)


def test_what_a_role_may_not_is_refused_and_said_to_be(record, member, as_user):
    lesion = record.lesions.get()
    assert as_user(member).post(reverse("lesion_revise", args=[lesion.code])).status_code == 403
    event = events(door="lesion_revise")[0]
    assert (event.deed, event.subject_code, event.patient_code) == ("REFUSED", str(lesion.code), record.code)


def test_lists_and_exports_are_told_apart(record, owner, team, as_user):
    client = as_user(owner)
    client.get(reverse("cohort"))
    client.get(reverse("cohort_csv")).getvalue()
    assert [(event.deed, event.team_pks) for event in events(door="cohort")] == [("LISTED", [team.pk])]
    assert [event.deed for event in events(door="cohort_csv")] == ["EXPORTED"]


def test_pictures_of_a_series_are_recorded_once_in_a_while(record, owner, as_user):
    outline = record.scans.first().segmentations.first()
    client = as_user(owner)
    for digest in ("a" * 64, "b" * 64):
        client.get(reverse("slice_picture", args=[outline.code, digest]))
    # Neither is there: a refusal is told each time.
    assert [event.deed for event in events(door="slice_picture")] == ["REFUSED", "REFUSED"]


def test_a_page_that_asks_again_by_itself_is_recorded_once_a_minute(record, owner, as_user):
    client = as_user(owner)
    for _ in range(3):
        client.get(reverse("inbox"))
    assert len(events(door="inbox")) == 1


def test_every_page_that_asks_again_by_itself_is_in_the_table():
    """Else a page that is left open fills the trail with one event a few seconds."""
    again = set()
    for path in sorted((Path(settings.BASE_DIR) / "templates").rglob("*.html")):
        for tag in re.findall(r"<[^<>]*hx-trigger=\"every[^<>]*>", path.read_text()):
            again |= set(re.findall(r"hx-get=\"\{% url '([a-z_]+)'", tag))
    assert {"inbox", "upload", "status"} <= again
    assert again <= witnessed.AGAIN_WITHIN.keys() | witnessed.TELL_OF_NO_PATIENT


def test_a_form_that_is_kept_in_a_transaction_tells_of_its_refusal_and_of_its_second_sending(record, owner, as_user):
    client, key = as_user(owner), str(uuid.uuid4())
    client.post(reverse("course_remove", args=[uuid.uuid4()]), {"idempotency_key": key})
    assert [event.deed for event in events(door="course_remove")] == ["REFUSED"]
    said = {"name": "nivolumab", "drug_class": "ANTI_PD_L1", "started_on": "2024-01-08", "idempotency_key": key}
    for _ in range(2):
        client.post(reverse("course_add", args=[record.code]), said)
    assert [event.deed for event in events(door="course_add", method="POST")] == ["ASKED", "ASKED"]
    assert len(events(deed=Deed.COURSE_SAVED)) == 1


def block_the_trail() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE patients_auditevent ADD CONSTRAINT blocked CHECK (false) NOT VALID")


@pytest.mark.parametrize("name", ["patient", "cohort", "patient_csv", "labs", "inbox", "due", "measurements_csv"])
def test_where_the_trail_cannot_be_written_nothing_is_shown(record, owner, as_user, name):
    client = as_user(owner)
    block_the_trail()
    answer = client.get(reverse(name, args=[record.code] if name not in ("cohort", "inbox", "due") else []))
    assert answer.status_code == 503
    assert answer.content.startswith(b"This could not be written in the audit trail, so nothing is shown.")
    assert record.pseudonym.encode() not in answer.content


def test_where_the_trail_cannot_be_written_nothing_is_changed(record):
    before = record.courses.count()
    block_the_trail()
    with pytest.raises(IntegrityError), transaction.atomic():
        save_course(record, "nivolumab", DrugClass.ANTI_PD1, date(2024, 1, 8))
    assert record.courses.count() == before


def test_signing_in_out_and_failing_to_are_told_and_what_was_typed_is_not(owner):
    owner.set_password("correct horse battery")
    owner.save()
    client = Client()
    for name, password in (("owner", "wrong"), ("hunter2-typed-as-name", "x"), ("owner", "correct horse battery")):
        client.post(reverse("account_login"), {"login": name, "password": password})
    client.post(reverse("account_logout"))
    assert [(event.deed, event.login) for event in events()] == [
        (Deed.SIGN_IN_FAILED, "owner"),
        (Deed.SIGN_IN_FAILED, ""),
        (Deed.SIGNED_IN, "owner"),
        (Deed.SIGNED_OUT, "owner"),
    ]
    assert get_user_model().objects.filter(username="owner").exists()


def test_a_write_is_recorded_with_the_login_at_the_door(record, owner, as_user):
    said = {"name": "nivolumab", "drug_class": "ANTI_PD_L1", "started_on": "2024-01-08"}
    as_user(owner).post(reverse("course_add", args=[record.code]), said)
    event = events(deed=Deed.COURSE_SAVED)[0]
    assert (event.login, event.door, event.patient_code) == ("owner", "course_add", record.code)
    asked = events(deed=Deed.WORK_ASKED)[0]
    assert (asked.login, asked.detail["step"]) == ("owner", "reassess_patient")
    assert "nivolumab" not in str([event.__dict__ for event in events()])
