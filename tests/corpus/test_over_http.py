"""Every kind of bad input over real HTTP, to gunicorn and a worker, and a sample through `import_scan`.

python3 manage.py test -m corpus -n0 -s
CORPUS_FIRST=3 CORPUS_VARIANTS=2 CORPUS_STEP=4 python3 manage.py test -m corpus -n0 -s  # the last two of each fourth
"""

import io
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from patients.models import Candidate, Team, Upload
from patients.vocabulary import CandidateState, UploadState
from radiomics_tasks.arrivals import hand_in
from tests.corpus.answers import ASKED, Expected, expected, says_too_much, written
from tests.corpus.drawn import VARIANTS
from tests.hostile_site import Site, hostile_site
from tests.radiomics_tasks.imaging.uploads import LIMITS

pytestmark = [pytest.mark.corpus, pytest.mark.django_db]
SENT = int(os.environ.get("CORPUS_VARIANTS", str(VARIANTS)))
FIRST = int(os.environ.get("CORPUS_FIRST", "0"))
STEP = int(os.environ.get("CORPUS_STEP", "1"))
EVERY = 8
AHEAD = 12
ROOT = Path(__file__).resolve().parents[2]
SMALL = {
    "DELTARAD_UPLOAD_MAX_FILES": LIMITS.max_files,
    "DELTARAD_UPLOAD_MAX_FILE_BYTES": LIMITS.max_file_bytes,
    "DELTARAD_UPLOAD_MAX_UNPACKED_BYTES": LIMITS.max_unpacked_bytes,
}


@pytest.fixture(scope="module")
def site(django_db_setup, django_db_blocker, static_files, tmp_path_factory) -> Iterator[Site]:
    """Web and worker with the corpus' limits."""
    with django_db_blocker.unblock(), hostile_site(tmp_path_factory.mktemp("site"), static_files, SMALL) as at:
        yield at


def resident_mb(log: Path) -> int:
    """Resident memory of gunicorn's processes, in MB, by the numbers in its log."""
    words = log.read_text().replace("[", " ").replace("]", " ").split()
    pids = {int(word) for word in words if word.isdigit() and Path(f"/proc/{word}/status").exists()}
    told = [Path(f"/proc/{pid}/status").read_text() for pid in pids]
    lines = [line for text in told if "gunicorn" in text or "python" in text for line in text.splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) // 1024


def answer(upload: Upload, refused: list[tuple[int, str]], wanted: Expected) -> tuple[str, list[str]]:
    """What is wrong with what became of an upload, and the sentences that were said."""
    if any(status >= 500 for status, _ in refused):
        return f"{refused}", []
    rows = list(Candidate.objects.filter(upload=upload))
    said = [known for row in rows for known in row.problems]
    outlines = [each for row in rows for each in row.outlines]
    said += [known for each in outlines for known in each["problems"]]
    codes = {known["code"] for known in said} | {code for _, code in refused if code}
    notes = {each["code"] for row in rows for each in row.facts.get("notes", [])}
    notes |= {note["code"] for each in outlines for note in each["notes"]}
    asks = ASKED - ({"Q_MODALITY"} if wanted.code == "Q_MODALITY" else set())
    asks |= set() if wanted.code == "Q_DATE" else {"Q_DATE"}
    open_rows = [row for row in rows if row.state != CandidateState.REFUSED]
    scans = sum(not {known["code"] for known in row.problems} - asks for row in open_rows)
    filed = sum(bool(each["mask_file"]) for row in open_rows for each in row.outlines)
    return wanted.differs(codes - asks, notes, scans, filed), [known["sentence"] for known in said]


def test_each_kind_over_http(site: Site, tmp_path):
    table, failures, sentences = expected(), [], []
    folders = dict(list(written(tmp_path / "drop", SENT, FIRST).items())[::STEP])
    started, waiting, before = time.monotonic(), [], 0
    for number, ((name, variant), folder) in enumerate(folders.items()):
        before = resident_mb(site.data.parent / "web.log") if number == 20 else before
        waiting.append((name, variant, *site.send(folder)))
        while len(waiting) > AHEAD or (waiting and number == len(folders) - 1):
            done, nth, upload, refused = waiting.pop(0)
            if upload.files.exists():
                upload = hand_in.wait_until_read(upload)
                if upload.state not in (UploadState.REFUSED, UploadState.NEEDS_PERSON):
                    failures.append(f"{done} {nth}: left as {upload.state}")
            differs, said = answer(upload, refused, table[done])
            failures += [f"{done} {nth}: {differs}"] if differs else []
            if differs:
                print(failures[-1])  # noqa: T201  # told at once: the rest takes a while
            sentences += said
    growth = resident_mb(site.data.parent / "web.log") - before
    print(f"\n{len(folders)} uploads over HTTP in {time.monotonic() - started:.0f} s; web grew by {growth} MB")  # noqa: T201
    assert failures == []
    assert says_too_much(sentences, ROOT) == []
    assert growth <= 50


@pytest.mark.django_db(transaction=True)
def test_a_sample_through_import_scan(site: Site, tmp_path):
    table, failures = expected(), []
    folders = written(tmp_path / "drop", 1)
    team = Team.objects.get()
    for (name, _), folder in list(folders.items())[::EVERY]:
        out, err = io.StringIO(), io.StringIO()
        try:
            options = {"patient": f"P-{name}"[:60], "no_wait": True, "despite": ["Q_NEW_PATIENT"]}
            call_command("import_scan", str(folder), team=str(team), stdout=out, stderr=err, **options)
        except (SystemExit, CommandError) as end:
            err.write(str(end))
        said, wanted = out.getvalue() + err.getvalue(), table[name]
        is_told = not wanted.code or wanted.code.startswith("W_") or wanted.code in said
        is_filed = said.count("filed as the") == wanted.scans
        failures += [] if is_told and is_filed else [f"{name}: expected {wanted}, was told: {said}"]
    assert failures == []


def test_nothing_stays_and_everybody_lives(site: Site):
    deadline = time.monotonic() + 60
    while (left := list((site.data / "staging").iterdir())) and time.monotonic() < deadline:
        time.sleep(0.2)
    bytes_left = sum(path.stat().st_size for folder in left for path in folder.rglob("*") if path.is_file())
    assert bytes_left == 0
    assert site.ask("GET", "/readyz")[0] == 200
    assert "WorkerLostError" not in (site.data.parent / "worker.log").read_text()
    assert "Traceback" not in (site.data.parent / "web.log").read_text()
