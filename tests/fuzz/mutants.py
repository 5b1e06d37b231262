"""Damaged copies of good files: bits flipped, bytes cut out or put in, pieces moved, lengths rewritten."""

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.fuzz.seeds import Seed

LENGTHS = (0, 1, 2, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFF0, 0xFFFFFFFF)
# Every fifth mutant is damaged anywhere, among the values, too: it may be read as another scan, and must not break.
ANYWHERE = 5


@dataclass(frozen=True, slots=True)
class Mutant:
    """One damaged upload."""

    seed: str
    folder: Path
    is_anywhere: bool


def mutants(seeds: list[Seed], root: Path, seed: int, numbers: range) -> Iterator[Mutant]:
    """Those with these numbers, each seed in turn; the files beside the damaged one are links to the good ones."""
    for number in numbers:
        origin = seeds[number % len(seeds)]
        random = Random(f"{seed} {number}")
        is_anywhere = random.randrange(ANYWHERE) == 0
        content = damaged(origin.target.read_bytes(), [] if is_anywhere else origin.values, random)
        folder = root / f"{number:05d}"
        for path in origin.folder.rglob("*"):
            if path.is_file() and path != origin.target:
                beside = folder / path.relative_to(origin.folder)
                beside.parent.mkdir(parents=True, exist_ok=True)
                os.link(path, beside)
        place = folder / origin.target.relative_to(origin.folder)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        yield Mutant(origin.name, folder, is_anywhere)


def damaged(content: bytes, spared: list[tuple[int, int]], random: Random) -> bytes:
    """The file after one or a few changes outside the spared spans."""
    changed = bytearray(content)
    spans = list(spared)
    for _ in range(random.choice((1, 1, 1, 2, 4, 12))):
        at = _place(len(changed), spans, random)
        before = len(changed)
        _CHANGES[random.randrange(len(_CHANGES))](changed, at, random)
        grown = len(changed) - before
        spans = [(start + grown, end + grown) if start >= at else (start, end) for start, end in spans]
    return bytes(changed)


def _place(size: int, spans: list[tuple[int, int]], random: Random) -> int:
    # A change reaches at most eight bytes on.
    for _ in range(200):
        at = random.randrange(size)
        if not any(start - 8 <= at < end for start, end in spans):
            return at
    return 0


def _flip(changed: bytearray, at: int, random: Random) -> None:
    changed[at] ^= 1 << random.randrange(8)


def _overwrite(changed: bytearray, at: int, random: Random) -> None:
    changed[at] = random.randrange(256)


def _cut(changed: bytearray, at: int, random: Random) -> None:
    del changed[at : at + random.choice((1, 2, 4, 8))]


def _insert(changed: bytearray, at: int, random: Random) -> None:
    changed[at:at] = random.randbytes(random.choice((1, 2, 4, 8)))


def _length(changed: bytearray, at: int, random: Random) -> None:
    width = random.choice(("<H", ">H", "<I", ">I"))
    size = struct.calcsize(width)
    if at + size <= len(changed):
        struct.pack_into(width, changed, at, random.choice(LENGTHS) & (1 << 8 * size) - 1)


_CHANGES = (_flip, _flip, _overwrite, _cut, _insert, _length)
