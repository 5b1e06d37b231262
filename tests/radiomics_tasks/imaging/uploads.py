"""An upload taken through both passes, as a worker's child does it."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from radiomics_tasks.imaging.intake import ArchiveLimits, ReceivedFile, SortedUpload, sort_upload
from radiomics_tasks.imaging.reading import read_scan

KEY = b"site key of the tests"
TODAY = date(2026, 11, 24)
LIMITS = ArchiveLimits(max_files=1000, max_unpacked_bytes=64 << 20, max_file_bytes=16 << 20)


@dataclass(frozen=True)
class Outcome:
    """What came of an upload: how it was sorted, and each scan as read."""

    sorted: SortedUpload
    scans: list[dict[str, Any]]

    @property
    def refusals(self) -> dict[str, str]:
        """Code and sentence of everything that stands in the way, of files, scans and outlines."""
        found = [refused.refusal.as_dict() for refused in self.sorted.refused]
        for scan in self.scans:
            found += scan["problems"] + [each for outline in scan["outlines"] for each in outline["problems"]]
        return {each["code"]: each["sentence"] for each in found}

    @property
    def filed(self) -> list[tuple[str, int]]:
        """Name and voxels of each outline that has a mask."""
        outlines = [outline for scan in self.scans for outline in scan["outlines"]]
        return [(outline["name"], outline["voxels"]) for outline in outlines if outline["mask_file"]]


def received(*roots: Path) -> list[ReceivedFile]:
    """Files and folders as a browser would send them."""
    found = []
    for root in roots:
        paths = sorted(root.rglob("*")) if root.is_dir() else [root]
        found += [ReceivedFile(path, str(path.relative_to(root.parent))) for path in paths if path.is_file()]
    return found


def upload(work: Path, *roots: Path) -> Outcome:
    """Sort an upload and read every scan in it; `work` is an empty folder for what is written."""
    work.mkdir(parents=True)
    result = sort_upload(received(*roots), work / "unpacked", LIMITS, KEY)
    scans = []
    for number, scan in enumerate(result.scans):
        out = work / f"scan{number}"
        out.mkdir()
        scans.append(read_scan(scan, out, KEY, TODAY).as_dict())
    return Outcome(result, scans)
