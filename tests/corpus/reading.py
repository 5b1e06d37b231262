"""Many uploads read in one limited process: job in (JSON: name and folder), one line of JSON out for each.

`python -m tests.corpus.reading` does both passes of the intake, as two children of a worker would, under the same
limit of memory. What ends the process is the outcome of the upload that it was reading; the rest goes on.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from radiomics_tasks.child import confine, die_with, peak_rss_mb
from radiomics_tasks.imaging.intake import sort_upload
from radiomics_tasks.imaging.reading import read_scan
from tests.radiomics_tasks.imaging.uploads import KEY, LIMITS, TODAY, received

ROOT = Path(__file__).resolve().parents[2]
MEMORY_MB, SECONDS, FILE_MB = 2048, 900, 64
Outcome = dict[str, Any]


def outcomes_of(folders: Mapping[str, Path], work: Path, seconds: float = 60.0) -> dict[str, Outcome]:
    """What comes of each upload; `{"died": how}` for one that ends its process or takes longer than `seconds`."""
    found: dict[str, Outcome] = {}
    left = dict(folders)
    while left:
        before = len(found)
        how = _batch(left, work, found, seconds)
        left = {name: folder for name, folder in left.items() if name not in found}
        if left and how:
            name = next(iter(left))
            found[name] = {"died": how, "codes": [], "notes": [], "scans": 0, "outlines": 0, "digests": []}
            left.pop(name)
        elif len(found) == before:
            break
    return found


def _batch(folders: Mapping[str, Path], work: Path, found: dict[str, Outcome], seconds: float) -> str:
    """One process, read line by line; how it ended before its time, or nothing."""
    job = json.dumps({name: str(folder) for name, folder in folders.items()})
    command = [sys.executable, "-m", "tests.corpus.reading", str(work), str(os.getpid())]
    log = work / "words.log"
    with log.open("wb") as words:
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=words, stderr=subprocess.STDOUT)
        assert process.stdin is not None
        process.stdin.write(job.encode())
        process.stdin.close()
        answers = work / "answers.jsonl"
        read, asked_at = 0, time.monotonic()
        while True:
            has_ended = process.poll() is not None
            # What follows the last end of a line is still being written.
            lines = answers.read_text().split("\n")[:-1] if answers.exists() else []
            for line in lines[read:]:
                told = json.loads(line)
                found[told.pop("name")] = told
                asked_at = time.monotonic()
            read = len(lines)
            if has_ended:
                answers.unlink(missing_ok=True)
                said = log.read_text(errors="replace")[-400:]
                return f"status {process.returncode}: {said}" if process.returncode else ""
            if time.monotonic() - asked_at > seconds:
                process.kill()
                process.wait()
                answers.unlink(missing_ok=True)
                return f"no answer in {seconds:.0f} s"
            time.sleep(0.02)


def outcome_of(folder: Path, work: Path) -> Outcome:
    """One upload through both passes, told as plain data."""
    work.mkdir(parents=True)
    found = sort_upload(received(folder), work / "unpacked", LIMITS, KEY)
    said = [each.refusal.as_dict() for each in found.refused]
    notes: list[str] = []
    digests, facts = [], []
    scans = outlines = 0
    for number, scan in enumerate(found.scans):
        out = work / f"scan{number}"
        out.mkdir()
        read = read_scan(scan, out, KEY, TODAY).as_dict()
        problems = list(read["problems"])
        if read["facts"]["date_problem"] and read["facts"]["kind"] == "dicom" and not problems:
            problems.append({"code": "Q_DATE", "sentence": read["facts"]["date_problem"]})
        said += problems
        scans += not problems
        digests.append(read["facts"]["volume_digest"])
        facts.append(read["facts"])
        notes += [note["code"] for note in read["facts"]["notes"]]
        for outline in read["outlines"]:
            said += outline["problems"]
            notes += [note["code"] for note in outline["notes"]]
            outlines += bool(outline["mask_file"])
            digests.append(outline["mask_digest"])
    shutil.rmtree(work)
    loose = len(found.loose_outlines)
    return {
        "codes": [each["code"] for each in said],
        "sentences": [each["sentence"] for each in said],
        "notes": notes,
        "scans": scans,
        "outlines": outlines,
        "loose": loose,
        "ignored": found.ignored,
        "digests": sorted(digest for digest in digests if digest),
        "facts": facts,
    }


def main(work: Path, parent: int) -> None:
    """Read every upload of the job on stdin."""
    confine(MEMORY_MB, SECONDS, FILE_MB)
    die_with(parent)
    job = json.load(sys.stdin)
    with (work / "answers.jsonl").open("a", buffering=1) as answers:
        for number, (name, folder) in enumerate(job.items()):
            told = outcome_of(Path(folder), work / f"read-{os.getpid()}-{number}")
            answers.write(json.dumps({"name": name, **told, "peak_rss_mb": peak_rss_mb()}) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
