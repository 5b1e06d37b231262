"""Each invariant holds of a site that was left alone, and tells the row that somebody broke."""

import json
import os
import time
from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from patients.models import Candidate, FeatureSet, FeatureSnapshot, Scan, Segmentation, StateChange, Upload
from patients.vocabulary import RunState, Step, UploadState
from radiomics_tasks import runs
from radiomics_tasks.invariants.every import INVARIANTS, broken
from radiomics_tasks.invariants.terms import Terms
from radiomics_tasks.models import ProcessingRun
from tests.factories import CandidateFactory, ProcessingRunFactory, UploadFactory, followed_patient
from tests.standing import let_stand

pytestmark = pytest.mark.django_db
DAY_S = 86_400


@pytest.fixture
def site(team, storage):
    """A patient with scans, outlines, numbers and pictures, whose files are all there and whose work has ended."""
    followed_patient(team, storage=storage)
    for scan in Scan.objects.all():
        digest = storage.keep_bytes(b"volume " + str(scan.pk).encode())
        Scan.objects.filter(pk=scan.pk).update(volume_file=digest, instances=[storage.keep_bytes(b"instance")])
        run = runs.arm(Step.EXTRACT, scan.pk)
        claim = runs.claim(run.pk)
        with runs.finishing(claim):
            pass
    for outline in Segmentation.objects.all():
        mask = storage.keep_bytes(b"mask " + str(outline.pk).encode())
        Segmentation.objects.filter(pk=outline.pk).update(mask_file=mask)
    Candidate.objects.all().delete()
    return storage


def told(storage, **terms) -> list[str]:
    return [f"{invariant.code} {words}" for invariant, words in broken(Terms(storage, **terms))]


