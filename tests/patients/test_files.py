"""Private storage: named by content, written once, closed to others, and nothing left behind when it fails."""

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from patients.files import CHUNK_BYTES, Storage, chunks


@pytest.fixture
def store(tmp_path) -> Storage:
    return Storage(tmp_path / "site")


def everything(store: Storage) -> list[str]:
    return sorted(str(path.relative_to(store.root)) for path in store.root.rglob("*") if path.is_file())


def test_bytes_come_back_under_their_digest(store):
    digest = store.keep_bytes(b"voxels")
    assert digest == hashlib.sha256(b"voxels").hexdigest()
    assert store.read(digest) == b"voxels"
    assert list(store.digests()) == [digest]


def test_a_file_and_its_bytes_are_one_and_the_same(store, tmp_path):
    source = tmp_path / "scan.nrrd"
    source.write_bytes(b"x" * (CHUNK_BYTES + 7))
    digest = store.keep_file(source)
    assert store.keep_bytes(source.read_bytes()) == digest
    assert len(everything(store)) == 1
    assert source.exists()


def test_what_is_kept_cannot_be_written_to_and_every_folder_is_closed_to_others(store):
    digest = store.keep_bytes(b"voxels")
    store.staging("0f8fad5b-d9cb-469f-a165-70867728950e")
    assert store.path(digest).stat().st_mode & 0o777 == 0o440
    folders = [store.root, *(path for path in store.root.rglob("*") if path.is_dir())]
    assert {oct(folder.stat().st_mode & 0o777) for folder in folders} == {"0o700"}


def test_sixteen_writers_of_the_same_bytes_leave_one_file(store):
    with ThreadPoolExecutor(16) as pool:
        digests = set(pool.map(store.keep_bytes, [b"same" * 50_000] * 16))
    assert len(digests) == 1
    assert store.read(digests.pop()) == b"same" * 50_000
    assert len(everything(store)) == 1


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 65, "0" * 64 + "\n"])
def test_only_a_digest_names_a_file(store, name):
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        store.path(name)


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../blobs", "a\n", "-rf"])
def test_only_a_plain_name_names_a_staging_folder(store, name):
    kept = store.keep_bytes(b"kept")
    with pytest.raises(ValueError, match="staging folder"):
        store.staging(name)
    with pytest.raises(ValueError, match="staging folder"):
        store.clear_staging(name)
    assert store.holds(kept)


def test_a_stream_is_staged_under_its_digest(store):
    path, digest, size = store.stage("upload-1", [b"ab", b"", b"c"])
    assert (digest, size, path.read_bytes()) == (hashlib.sha256(b"abc").hexdigest(), 3, b"abc")
    assert path == store.staging("upload-1") / digest
    store.clear_staging("upload-1")
    assert everything(store) == []


def test_a_stream_that_breaks_off_leaves_nothing(store):
    def broken():
        yield b"half a"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        store.stage("upload-1", broken())
    assert everything(store) == []


def test_a_full_disk_leaves_nothing(store, monkeypatch):
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("patients.files.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        store.keep_bytes(b"voxels")
    assert everything(store) == []


def test_clearing_one_upload_leaves_the_others(store):
    store.stage("upload-1", [b"one"])
    _, digest, _ = store.stage("upload-2", [b"two"])
    store.clear_staging("upload-1")
    store.clear_staging("upload-1")
    assert everything(store) == [f"staging/upload-2/{digest}"]


def test_what_is_not_there_is_an_error_and_not_an_empty_file(store):
    with pytest.raises(FileNotFoundError):
        store.read("0" * 64)
    assert not store.holds("0" * 64)


def test_chunks_are_small_enough_to_hold(tmp_path):
    path = tmp_path / "large"
    path.write_bytes(b"x" * (2 * CHUNK_BYTES + 1))
    with path.open("rb") as file:
        assert [len(chunk) for chunk in chunks(file)] == [CHUNK_BYTES, CHUNK_BYTES, 1]
