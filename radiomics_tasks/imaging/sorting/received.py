"""What sorting an upload takes and hands on: frozen, and plain data across a process border."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from radiomics_tasks.errors import NeedsPerson, Refusal


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A file as it arrived: where it lies, and what the browser or the archive called it."""

    path: Path
    name: str

    @property
    def folder(self) -> tuple[str, ...]:
        """The folders of its name, outermost first."""
        return tuple(part for part in self.name.replace("\\", "/").split("/")[:-1] if part)

    @property
    def base_name(self) -> str:
        """Its name without folders."""
        return self.name.replace("\\", "/").split("/")[-1]

    def as_dict(self) -> dict[str, str]:
        """The file as plain data."""
        return {"path": str(self.path), "name": self.name}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "ReceivedFile":
        """The file back from plain data."""
        return cls(Path(str(data["path"])), str(data["name"]))


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """How much an upload may unpack to."""

    max_files: int = 20_000
    max_unpacked_bytes: int = 4 << 30
    max_file_bytes: int = 1 << 30

    def as_dict(self) -> dict[str, int]:
        """The limits as plain data."""
        return {
            "max_files": self.max_files,
            "max_unpacked_bytes": self.max_unpacked_bytes,
            "max_file_bytes": self.max_file_bytes,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "ArchiveLimits":
        """The limits back from plain data."""
        return cls(**{name: int(data[name]) for name in ("max_files", "max_unpacked_bytes", "max_file_bytes")})


@dataclass(frozen=True, slots=True)
class ScanFiles:
    """One series (`kind` "dicom") or one single-file image ("image"), with the outlines that belong to it."""

    kind: str
    files: tuple[ReceivedFile, ...]
    outlines: tuple[ReceivedFile, ...] = ()
    problems: tuple[Refusal, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The scan's files as plain data."""
        return {
            "kind": self.kind,
            "files": [file.as_dict() for file in self.files],
            "outlines": [file.as_dict() for file in self.outlines],
            "problems": [problem.as_dict() for problem in self.problems],
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "ScanFiles":
        """The scan's files back from plain data."""
        return cls(
            str(data["kind"]),
            tuple(ReceivedFile.from_dict(file) for file in data["files"]),
            tuple(ReceivedFile.from_dict(file) for file in data["outlines"]),
            tuple(refusal_of(problem) for problem in data["problems"]),
        )


@dataclass(frozen=True, slots=True)
class LooseOutline:
    """An outline whose scan is not in this upload; the UIDs it names, keyed; empty for a label map."""

    file: ReceivedFile
    series_instance_uid: str = ""
    frame_of_reference_uid: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The outline as plain data."""
        return {
            "file": self.file.as_dict(),
            "series_instance_uid": self.series_instance_uid,
            "frame_of_reference_uid": self.frame_of_reference_uid,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "LooseOutline":
        """The outline back from plain data."""
        file = ReceivedFile.from_dict(data["file"])
        return cls(file, str(data["series_instance_uid"]), str(data["frame_of_reference_uid"]))


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A file that cannot be used, by the name it came with."""

    name: str
    refusal: Refusal

    def as_dict(self) -> dict[str, Any]:
        """The refusal as plain data."""
        return {"name": self.name, "refusal": self.refusal.as_dict()}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "RefusedFile":
        """The refusal back from plain data."""
        return cls(str(data["name"]), refusal_of(data["refusal"]))


@dataclass(frozen=True, slots=True)
class SortedUpload:
    """An upload sorted by content: scans, outlines without their scan, what was passed over, what was refused."""

    scans: tuple[ScanFiles, ...] = ()
    loose_outlines: tuple[LooseOutline, ...] = ()
    ignored: int = 0
    refused: tuple[RefusedFile, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The sorted upload as plain data."""
        return {
            "scans": [scan.as_dict() for scan in self.scans],
            "loose_outlines": [outline.as_dict() for outline in self.loose_outlines],
            "ignored": self.ignored,
            "refused": [refused.as_dict() for refused in self.refused],
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "SortedUpload":
        """The sorted upload back from plain data."""
        return cls(
            tuple(ScanFiles.from_dict(scan) for scan in data["scans"]),
            tuple(LooseOutline.from_dict(outline) for outline in data["loose_outlines"]),
            int(data["ignored"]),
            tuple(RefusedFile.from_dict(refused) for refused in data["refused"]),
        )


def refusal_of(data: dict[str, Any]) -> Refusal:
    """A refusal back from plain data: a question (Q_…) stays a question for a person."""
    return (NeedsPerson if str(data["code"]).startswith("Q_") else Refusal).from_dict(data)