def past_the_triggers(sql: str, *parameters) -> None:
    """What only somebody with the rights of the database's owner could do."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql, parameters)
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_a_site_that_was_left_alone_breaks_nothing(site):
    assert told(site, reads_files=True, grace_seconds=DAY_S) == []


def test_work_that_nobody_ends_is_told(site):
    run = runs.arm(Step.REASSESS, 5)
    ProcessingRun.objects.filter(pk=run.pk).update(armed_at=timezone.now() - timedelta(hours=2))
    forgotten = UploadFactory.create(state=UploadState.READING)
    found = told(site)
    assert f"I2 upload {forgotten.pk} is READING and no run is to read it" in found
    assert any(words.startswith(f"I2 run {run.pk} (reassess_patient) is QUEUED since") for words in found)


def test_an_outline_without_numbers_or_a_reason_is_told(site):
    outline = Segmentation.objects.filter(snapshots__isnull=False).first()
    ProcessingRun.objects.filter(subject_pk=outline.scan_id).update(started_at=timezone.now())
    outline.snapshots.all().delete()
    assert [words for words in told(site) if words.startswith("I3")] == [
        f"I3 outline {outline.pk} of scan {outline.scan_id} has neither features nor a reason, and its run is done"
    ]


def test_a_cut_snapshot_and_a_value_that_is_no_number_are_told(site):
    cut, odd = FeatureSnapshot.objects.all()[:2]
    past_the_triggers('UPDATE patients_featuresnapshot SET "values" = "values"[2:] WHERE id = %s', cut.pk)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE patients_featuresnapshot DROP CONSTRAINT feature_values_are_finite")
    past_the_triggers("""UPDATE patients_featuresnapshot SET "values"[1] = 'NaN' WHERE id = %s""", odd.pk)
    found = told(site)
    assert any(words.startswith(f"I4 snapshot {cut.pk} has") for words in found)
    assert f"I6 snapshot {odd.pk} holds a value that is not a number" in found


def test_other_names_under_a_digest_are_told(site):
    names = FeatureSet.objects.first()
    past_the_triggers("UPDATE patients_featureset SET names[1] = 'original_firstorder_Odd' WHERE id = %s", names.pk)
    assert f"I4 the names of feature set {names.pk} are not those of its digest" in told(site)


def test_a_number_that_came_before_its_work_ended_is_told(site):
    snapshot = FeatureSnapshot.objects.first()
    run = ProcessingRun.objects.get(subject_pk=snapshot.segmentation.scan_id)
    past_the_triggers("DELETE FROM patients_statechange WHERE subject = 'run' AND row_pk = %s", run.pk)
    found = told(site)
    assert f"I5 snapshot {snapshot.pk} stands, and no run over scan {run.subject_pk} ever ended" in found
    assert f"I10 run {run.pk} is DONE, its history ends with nothing" in found


def test_lost_changed_and_forgotten_files_are_told(site):
    lost, changed = Scan.objects.values_list("volume_file", flat=True)[:2]
    site.path(lost).unlink()
    site.path(changed).chmod(0o600)
    site.path(changed).write_bytes(b"other")
    orphan = site.keep_bytes(b"nobody's")
    os.utime(site.path(orphan), (time.time() - 3 * DAY_S,) * 2)
    found = told(site, reads_files=True, grace_seconds=DAY_S)
    assert any(words.startswith("I7 scan") and lost in words for words in found)
    assert f"I7 the file {changed} holds other bytes than its name says" in found
    assert f"I8 no row names the file {orphan}" in found
    assert len(found) == 3


def test_a_received_file_that_is_gone_is_told(site):
    upload = UploadFactory.create(state=UploadState.RECEIVING)
    upload.files.create(name="0001.dcm", sha256="a" * 64, size=9)
    assert told(site) == [f"I7 upload {upload.pk} received the file {'a' * 64}, which is not there"]


def test_too_many_attempts_are_told(site):
    run = ProcessingRunFactory.create(state=RunState.FAILED, attempt=9)
    assert f"I9 run {run.pk} was tried 9 times, 3 are allowed" in told(site)


def test_a_state_without_its_way_there_is_told(site):
    upload = UploadFactory.create(state=UploadState.RECEIVING)
    let_stand(Upload.objects.filter(pk=upload.pk), state=UploadState.FILED)
    jump = StateChange(subject="run", row_pk=7, to_state="DONE", changed_at=timezone.now())
    jump.save()
    found = told(site)
    assert f"I10 upload {upload.pk} is FILED, its history ends with RECEIVING" in found
    assert "I10 run 7 went from nothing to DONE, having stood at nothing" in found


def test_one_image_number_with_two_images_is_told(site):
    for number, scan in enumerate(Scan.objects.all()[:2]):
        facts = scan.facts | {"sop_instance_uids": ["2.25.1", "2.25.2"], "instances": ["a", f"b{number}"]}
        Scan.objects.filter(pk=scan.pk).update(facts=facts)
    found = [words for words in told(site) if words.startswith("I11")]
    assert len(found) == 1
    assert "hold one image number with other images" in found[0]


def test_work_that_was_never_published_is_told(site):
    run = runs.arm(Step.REASSESS, 5)
    long_ago = timezone.now() - timedelta(minutes=10)
    ProcessingRun.objects.filter(pk=run.pk).update(armed_at=long_ago, published_at=long_ago)
    assert any(words.startswith(f"I13 run {run.pk}") for words in told(site))


def test_the_command_tells_in_words_and_as_json(site):
    out = StringIO()
    call_command("check_invariants", stdout=out)
    assert out.getvalue() == f"{len(INVARIANTS)} invariants hold.\n"
    run = ProcessingRunFactory.create(state=RunState.FAILED, attempt=9)
    out = StringIO()
    with pytest.raises(CommandError, match="1 broken"):
        call_command("check_invariants", "I9", "--json", stdout=out)
    assert json.loads(out.getvalue())["broken"].startswith(f"run {run.pk} was tried")
    with pytest.raises(CommandError, match="no invariant I99"):
        call_command("check_invariants", "I99")


def test_series_that_wait_need_their_files(site):
    gone = uuid4().hex * 2
    waiting = CandidateFactory.create(facts={"volume_file": gone, "instances": [], "thumbnail": ""})
    assert f"I7 series {waiting.pk} names the file {gone}, which is not there" in told(site)
