"""Image files grouped into series, with what is wrong between the files of one series."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from radiomics_tasks.errors import NeedsPerson, Refusal
from radiomics_tasks.imaging.series.header import Header
from radiomics_tasks.imaging.sorting.matching import KnownScan
from radiomics_tasks.imaging.sorting.received import ReceivedFile
from radiomics_tasks.imaging.volume import Grid


@dataclass(frozen=True, slots=True)
class Member:
    """One image file, as far as grouping needs it: small enough to hold thousands."""

    file: ReceivedFile
    series_uid: str
    sop_uid: str
    person: tuple[str, ...]
    frame_of_reference_uid: str
    pixels_at: int
    pixel_bytes: int


@dataclass(frozen=True, slots=True)
class Series:
    """The files of one series in the order in which they came, without exact duplicates."""

    members: tuple[Member, ...]
    duplicates: int
    problems: tuple[Refusal, ...]

    def as_known(self, grid: Grid | None) -> KnownScan:
        """The series as outlines are matched to it."""
        return KnownScan(
            tuple(member.file for member in self.members),
            grid,
            self.members[0].series_uid,
            frozenset(member.sop_uid for member in self.members),
            self.members[0].frame_of_reference_uid,
        )


def member_of(file: ReceivedFile, header: Header) -> Member:
    """What grouping needs to know of one image file."""
    person = tuple(header.text(keyword) for keyword in ("PatientID", "PatientName", "PatientBirthDate"))
    return Member(
        file,
        header.layout.series_instance_uid,
        header.text("SOPInstanceUID"),
        person,
        header.text("FrameOfReferenceUID"),
        header.layout.pixel_offset or 0,
        header.layout.pixel_bytes,
    )


def series_of(members: Iterable[Member]) -> list[Series]:
    """Image files by series, in the order of their first file."""
    groups: dict[str, list[Member]] = defaultdict(list)
    for member in members:
        groups[member.series_uid].append(member)
    return [_series(group) for group in groups.values()]


def _series(group: list[Member]) -> Series:
    problems: list[Refusal] = []
    if len({member.person for member in group}) > 1:
        sentence = (
            "One series names more than one patient, so nobody can file it. Correct it at its source and send it again."
        )
        problems.append(NeedsPerson("Q_MIXED_PATIENT", sentence))
    kept: dict[str, Member] = {}
    for number, member in enumerate(group):
        # A file without an instance UID is kept: the reader says what is missing.
        known = kept.setdefault(member.sop_uid or f"file {number}", member)
        if known is not member and _pixels(known) != _pixels(member):
            kept[f"{member.sop_uid} {number}"] = member
            problems.append(
                NeedsPerson(
                    "Q_SOP_CONFLICT", "The same image number carries two different images. Export the series again."
                )
            )
    return Series(tuple(kept.values()), len(group) - len(kept), tuple(dict((p.code, p) for p in problems).values()))


def _pixels(member: Member) -> bytes:
    with member.file.path.open("rb") as file:
        file.seek(member.pixels_at)
        return sha256(file.read(member.pixel_bytes)).digest()
