"""Two machines that share files through a Django storage without paths, as an object store is."""

import os
import time
from datetime import datetime, timedelta
from io import BytesIO

import pytest
from django.core.files.base import File
from django.core.files.storage import Storage as DjangoStorage
from django.utils import timezone

from patients.files import Storage
from patients.shared_files import SharedFiles

DAY_S = 86_400


class ObjectStore(DjangoStorage):
    """Objects by name, in memory: no folders, no paths, nothing to touch."""

    def __init__(self):
        self.objects: dict[str, tuple[bytes, datetime]] = {}

    def _save(self, name, content):
        self.objects[name] = (content.read(), timezone.now())
        return name

    def _open(self, name, _mode="rb"):
        if name not in self.objects:
            raise FileNotFoundError(name)
        return File(BytesIO(self.objects[name][0]))

    def exists(self, name):
        return name in self.objects

    def delete(self, name):
        self.objects.pop(name, None)

    def listdir(self, path):
        inside = [name.removeprefix(f"{path}/") for name in self.objects if name.startswith(f"{path}/")]
        folders = {name.partition("/")[0] for name in inside if "/" in name}
        return sorted(folders), sorted(name for name in inside if "/" not in name)

    def get_modified_time(self, name):
        if name not in self.objects:
            raise FileNotFoundError(name)
        return self.objects[name][1]

    def grow_old(self, seconds):
        self.objects = {
            name: (held, moment - timedelta(seconds=seconds)) for name, (held, moment) in self.objects.items()
        }


@pytest.fixture
def objects():
    return ObjectStore()


@pytest.fixture
def web(objects, tmp_path):
    return Storage(tmp_path / "web", SharedFiles(objects))


@pytest.fixture
def worker(objects, tmp_path):
    return Storage(tmp_path / "worker", SharedFiles(objects))


def test_what_one_machine_keeps_another_one_reads(web, worker, objects):
    digest = worker.keep_bytes(b"voxels")
    assert list(objects.objects) == [f"blobs/{digest[:2]}/{digest[2:4]}/{digest}"]
    assert web.holds(digest)
    assert web.read(digest) == b"voxels"
    assert web.path(digest).stat().st_mode & 0o777 == 0o440
    assert list(web.digests()) == [digest]


def test_what_one_machine_receives_another_one_reads(web, worker):
    _, digest, _ = web.stage("upload-1", [b"series"])
    assert worker.has_staged("upload-1", digest)
    assert worker.staged_file("upload-1", digest).read_bytes() == b"series"
    assert worker.shared_staging() == ["upload-1"]
    worker.clear_staging("upload-1")
    assert worker.shared_staging() == []
    with pytest.raises(FileNotFoundError):
        worker.staged_file("upload-1", digest)


def test_the_same_bytes_are_stored_once(web, worker, objects):
    assert web.keep_bytes(b"same") == worker.keep_bytes(b"same")
    assert len(objects.objects) == 1


def test_a_second_writer_at_the_same_moment_leaves_one_object(web, objects, monkeypatch):
    """An object store gives another name to whoever comes second."""
    web.keep_bytes(b"same")
    monkeypatch.setattr(objects, "exists", lambda _name: False)
    monkeypatch.setattr(objects, "get_available_name", lambda name, **_: f"{name}_1")
    (web.root / "blobs").rename(web.root / "gone")
    web.keep_bytes(b"same")
    assert len(objects.objects) == 1


def test_other_bytes_than_the_name_says_never_arrive(web, worker, objects):
    digest = worker.keep_bytes(b"voxels")
    (name,) = objects.objects
    objects.objects[name] = (b"voxelS", timezone.now())
    with pytest.raises(OSError, match="other bytes"):
        web.read(digest)
    assert not web.path(digest).exists()
    with worker.opened(digest) as file:
        assert file.read() == b"voxelS"


def test_a_copy_that_was_dropped_is_fetched_again(worker):
    digest = worker.keep_bytes(b"voxels")
    worker.path(digest).unlink()
    assert worker.local(digest).read_bytes() == b"voxels"


def test_an_object_is_as_young_as_its_last_keeping(web, objects):
    digest = web.keep_bytes(b"voxels")
    objects.grow_old(3 * DAY_S)
    assert web.age_s(digest) > 2 * DAY_S
    assert web.freshen(digest)
    assert web.age_s(digest) < DAY_S
    assert len(objects.objects) == 2
    web.remove(digest)
    assert objects.objects == {}
    assert web.age_s(digest) == 0


def test_a_file_of_ones_own_folder_is_as_young_as_its_last_keeping(tmp_path):
    store = Storage(tmp_path)
    digest = store.keep_bytes(b"voxels")
    os.utime(store.path(digest), (time.time() - 3 * DAY_S,) * 2)
    assert store.age_s(digest) > 2 * DAY_S
    store.keep_bytes(b"voxels")
    assert store.age_s(digest) < 60
