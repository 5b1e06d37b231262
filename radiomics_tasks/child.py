"""The limited process: one job in (JSON on stdin), its result out as a file; started by sandbox.py, imported by nobody.

Whatever a file makes a library do, it does it here: a crash, an endless loop or all the memory is this process's
end and nobody else's. Each kind of job loads only the libraries that it needs.
"""

import ctypes
import json
import os
import re
import resource
import signal
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from patients.failpoints import reached
from radiomics_tasks.errors import Refusal

if TYPE_CHECKING:
    from radiomics_tasks.extraction.extractor import ScanExtractor
    from radiomics_tasks.imaging.volume import Volume

Job = dict[str, Any]

NICENESS = 10
OPEN_FILES = 64
CPU_GRACE_SECONDS = 5
_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_STORED_NAME = re.compile(r"[0-9a-f]{64}")


def main(arguments: list[str]) -> int:
    """Do the one job on stdin; arguments: memory (MB), processor time (s), file size (MB), pid of the parent."""
    memory_mb, cpu_seconds, file_mb, parent_pid = (int(word) for word in arguments)
    confine(memory_mb, cpu_seconds, file_mb)
    die_with(parent_pid)
    job: Job = json.load(sys.stdin)
    try:
        result = _KINDS[job["kind"]](job)
    except Refusal as refusal:
        result = {"refusal": refusal.as_dict()}
    except MemoryError:
        os.write(2, b"MemoryError\n")  # a traceback would want memory of its own
        return 1
    write_whole(Path(job["result"]), {**result, "peak_rss_mb": peak_rss_mb()})
    return 0


def confine(memory_mb: int, cpu_seconds: int, file_mb: int) -> None:
    """Give up what the job does not need, for good: address space, time, large files, core dumps, new rights."""
    limits = {
        resource.RLIMIT_AS: (memory_mb << 20, memory_mb << 20),
        resource.RLIMIT_CPU: (cpu_seconds, cpu_seconds + CPU_GRACE_SECONDS),
        resource.RLIMIT_FSIZE: (file_mb << 20, file_mb << 20),
        resource.RLIMIT_NOFILE: (OPEN_FILES, OPEN_FILES),
        resource.RLIMIT_CORE: (0, 0),
    }
    for which, (soft, hard) in limits.items():
        allowed = resource.getrlimit(which)[1]
        if allowed != resource.RLIM_INFINITY:
            soft, hard = min(soft, allowed), min(hard, allowed)
        resource.setrlimit(which, (soft, hard))
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    os.nice(NICENESS)


def die_with(parent_pid: int) -> None:
    """End when the thread that started this process ends, also where it ended before this line.

    The kernel watches that thread, not its process: sandbox.py starts the child in the very thread that waits for it.
    """
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:
        os.kill(os.getpid(), signal.SIGKILL)


def _prctl(option: int, value: int) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0):
        raise OSError(ctypes.get_errno(), f"prctl {option} was refused")


