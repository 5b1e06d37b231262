"""Staging and store after a kill: what nobody needs goes, what somebody still needs stays."""

import json
import os
import threading
import time
from uuid import uuid4

import pytest
from django.db import connection

from patients.files import Storage
from patients.models import Segmentation
from patients.shared_files import SharedFiles
from patients.vocabulary import UploadState
from radiomics_tasks.models import Heartbeat
from radiomics_tasks.relay.janitor import NEEDED, keep, sweep_staging, sweep_store
from radiomics_tasks.relay.reconcile import reconcile
from tests.factories import CandidateFactory, ScanFactory, SegmentationFactory, UploadFactory
from tests.patients.test_shared_files import ObjectStore

pytestmark = pytest.mark.django_db
DAY_S = 86_400


def left_behind(storage, name: str, age_s: float = 0):
    """A folder in staging with a file deep in it, unchanged for so long."""
    folder = storage.staging(name) / "work-1"
    folder.mkdir()
    (folder / "0001.dcm").write_bytes(b"bytes")
    for each in (folder / "0001.dcm", folder, folder.parent):
        os.utime(each, (time.time() - age_s,) * 2)
    return folder.parent


@pytest.mark.parametrize("state", UploadState)
def test_the_folder_of_an_upload_goes_when_nobody_will_read_it_any_more(storage, state):
    folder = left_behind(storage, str(UploadFactory.create(state=state).code), age_s=10 * DAY_S)
    assert sweep_staging(storage, DAY_S) == int(state not in NEEDED)
    assert folder.exists() == (state in (UploadState.RECEIVING, UploadState.RECEIVED, UploadState.READING))


@pytest.mark.parametrize("name", [f"extract-{uuid4().hex}", str(uuid4())], ids=["extraction", "no upload"])
def test_what_belongs_to_no_upload_goes_when_it_is_old(storage, name):
    folder = left_behind(storage, name, age_s=2 * DAY_S)
    young = left_behind(storage, f"extract-{uuid4().hex}", age_s=DAY_S / 2)
    assert sweep_staging(storage, DAY_S) == 1
    assert (folder.exists(), young.exists()) == (False, True)


def test_one_young_file_keeps_an_old_folder(storage):
    folder = left_behind(storage, "extract-1", age_s=2 * DAY_S)
    (folder / "work-1" / "0001.dcm").touch()
    assert sweep_staging(storage, DAY_S) == 0


def test_half_a_file_goes_when_nothing_more_came(storage):
    storage.staging("any")
    old, young = (storage.root / "staging" / f"{letter * 32}.part" for letter in "ab")
    for part in (old, young):
        part.write_bytes(b"half")
    os.utime(old, (0, 0))
    sweep_staging(storage, DAY_S)
    assert (old.exists(), young.exists()) == (False, True)


def test_a_link_is_removed_and_not_what_it_points_to(storage, tmp_path):
    storage.staging("any")
    kept = tmp_path / "kept"
    kept.mkdir()
    link = storage.root / "staging" / "extract-2"
    link.symlink_to(kept)
    os.utime(link, (0, 0), follow_symlinks=False)
    os.utime(kept, (0, 0))
    assert sweep_staging(storage, DAY_S) == 1
    assert (link.is_symlink(), kept.is_dir()) == (False, True)


def test_an_empty_site_has_nothing_to_sweep(storage):
    assert sweep_staging(storage, DAY_S) == 0


def test_each_pass_of_the_reconciler_sweeps(storage, settings):
    settings.STAGING_HOURS = 1
    left_behind(storage, str(UploadFactory.create(state=UploadState.ABANDONED).code))
    left_behind(storage, "extract-3", age_s=2 * 3600)
    left_behind(storage, "extract-4", age_s=1800)
    done = reconcile()
    assert done.swept == 2
    assert str(done) == "0 published again, 0 closed, 0 taken from workers that are gone, 2 removed from staging"
    assert not reconcile()


def stored(storage, content: bytes, age_s: float = 3 * DAY_S) -> str:
    digest = storage.keep_bytes(content)
    os.utime(storage.path(digest), (time.time() - age_s,) * 2)
    return digest


def test_a_stored_file_that_nobody_names_goes_when_it_is_old(storage):
    old, young = stored(storage, b"old"), stored(storage, b"young", age_s=DAY_S / 2)
    assert sweep_store(storage, DAY_S) == 1
    assert (storage.holds(old), storage.holds(young)) == (False, True)


def test_what_a_row_a_proposal_or_a_manifest_names_stays(storage):
    picture = stored(storage, b"a picture")
    manifest = stored(storage, json.dumps({"slices": [{"png": picture}]}).encode())
    scan = ScanFactory.create(volume_file=stored(storage, b"volume"), instances=[stored(storage, b"instance")])
    outline = SegmentationFactory.create(scan=scan, mask_file=stored(storage, b"mask"), slices={"manifest": manifest})
    CandidateFactory.create(facts={"thumbnail": stored(storage, b"thumbnail")})
    assert sweep_store(storage, DAY_S) == 0
    assert len(list(storage.digests())) == 6
    Segmentation.objects.filter(pk=outline.pk).update(slices={})
    assert sweep_store(storage, DAY_S) == 2
    assert not storage.holds(picture)


def test_what_is_kept_again_is_young(storage, tmp_path):
    digest = stored(storage, b"again")
    (tmp_path / "again").write_bytes(b"again")
    assert keep(storage, digest, tmp_path / "again")
    assert sweep_store(storage, DAY_S) == 0
    assert not keep(storage, "0" * 64, tmp_path / "again")


@pytest.mark.django_db(transaction=True)
def test_nothing_is_removed_while_it_is_being_kept(storage, tmp_path):
    """The janitor has made up its mind, then somebody keeps the same bytes: the file must be there afterwards."""
    digest = stored(storage, b"both")
    (tmp_path / "both").write_bytes(b"both")
    kept: list[bool] = []

    def keeper() -> None:
        kept.append(keep(storage, digest, tmp_path / "both"))
        connection.close()

    threads = [threading.Thread(target=keeper) for _ in range(8)]
    for thread in threads:
        thread.start()
    sweep_store(storage, DAY_S)
    for thread in threads:
        thread.join()
    assert kept == [True] * 8
    assert storage.read(digest) == b"both"


def test_copies_of_shared_files_go_and_come_back(tmp_path):
    machine = Storage(tmp_path / "machine", SharedFiles(ObjectStore()))
    digest = stored(machine, b"shared")
    ScanFactory.create(volume_file=digest)
    assert sweep_store(machine, DAY_S) == 1
    assert not machine.path(digest).exists()
    assert machine.read(digest) == b"shared"


def test_the_store_is_swept_now_and_then_and_the_reconciler_tells_that_it_lives(storage):
    orphan = stored(storage, b"nobody's")
    reconcile()
    assert not storage.holds(orphan)
    again = stored(storage, b"another")
    reconcile()
    assert storage.holds(again)
    assert set(Heartbeat.objects.values_list("name", flat=True)) >= {"reconciler", "janitor"}
