"""One study sent by many at once, over real HTTP and through a real worker that is told of everything again and again.

python3 manage.py test -m crash -k twenty -n 0 -s       # 20 senders, 5 times each
"""

import threading
import time
from collections import Counter
from datetime import date
from functools import partial

import pytest
from django.db import connection
from django.test import Client

from patients.models import AnsweredForm, FeatureSnapshot, Measurement, Scan, Segmentation, Upload
from patients.vocabulary import CandidateState, Step, UploadState
from radiomics_tasks import hints
from radiomics_tasks.models import ProcessingRun
from tests.crash.ledger import Ledger
from tests.crash.made_up import write_upload
from tests.crash.senders import Login, Sender
from tests.factories import PatientFactory
from tests.live_web import running_web
from tests.live_worker import running_worker

pytestmark = pytest.mark.django_db(transaction=True)
REDELIVERIES = 10


def tell_again(is_over: threading.Event) -> None:
    """What a broker may do: each message ten times, whether the work waits, runs or is done."""
    told: Counter[int] = Counter()
    while not is_over.wait(2):
        for pk, step in ProcessingRun.objects.values_list("pk", "step"):
            if told[pk] < REDELIVERIES:
                hints.publish(pk, Step(step))
                told[pk] += 1
    connection.close()


def send_at_once(owner, patient, static_files, storage, folder, senders: int, times: int) -> Ledger:
    client = Client()
    client.force_login(owner)
    client.get(f"/patients/{patient.code}/")
    session, token = client.cookies["sessionid"].value, client.cookies["csrftoken"].value
    study = write_upload(folder / "study.zip", "SYN-ONCE", date(2024, 1, 2), seed=7)
    ledger, is_over = Ledger(folder / "ledger.jsonl"), threading.Event()
    with (
        running_web(folder / "web.log", static_files, storage.root) as site,
        running_worker(folder / "worker.log"),
    ):
        login = Login(int(site.rpartition(":")[2]), session, token)
        work = [(str(patient.code), study)] * times
        may_begin = threading.Event()
        may_begin.set()
        threads = [Sender(login, ledger, partial(next, iter(work), None), is_over, may_begin) for _ in range(senders)]
        again = threading.Thread(target=tell_again, args=[is_over], daemon=True)
        for thread in (*threads, again):
            thread.start()
        for thread in threads:
            thread.join()
        deadline = time.monotonic() + 600
        while ProcessingRun.objects.exclude(state="DONE").exists() and time.monotonic() < deadline:
            time.sleep(0.5)
        is_over.set()
        again.join()
    assert [problem for thread in threads for problem in thread.problems] == []
    return ledger


def check_one_effect(ledger: Ledger, storage, uploads: int) -> None:
    assert len(ledger.lines("settled")) == uploads
    assert Upload.objects.filter(state=UploadState.FILED).count() == Upload.objects.count() == uploads
    counts = [model.objects.count() for model in (Scan, Segmentation, Measurement, FeatureSnapshot)]
    assert counts == [1, 1, 1, 1]
    states = [found.state for upload in Upload.objects.all() for found in upload.candidates.all()]
    assert set(states) <= {CandidateState.FILED, CandidateState.DUPLICATE}
    scan = Scan.objects.get()
    named = {scan.volume_file, *scan.instances, Segmentation.objects.get().mask_file}
    assert named <= set(storage.digests())
    assert len(scan.instances) == 10
    assert AnsweredForm.objects.count() >= 2 * uploads


def test_three_senders_twice_are_one_scan(owner, team, static_files, storage, tmp_path):
    patient = PatientFactory.create(team=team)
    check_one_effect(send_at_once(owner, patient, static_files, storage, tmp_path, 3, 2), storage, 6)


@pytest.mark.crash
def test_twenty_senders_five_times_are_one_scan(owner, team, static_files, storage, tmp_path):
    patient = PatientFactory.create(team=team)
    began_at = time.monotonic()
    check_one_effect(send_at_once(owner, patient, static_files, storage, tmp_path, 20, 5), storage, 100)
    print(f"100 uploads of one study, 20 at once: 1 scan, in {time.monotonic() - began_at:.0f} s")  # noqa: T201
