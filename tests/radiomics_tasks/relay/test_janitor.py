"""Staging after a kill: what nobody needs goes, what somebody still needs stays."""

import os
import time
from uuid import uuid4

import pytest

from patients.vocabulary import UploadState
from radiomics_tasks.relay.janitor import NEEDED, sweep_staging
from radiomics_tasks.relay.reconcile import reconcile
from tests.factories import UploadFactory

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
