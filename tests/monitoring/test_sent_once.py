"""One form, one effect: replays get the first answer, one after the other and fifty at once."""

import re
import threading
from pathlib import Path
from urllib.request import HTTPRedirectHandler, Request, build_opener
from uuid import uuid4

import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import resolve, reverse

from monitoring.sent_once import FIELD, HEADER, SentOnce
from patients.models import AnsweredForm, TreatmentCourse, Upload
from patients.writes.answers import forget_old_answers
from tests.factories import PatientFactory, followed_patient
from tests.live_web import running_web

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def course(**entries: str) -> dict[str, str]:
    return {"name": "Pembrolizumab", "drug_class": "ANTI_PD_L1", "started_on": "2024-01-08", **entries}


@pytest.mark.django_db
def test_the_second_sending_gets_the_first_answer(as_user, owner, team):
    patient = PatientFactory.create(team=team)
    client, form = as_user(owner), course(**{FIELD: str(uuid4())})
    address = reverse("course_add", args=[patient.code])
    first, second = client.post(address, form), client.post(address, form)
    assert TreatmentCourse.objects.count() == 1
    assert (first.status_code, first["Location"]) == (second.status_code, second["Location"])
    assert first.status_code in (302, 303)


@pytest.mark.django_db
def test_the_same_key_with_other_entries_is_refused(as_user, owner, team):
    patient = PatientFactory.create(team=team)
    client, key = as_user(owner), str(uuid4())
    address = reverse("course_add", args=[patient.code])
    client.post(address, course(**{FIELD: key}))
    other = client.post(address, course(**{FIELD: key, "name": "Nivolumab"}))
    assert other.status_code == 409
    assert "with other entries" in other.content.decode()
    assert TreatmentCourse.objects.get().name == "Pembrolizumab"
    fragment = client.post(address, course(**{FIELD: key, "name": "N"}), headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment["Content-Type"]) == (409, "text/plain; charset=utf-8")


@pytest.mark.django_db
def test_a_refused_form_may_be_corrected_and_sent_with_the_same_key(as_user, owner, team):
    patient = PatientFactory.create(team=team)
    client, key = as_user(owner), str(uuid4())
    address = reverse("course_add", args=[patient.code])
    assert client.post(address, course(**{FIELD: key, "started_on": "never"})).status_code == 422
    assert client.post(address, course(**{FIELD: key})).status_code in (302, 303)
    assert TreatmentCourse.objects.count() == 1


@pytest.mark.django_db
def test_a_key_belongs_to_a_login(as_user, owner, stranger, team):
    patient = PatientFactory.create(team=team)
    key, address = str(uuid4()), reverse("course_add", args=[patient.code])
    as_user(owner).post(address, course(**{FIELD: key}))
    assert as_user(stranger).post(address, course(**{FIELD: key})).status_code == 404


@pytest.mark.django_db
def test_a_form_without_a_csrf_token_takes_no_key(owner, team):
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    address = reverse("course_add", args=[PatientFactory.create(team=team).code])
    assert client.post(address, course(**{FIELD: str(uuid4())})).status_code == 403
    assert not AnsweredForm.objects.exists()


@pytest.mark.django_db
def test_a_script_sends_its_key_as_a_header(as_user, owner, team):
    client, key = as_user(owner), {HEADER: str(uuid4())}
    answers = [client.post(reverse("upload_open"), headers=key).json()["code"] for _ in range(2)]
    assert answers[0] == answers[1]
    assert Upload.objects.count() == 1


@pytest.mark.django_db
def test_answers_are_forgotten_after_a_day(as_user, owner, team):
    client = as_user(owner)
    for _ in range(2):
        client.post(reverse("upload_open"), headers={HEADER: str(uuid4())})
    old = AnsweredForm.objects.first()
    AnsweredForm.objects.filter(pk=old.pk).update(answered_at="2024-01-01T00:00Z")
    assert forget_old_answers() == 1
    assert AnsweredForm.objects.count() == 1


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_form_carries_a_key(path):
    """`csrf_token` gives both fields, and a button that posts without a form says its key itself."""
    text = path.read_text()
    for form in re.findall(r'<form[^>]*method="post".*?</form>', text, re.S):
        assert "{% csrf_token %}" in form or "include" in form
    for button in re.findall(r"<button[^>]*hx-post[^>]*>", text):
        assert "{% key_of_button %}" in button


@pytest.mark.django_db
def test_every_post_form_of_a_page_has_its_own_key(as_user, owner, team, storage):
    patient = followed_patient(team, storage=storage)
    page = as_user(owner).get(reverse("labs", args=[patient.code])).content.decode()
    forms = re.findall(r'<form[^>]*method="post".*?</form>', page, re.S)
    keys = [re.search(rf'name="{FIELD}" value="([0-9a-f-]{{36}})"', form) for form in forms]
    assert None not in keys
    assert len({key.group(1) for key in keys}) == len(forms) >= 3


class Stuck(Exception):
    pgcode = "40P01"


@pytest.mark.django_db
@pytest.mark.parametrize("times", [1, 2, 3])
def test_who_met_a_deadlock_begins_anew(owner, team, times):
    patient, tried = PatientFactory.create(team=team), []

    def view(_request, code):
        tried.append(code)
        TreatmentCourse.objects.create(patient=patient, name="X", drug_class="TARGETED", started_on="2024-01-08")
        if len(tried) <= times:
            raise OperationalError("deadlock detected") from Stuck()
        return HttpResponse("done")

    request = RequestFactory().post(reverse("course_add", args=[patient.code]), course(**{FIELD: str(uuid4())}))
    request.user, request.resolver_match = owner, resolve(request.path)
    door = SentOnce(lambda _request: HttpResponse())
    if times < 3:
        answer = door.process_view(request, view, (patient.code,), {})
        assert isinstance(answer, HttpResponse) and answer.content == b"done"
        assert TreatmentCourse.objects.count() == 1
    else:
        with pytest.raises(OperationalError):
            door.process_view(request, view, (patient.code,), {})
        assert not TreatmentCourse.objects.exists()


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_args):
        return None


@pytest.mark.django_db(transaction=True)
def test_fifty_replays_at_once_are_one_effect(owner, team, static_files, storage, tmp_path):
    patient = PatientFactory.create(team=team)
    client = Client()
    client.force_login(owner)
    page = client.get(reverse("patient", args=[patient.code]))
    session, token = client.cookies["sessionid"].value, client.cookies["csrftoken"].value
    assert page.status_code == 200
    body = "&".join(f"{name}={value}" for name, value in course(**{FIELD: str(uuid4())}).items()).encode()
    headers = {"Cookie": f"sessionid={session}; csrftoken={token}", "X-CSRFToken": token}
    answers: list[tuple[int, str]] = []
    with running_web(tmp_path / "web.log", static_files, storage.root) as site:
        address = f"{site}{reverse('course_add', args=[patient.code])}"

        def send() -> None:
            try:
                answer = build_opener(_Stay).open(Request(address, body, {**headers, "Origin": site}), timeout=60)
            except OSError as error:
                answer = error
            answers.append((answer.status, answer.headers["Location"]))

        threads = [threading.Thread(target=send) for _ in range(50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(answers) == 50
    assert len(set(answers)) == 1
    assert answers[0][0] in (302, 303)
    assert TreatmentCourse.objects.count() == 1