def peak_rss_mb() -> float:
    """Largest resident memory of this process so far, in MB; not its parent's, which getrusage would count."""
    status = Path("/proc/self/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found.group(1)) / 1024 if found else 0.0


def write_whole(path: Path, result: Job) -> None:
    """Write the result so that whoever sees the file sees all of it; NaN and infinities are a defect."""
    text = json.dumps(result, allow_nan=False)
    part = path.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def sort_files(job: Job) -> Job:
    """An upload to its scans; the files are unpacked into `out`."""
    from radiomics_tasks.imaging.intake import ArchiveLimits, ReceivedFile, sort_upload

    received = [ReceivedFile.from_dict(file) for file in job["files"]]
    limits = ArchiveLimits(**job["limits"])
    return sort_upload(received, Path(job["out"]), limits, job["key"].encode()).as_dict()


def read_series(job: Job) -> Job:
    """One scan to its facts, outlines and stored files (in `out`, named by digest)."""
    from radiomics_tasks.imaging.intake import ScanFiles
    from radiomics_tasks.imaging.reading import read_scan

    scan = ScanFiles.from_dict(job["scan"])
    return read_scan(scan, Path(job["out"]), job["key"].encode(), date.fromisoformat(job["today"])).as_dict()


def read_outlines(job: Job) -> Job:
    """Outlines of a scan that is already filed."""
    from radiomics_tasks.imaging.intake import ReceivedFile
    from radiomics_tasks.imaging.reading import read_loose_outlines
    from radiomics_tasks.imaging.volume import Grid

    received = [ReceivedFile.from_dict(file) for file in job["files"]]
    facts, out = job["facts"], Path(job["out"])
    grid = Grid.from_dict(facts["geometry"])
    outlines = read_loose_outlines(received, grid, facts, Path(job["volume"]), out, job["key"].encode())
    stored = sorted(path.name for path in out.iterdir() if _STORED_NAME.fullmatch(path.name))
    return {"outlines": outlines, "files": stored}


def extract_outlines(job: Job) -> Job:
    """Size and features of each outline of one scan, then of its rings, each into a file as soon as it is done."""
    from radiomics_tasks.extraction.extractor import ScanExtractor
    from radiomics_tasks.extraction.profiles import profile_named
    from radiomics_tasks.imaging.formats.nrrd import load_mask, load_volume
    from radiomics_tasks.imaging.measure import measure
    from radiomics_tasks.imaging.tissue import outside_tissue_ratio
    from radiomics_tasks.imaging.volume import place_on

    volume = load_volume(Path(job["volume"]))
    extractor = ScanExtractor(volume, profile_named(job["profile"]), job["engine"], job.get("threads", 1))
    if extractor.volume_digest != job["volume_digest"]:
        raise Refusal("E_STORED_SCAN", "The stored scan is not the one that was filed. Restore it from the backup.")
    out = Path(job["out"])
    for outline in job["outlines"]:
        done: Job = {"pk": outline["pk"]}
        try:
            mask = place_on(volume.grid, load_mask(Path(outline["mask"])))
            done["measurement"] = {**measure(mask).as_dict(), "outside_ratio": outside_tissue_ratio(volume, mask)}
            reached("extract_mid")
            done["snapshot"] = extractor.extract(mask).as_dict()
        except Refusal as refusal:
            done["refusal"] = refusal.as_dict()
        write_whole(out / f"outline-{outline['pk']}.json", done)
    for wanted in job.get("rings", ()):
        write_whole(
            out / f"rings-{wanted['pk']}.json", {"pk": wanted["pk"], "rings": rings_of(volume, extractor, wanted)}
        )
    return {"outlines": [outline["pk"] for outline in job["outlines"]]}


def rings_of(volume: "Volume", extractor: "ScanExtractor", wanted: Job) -> Job:
    """The features of each ring around one outline, by region; where there are none they say why."""
    from patients.vocabulary import Absence
    from radiomics_tasks.imaging.formats.nrrd import load_mask
    from radiomics_tasks.imaging.ring import rings_around
    from radiomics_tasks.imaging.volume import place_on

    lesion, *others = [place_on(volume.grid, load_mask(Path(path))) for path in (wanted["mask"], *wanted["others"])]
    found = {}
    for ring in rings_around(volume, lesion, others, wanted["organ"]):
        try:
            none = ring.absence or Absence.NOT_COMPUTED
            taken = extractor.extract(ring.mask, {"shape": Absence.OF_A_RING}) if ring.mask else extractor.absent(none)
        except Refusal:
            taken = extractor.absent(Absence.FAILED)
        told = taken.as_dict()
        told["provenance"]["ring"] = {**ring.as_dict(), "context": wanted["context"]}
        found[ring.region.value] = told
    return found


def perturb_outlines(job: Job) -> Job:
    """Repeated features of each outline of one scan, each into its own `repeats-….json` as soon as it is done."""
    from radiomics_tasks.extraction.extractor import ScanExtractor
    from radiomics_tasks.extraction.perturb.repeated import repeat
    from radiomics_tasks.extraction.perturb.spec import PerturbationSpec
    from radiomics_tasks.extraction.profiles import profile_named
    from radiomics_tasks.imaging.formats.nrrd import load_mask, load_volume

    volume, profile = load_volume(Path(job["volume"])), profile_named(job["profile"])
    extractor, spec = ScanExtractor(volume, profile, job["engine"]), PerturbationSpec.from_dict(job["spec"])
    out = Path(job["out"])
    for outline in job["outlines"]:
        done: Job = {"pk": outline["pk"]}
        try:
            done["repeated"] = repeat(volume, extractor, load_mask(Path(outline["mask"])), profile, spec).as_dict()
        except Refusal as refusal:
            done["refusal"] = refusal.as_dict()
        write_whole(out / f"repeats-{outline['pk']}.json", done)
    return {"outlines": [outline["pk"] for outline in job["outlines"]]}


_KINDS: dict[str, Callable[[Job], Job]] = {
    "sort": sort_files,
    "read": read_series,
    "read_outlines": read_outlines,
    "extract": extract_outlines,
    "perturb": perturb_outlines,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
