"""What each page costs: as many queries for much as for little, and a light course page at its largest.

.venv/bin/python -m pytest -m benchmark tests/monitoring/test_page_costs.py -s
"""

import itertools
import statistics
import time

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from monitoring import door
from patients.models import Lesion, Patient
from patients.reads.timelines import patient_timeline
from patients.vocabulary import Role
from patients.words.reading_words import NewDisease, SizeState
from patients.writes.findings import replace_findings
from radiomics_tasks.analysis.conclude import conclude
from tests.assessing import address, visits
from tests.factories import UserFactory, followed_patient, login, signed_reading

pytestmark = pytest.mark.django_db

SMALL = {"lesions": 1, "dates": 2, "features": 107}
LARGE = {"lesions": 5, "dates": 8, "features": 1316}


@pytest.fixture(autouse=True)
def recorded_each_time(monkeypatch):
    """A page that asks again by itself is recorded once a minute; here every look costs the same."""
    monkeypatch.setattr(door, "AGAIN_WITHIN", {})


def addresses(patient: Patient) -> dict[str, str]:
    """The pages that show one patient, with features drawn."""
    lesion = patient.lesions.order_by("pk").first()
    feature = patient.scans.first().segmentations.first().snapshots.first().feature_set.names[5]
    timepoint = patient.timepoints.order_by("pk").last()
    outline = timepoint.scans.get().segmentations.order_by("pk").first()
    return {
        "course": f"/patients/{patient.code}/",
        "course with features": f"/patients/{patient.code}/?feature={feature}",
        "features": f"/patients/{patient.code}/features?q=Quantity",
        "visit": f"/patients/{patient.code}/visits/{timepoint.pk}",
        "lesion": f"/lesions/{lesion.code}/",
        "lesion drawer": f"/lesions/{lesion.code}/drawer",
        "number": f"/outlines/{outline.code}/number?feature={feature}",
        "change": f"/outlines/{outline.code}/number?feature={feature}&reference=BASELINE",
        "sum": f"/patients/{patient.code}/visits/{timepoint.pk}/number",
        "patients": "/patients/",
        "noise": "/noise/",
        "discordance": "/discordance/",
        "inbox": "/inbox/",
        "responses": f"/patients/{patient.code}/responses.csv",
        "measurements": f"/patients/{patient.code}/measurements.csv",
        "csv": f"/patients/{patient.code}/export.csv",
    }


def queries(client, address: str) -> int:
    with CaptureQueriesContext(connection) as found:
        answer = client.get(address)
        assert answer.status_code == 200, address
        if answer.streaming:
            assert sum(map(len, answer.streaming_content))
    return len(found)


def test_every_page_asks_as_often_for_much_as_for_little(as_user, owner, team, storage, monkeypatch):
    # On a slow machine a minute may pass, and the session would be noted on one page and not on another.
    monkeypatch.setattr("monitoring.security.sessions.NOTED_SECONDS", 3600)
    small, large = (followed_patient(team, **size, storage=storage) for size in (SMALL, LARGE))
    client = as_user(owner)
    client.get("/patients/")
    few = {name: queries(client, address) for name, address in addresses(small).items()}
    many = {name: queries(client, address) for name, address in addresses(large).items()}
    # A streamed export fetches its rows in portions, and what belongs to them once for each.
    assert few.pop("csv") <= many.pop("csv") <= 24
    assert few == many


def read_patient(team, readers, **size) -> Patient:
    """A patient whose every visit each reader signed, concluded as a worker would."""
    patient = followed_patient(team, **size)
    for visit in patient.timepoints.all():
        for reader in readers:
            signed_reading(visit, reader)
    replace_findings(conclude(patient_timeline(patient.pk)))
    return patient


def test_many_assessments_ask_as_often_as_few(as_user, owner, team):
    readers = [owner, UserFactory.create(username="second", roles=[Role.READER], teams=[team])]
    small = read_patient(team, readers, lesions=2, dates=3)
    large = read_patient(team, readers, lesions=5, dates=8)
    for name in (owner, login(team, Role.READER, username="blinded")):
        client = as_user(name)
        client.get("/patients/")
        for page in ("", "responses.csv", "measurements.csv"):
            few, many = (queries(client, f"/patients/{patient.code}/{page}") for patient in (small, large))
            assert few == many, page
    assert queries(client, "/patients/") < 35


def test_the_patient_list_asks_as_often_for_many(as_user, owner, team):
    client = as_user(owner)
    followed_patient(team, lesions=1, dates=2)
    client.get("/patients/")
    one = queries(client, "/patients/")
    for _ in range(5):
        followed_patient(team, lesions=2, dates=3)
    assert queries(client, "/patients/") == one


def assessed(patient: Patient, *readers: User) -> dict[str, str]:
    """Two readers sign every visit but the last two, and differ; the pages that show what they did."""
    read = visits(patient)
    for visit, reader in itertools.product(read[:-2], readers):
        sizes: dict[Lesion, SizeState | float] = dict.fromkeys(patient.lesions.all(), 20.0 + reader.pk)
        new = NewDisease.YES if reader == readers[0] else NewDisease.NO
        signed_reading(visit, reader, sizes, new_disease=new)
    signed_reading(read[-2], readers[1])
    return {
        "signed": address(read[0]),
        "form": address(read[-2]),
        "form with the last": address(read[-1]),
        "side by side": address(read[0], "adjudication"),
        "course": f"/patients/{patient.code}/",
    }


def test_assessing_asks_as_often_for_much_as_for_little(as_user, owner, team):
    other = login(team, Role.READER)
    small, large = (followed_patient(team, lesions=lesions, dates=dates) for lesions, dates in ((1, 3), (5, 8)))
    client = as_user(owner)
    client.get("/patients/")
    few = {name: queries(client, place) for name, place in assessed(small, owner, other).items()}
    due = queries(client, "/due/")
    many = {name: queries(client, place) for name, place in assessed(large, owner, other).items()}
    assert few == many
    assert queries(client, "/due/") == due


@pytest.mark.benchmark
def test_the_largest_course_page(as_user, owner, team, storage):
    """Prints server time and size of the course page at 5 lesions, 8 dates and 1,316 features, every visit signed."""
    patient = followed_patient(team, **LARGE, storage=storage)
    for number, visit in enumerate(visits(patient)):
        signed_reading(visit, owner, new_disease=NewDisease.YES if number == 5 else NewDisease.NO)
    replace_findings(conclude(patient_timeline(patient.pk)))
    client = as_user(owner)
    address = addresses(patient)["course with features"]
    taken, size = [], 0
    for _ in range(21):
        began_at = time.perf_counter()
        size = len(client.get(address).content)
        taken.append(time.perf_counter() - began_at)
    middle, slowest = statistics.median(taken[1:]), max(taken[1:])
    figures = f"course page: median {middle * 1000:.0f} ms, slowest {slowest * 1000:.0f} ms, {size / 1000:.0f} kB"
    shown = client.get(address).content.decode()
    assert all(words in shown for words in ("iRECIST", "iUPD", "assessed by owner"))
    print(figures)  # noqa: T201  # the figures are what this is for
