"""A backup comes back whole, in an empty cluster; one that is not whole is refused with a sentence."""

import random
import shutil
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from monitoring.backing_up.manifest import BackupRefused, read_manifest, tables_now
from monitoring.backing_up.restoring import restore_backup
from patients.files import Storage
from patients.models import Scan, Upload
from patients.vocabulary import Step
from patients.writes.uploads import ReceivingLimits, complete_upload, open_upload, receive_file
from radiomics_tasks import runs
from tests.monitoring.backing_up.clusters import Cluster, cluster, manage
from tests.monitoring.backing_up.damaging import SPOILS
from tests.radiomics_tasks.stored import fill

pytestmark = pytest.mark.django_db(transaction=True)
LIMITS = ReceivingLimits(file_bytes=10**6, files=10, upload_bytes=10**7)


@pytest.fixture(scope="module")
def elsewhere():
    with cluster() as made:
        yield made


@pytest.fixture
def store(storage, team, monkeypatch) -> Storage:
    monkeypatch.setattr("radiomics_tasks.hints.current_app.send_task", lambda *_, **__: None)
    fill(storage, team, 6)
    return storage


@pytest.fixture
def waiting(store, team) -> Upload:
    """An upload that was taken, and is not read yet; its run is queued."""
    upload = open_upload(team, None)
    receive_file(store, upload, "ct.dcm", [b"bytes that somebody sent"], LIMITS)
    complete_upload(upload)
    runs.arm(Step.INGEST, upload.pk)
    return upload


def backed_up(tmp_path: Path, name: str = "backup") -> Path:
    target = tmp_path / name
    call_command("backup", str(target))
    return target


def test_a_backup_comes_back_whole_in_an_empty_cluster(store, waiting, elsewhere: Cluster, tmp_path, capsys):
    target = backed_up(tmp_path, "backup.tar")
    assert "Backed up" in capsys.readouterr().out
    site = elsewhere.new("whole")
    done = manage(site, "restore", str(target))
    assert done.returncode == 0, done.stderr
    assert "Restored and verified: every table is what was backed up" in done.stdout
    again = manage(site, "verify", "--full")
    assert "Nothing is damaged: 30 files read" in again.stdout, again.stderr
    assert "The audit trail holds" in manage(site, "audit_verify").stdout
    # What was taken and not read is there, and the reconciler queues it again.
    blob = Path(site["DELTARAD_DATA_DIR"]) / "staging" / str(waiting.code) / waiting.files.get().sha256
    assert blob.read_bytes() == b"bytes that somebody sent"
    assert "published again" in manage(site, "reconcile").stdout
    second = manage(site, "restore", str(target))
    assert (second.returncode, "The database is not empty." in second.stderr) == (1, True)


def test_another_key_is_refused(store, elsewhere: Cluster, tmp_path):
    target = backed_up(tmp_path)
    other = elsewhere.new("other_key") | {"DELTARAD_AUDIT_KEY": "another key of more than thirty-two letters"}
    done = manage(other, "restore", str(target))
    assert done.returncode == 1
    assert "DELTARAD_AUDIT_KEY is not the key of the site" in done.stderr


def test_every_spoiled_backup_is_refused_before_anything_is_changed(store, tmp_path, capsys):
    good, dice = backed_up(tmp_path, "good"), random.Random(5)
    before = tables_now()
    for number, (name, spoil) in enumerate(SPOILS.items()):
        copy = tmp_path / f"spoiled{number}"
        shutil.copytree(good, copy)
        with pytest.raises(BackupRefused) as refusal:
            restore_backup(spoil(copy, dice), Storage(tmp_path / "empty"))
        # The tests' own database is full: what comes as far as that was not seen to be spoiled.
        assert "The database is not empty" not in str(refusal.value), name
        assert str(refusal.value).endswith("."), name
    assert tables_now() == before
    assert len(SPOILS) >= 20


def test_a_backup_that_is_there_is_never_written_over(store, tmp_path):
    target = backed_up(tmp_path)
    with pytest.raises(CommandError, match="is there already"):
        call_command("backup", str(target))


def test_a_damaged_file_is_told_and_left_out(store, tmp_path):
    digest = Scan.objects.order_by("pk")[0].volume_file
    store.path(digest).chmod(0o600)
    store.path(digest).write_bytes(b"something else")
    with pytest.raises(CommandError, match="1 stored files are damaged and not in the backup"):
        call_command("backup", str(tmp_path / "backup"))
    assert read_manifest(tmp_path / "backup").damaged == [digest]
