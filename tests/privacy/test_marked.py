"""Nothing that names a person is kept: marked uploads read, filed and shown, and the mark looked for everywhere.

python3 manage.py test -m privacy -n0 -s              # 120 uploads; PRIVACY_UPLOADS=20 for fewer
"""

import io
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import get_resolver

from patients.models import Lesion, Patient, Scan, Team, Upload
from patients.vocabulary import Role
from radiomics_tasks.arrivals import hand_in
from radiomics_tasks.arrivals.hand_in import Answers
from radiomics_tasks.imaging.intake import sort_upload
from radiomics_tasks.imaging.reading import read_scan
from radiomics_tasks.triage import refused_series
from tests.every_address import addresses
from tests.factories import login
from tests.hostile_site import Site, hostile_site
from tests.privacy.marked import MARK, SHAPES, marked_upload
from tests.privacy.swept import holds, in_broker, in_database, in_dump, in_folder, logs, pg_dump
from tests.radiomics_tasks.imaging.uploads import KEY, LIMITS, TODAY, received

UPLOADS = int(os.environ.get("PRIVACY_UPLOADS", "120"))
EXPORTS = ("export.csv", "responses.csv", "measurements.csv", "labs.csv", "events.csv")
COMMANDS = (
    *("export_features", "export_measurements -", "export_labs", "export_labs --events"),
    *("export_features --shift-dates", "export_measurements - --shift-dates"),
)
DOUBTS = frozenset({"Q_NEW_PATIENT", "Q_INCOMPLETE", "Q_DATE", "Q_MODALITY"})


@pytest.mark.parametrize("number", range(len(SHAPES)), ids=[shape.__name__ for shape in SHAPES])
def test_no_mark_is_in_what_is_read(tmp_path, number):
    folder = marked_upload(tmp_path / "drop", number)
    assert any(holds(path.read_bytes()) for path in folder.rglob("*") if path.is_file())
    found = sort_upload(received(folder), tmp_path / "work", LIMITS, KEY)
    kept: list[object] = [refused_series(each.name, each.refusal.as_dict()) for each in found.refused]
    for place, scan in enumerate(found.scans):
        out = tmp_path / f"scan{place}"
        out.mkdir()
        read = read_scan(scan, out, KEY, TODAY)
        kept.append(read.as_dict())
        assert in_folder(out) == []
    assert MARK not in json.dumps(kept, ensure_ascii=False)
    assert kept


@pytest.fixture(scope="module")
def site(django_db_setup, django_db_blocker, static_files, tmp_path_factory) -> Iterator[Site]:
    """Web and worker as they serve people."""
    with django_db_blocker.unblock(), hostile_site(tmp_path_factory.mktemp("site"), static_files, {}) as at:
        yield at


def sent_and_filed(site: Site, drop: Path) -> int:
    """Every upload sent by browser, read, and filed under a pseudonym where that can be; how many scans that gave."""
    uploads = [site.send(marked_upload(drop, number))[0] for number in range(UPLOADS)]
    patients = []
    for number, upload in enumerate(uploads):
        read = hand_in.wait_until_read(upload) if upload.files.exists() else upload
        answers = Answers(f"P-{number:03d}", acquired_on=TODAY, modality="CT", despite=DOUBTS)
        patients += hand_in.patients_of(hand_in.confirm(read, answers))
    hand_in.wait_until_concluded(patients)
    return Scan.objects.count()


def pages() -> Iterator[tuple[str, bytes]]:
    """Every page and export as every role sees it, and those of each upload, patient and lesion."""
    team = Team.objects.get()
    own = [f"/uploads/{row.code}/" for row in Upload.objects.all()]
    own += [f"/patients/{row.code}/" for row in Patient.objects.all()]
    own += [f"/lesions/{row.code}/" for row in Lesion.objects.all()]
    own += [f"/patients/{row.code}/{name}" for row in Patient.objects.all() for name in EXPORTS]
    client = Client()
    client.force_login(login(team, *Role, username="everybody"))
    for address in [*addresses(get_resolver().url_patterns), *own]:
        answer = client.get(address)
        yield address, answer.getvalue()


@pytest.mark.privacy
@pytest.mark.django_db(transaction=True)
def test_no_mark_is_anywhere(site: Site, tmp_path):
    scans = sent_and_filed(site, tmp_path / "drop")
    shown = [address for address, content in pages() if holds(content)]
    for command in COMMANDS:
        out = io.StringIO()
        call_command(*command.split(), stdout=out, stderr=out)
        shown += [command] if holds(out.getvalue().encode()) else []
    request = f"GET {{}} HTTP/1.1\nHost: 127.0.0.1\nCookie: {site.cookie}\nConnection: close\n\n"
    # As the served process itself says it: its counts, and its page for what is not there.
    shown += [path for path in ("/metrics", "/status/", "/uploads/x/") if holds(site.raw(request.format(path)))]
    folder = site.data.parent
    found = {
        "pages and exports": shown,
        "database": in_database() + in_dump(pg_dump()),
        "storage and staging": in_folder(site.data),
        "broker": in_broker(),
        "logs": [str(path) for path in logs([folder]) if holds(path.read_bytes())],
    }
    print(f"\n{UPLOADS} uploads, {scans} scans filed, hits: {found}")  # noqa: T201  # the figures are what this is for
    assert {place: hits for place, hits in found.items() if hits} == {}
    assert scans >= UPLOADS // 2
