"""Twenty ways in which a backup is not what was backed up."""

import json
import random
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

DUMP, MANIFEST = "database.dump", "manifest.json"
Spoil = Callable[[Path, random.Random], Path]


def of_file(name: str, change: Callable[[bytes, random.Random], bytes]) -> Spoil:
    def spoil(backup: Path, dice: random.Random) -> Path:
        paths = sorted(path for path in backup.rglob(name) if path.is_file())
        path = dice.choice(paths)
        path.chmod(0o600)
        path.write_bytes(change(path.read_bytes(), dice))
        return backup

    return spoil


def flipped(content: bytes, dice: random.Random) -> bytes:
    changed = bytearray(content)
    changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    return bytes(changed)


def emptied(_content: bytes, _dice: random.Random) -> bytes:
    return b""


def another_text(_content: bytes, _dice: random.Random) -> bytes:
    return b"[]"


def cut(content: bytes, dice: random.Random) -> bytes:
    return content[: dice.randrange(len(content))]


def without(name: str) -> Spoil:
    def spoil(backup: Path, dice: random.Random) -> Path:
        dice.choice(sorted(path for path in backup.rglob(name) if path.is_file())).unlink()
        return backup

    return spoil


def edited(change: Callable[[dict], object]) -> Spoil:
    def spoil(backup: Path, _dice: random.Random) -> Path:
        said = json.loads((backup / MANIFEST).read_text())
        change(said)
        (backup / MANIFEST).write_text(json.dumps(said))
        return backup

    return spoil


def packed(backup: Path, *more: tuple[str, Path]) -> Path:
    target = backup.with_suffix(".tar")
    with tarfile.open(target, "w") as archive:
        for path in sorted(backup.rglob("*")):
            if path.is_file():
                archive.add(path, str(path.relative_to(backup)))
        for name, path in more:
            archive.add(path, name)
    return target


def half_copied(backup: Path, dice: random.Random) -> Path:
    for path in sorted(backup.rglob("*"))[len(list(backup.rglob("*"))) // 2 :]:
        if path.is_file():
            path.unlink()
    return backup


def cut_archive(backup: Path, dice: random.Random) -> Path:
    target = packed(backup)
    target.write_bytes(target.read_bytes()[: target.stat().st_size // 2])
    return target


def climbing_archive(backup: Path, dice: random.Random) -> Path:
    return packed(backup, ("../escaped", backup / DUMP))


def linked(backup: Path, dice: random.Random) -> Path:
    path = sorted((backup / "blobs").rglob("*/*/*"))[0]
    path.unlink()
    path.symlink_to("/etc/hostname")
    return backup


def nothing(backup: Path, dice: random.Random) -> Path:
    shutil.rmtree(backup)
    return backup


def no_archive(backup: Path, dice: random.Random) -> Path:
    target = backup.with_suffix(".tar")
    target.write_bytes(b"")
    return target


BLOB = "?" * 64
SPOILS: dict[str, Spoil] = {
    "one byte of the dump": of_file(DUMP, flipped),
    "the dump cut off": of_file(DUMP, cut),
    "the dump missing": without(DUMP),
    "one byte of a stored file": of_file(BLOB, flipped),
    "a stored file cut off": of_file(BLOB, cut),
    "a stored file emptied": of_file(BLOB, emptied),
    "a stored file missing": without(BLOB),
    "a stored file that is a link": linked,
    "the manifest missing": without(MANIFEST),
    "the manifest cut off": of_file(MANIFEST, cut),
    "the manifest of something else": of_file(MANIFEST, another_text),
    "a digest of the manifest edited": edited(lambda said: said["body"]["files"].update({DUMP: "0" * 64})),
    "a count of rows edited": edited(lambda said: said["body"]["tables"].update(patients_scan=["0", "0"])),
    "a path out of the folder": edited(lambda said: said["body"]["files"].update({"../../x": "0" * 64})),
    "another version": edited(lambda said: said["body"].update(format=99)),
    "the head of the audit trail missing": without("audit-head.json"),
    "the head of the audit trail edited": of_file("audit-heads.jsonl", flipped),
    "half copied": half_copied,
    "an archive cut off": cut_archive,
    "an archive that climbs out": climbing_archive,
    "nothing there": nothing,
    "an empty archive": no_archive,
}
