"""Web and two workers, each with a folder of its own, share their files through an object store that speaks S3.

.venv/bin/python -m pytest -m machines -n 0 -s tests/machines/test_object_store.py
"""

import hashlib
import json
import shutil
import sys
from pathlib import Path

import pytest

from monitoring import processes
from tests.crash.whole_site import Site
from tests.machines import objects
from tests.machines.objects import ObjectStore
from tests.machines.travelling import Travels
from tests.monitoring.backing_up.busy import KEYS, free_port
from tests.monitoring.backing_up.clusters import cluster, manage

pytestmark = [
    pytest.mark.machines,
    pytest.mark.skipif(not objects.is_installed(), reason="no S3 server: pip install -r requirements-machines.lock"),
]
SCANS = 4


def blobs(folder) -> set[str]:
    """The files that one machine has."""
    return {path.name for path in (folder / "blobs").rglob("?" * 64)}


def test_files_are_shared_through_an_object_store(tmp_path):
    with processes.temporary_folder() as sockets, processes.temporary_folder() as home:
        store = ObjectStore(home / "objects.log")
        site = Site(home / "site", sockets, free_port(), more=store.settings, is_apart=True)
        try:
            store.start()
            site.create()
            travels = Travels(site, tmp_path, SCANS + 1)
            for sender in [travels.start() for _ in range(SCANS)]:
                travels.conclude(sender)
            assert travels.concluded() == [(f"SYN-{number:04d}", 1, 1) for number in range(SCANS)]
            kept = {name.rsplit("/", 1)[1]: content for name, content in store.objects().items() if "/blobs/" in name}
            assert all(hashlib.sha256(content).hexdigest() == digest for digest, content in kept.items())
            of_rows = {digest for (digest,) in travels.ask("SELECT volume_file FROM patients_scan")}
            assert of_rows and of_rows <= kept.keys()
            # The store is the record; each machine has copies of what it used, and nothing that the store has not.
            machines = [site.folder_of(name) for name in ("web", "worker1", "worker2", "reconciler")]
            assert all(blobs(folder) <= kept.keys() for folder in machines)
            assert not (site.home / "data" / "blobs").exists()
            checks_hold(site)

            # A machine that lost its folder fetches what it needs.
            for folder in machines:
                shutil.rmtree(folder / "blobs", ignore_errors=True)
            travels.conclude(travels.start())
            assert len(travels.concluded()) == SCANS + 1
            checks_hold(site)
            restored = restored_elsewhere(site, store, tmp_path)
            damage_is_found(site, store, next(iter(of_rows)))
        finally:
            site.stop()
            store.stop()
    sys.stdout.write(
        f"\n{SCANS + 1} uploads concluded over an object store by a web machine and two workers with folders of their "
        f"own, {len(kept)} objects, {restored}; 0 violations\n"
    )


def checks_hold(site: Site) -> None:
    for words in (("verify", "--full"), ("check_invariants", "--files"), ("recompute", "--sample", "2")):
        done = site.managed(*words)
        assert done.returncode == 0, (words, done.stdout[-1500:], done.stderr[-1500:])


def restored_elsewhere(site: Site, store: ObjectStore, folder) -> str:
    """A backup of files at the store comes back into a folder: where bytes lie is a setting and no more."""
    site.manage("backup", str(folder / "backup.tar"))
    with cluster() as elsewhere:
        keys = json.loads(site.manage("shell", "-v", "0", "-c", KEYS).splitlines()[-1])
        new = elsewhere.new("moved", keys)
        done = manage(new, "restore", str(folder / "backup.tar"))
        assert done.returncode == 0, done.stderr
        assert (Path(new["DELTARAD_DATA_DIR"]) / "blobs").is_dir()
    return "a backup of it restored into a folder"


def damage_is_found(site: Site, store: ObjectStore, digest: str) -> None:
    """Bytes that were changed at the store are told, and no copy hides that."""
    name = next(name for name in store.objects() if name.endswith(digest))
    store.put(name, b"other bytes")
    told = site.managed("verify", "--full")
    assert told.returncode == 1 and f"FILE_CHANGED: The scan {digest[:12]}" in told.stdout, told.stdout
