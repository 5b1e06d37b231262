"""A child that crashes, starves, loops or lies is an ordinary outcome, and nothing of it is left."""

import json
import logging
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from radiomics_tasks import sandbox
from radiomics_tasks.errors import ChildFailure, Fenced
from radiomics_tasks.sandbox import ChildLimits, run_child

LIMITS = ChildLimits(memory_mb=1024, cpu_seconds=20, wall_seconds=30, file_mb=1)
RLIMITS = ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_NOFILE", "RLIMIT_CORE")


@pytest.fixture(autouse=True)
def misbehaving(monkeypatch):
    program = (*sandbox._PROGRAM[:-1], "tests.radiomics_tasks.misbehaving")
    monkeypatch.setattr(sandbox, "_PROGRAM", program)


def run(tmp_path, kind, limits=LIMITS, beat=lambda: None, **more):
    return run_child({"kind": kind, "result": str(tmp_path / "result.json"), **more}, limits, beat)


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def ends(pid):
    until = time.monotonic() + 5
    while is_alive(pid) and time.monotonic() < until:
        time.sleep(0.02)
    return not is_alive(pid)


def wait_for(path):
    until = time.monotonic() + 20
    while not (path.exists() and path.read_text()):
        assert time.monotonic() < until
        time.sleep(0.05)
    return int(path.read_text())


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("segfault", "E_PARSER_CRASH"),
        ("take_memory", "E_PARSER_MEMORY"),
        ("library_out_of_memory", "E_PARSER_MEMORY"),
        ("killed_by_the_kernel", "E_PARSER_MEMORY"),
        ("write_too_much", "E_PARSER_CRASH"),
        ("unknown kind of job", "E_PARSER_CRASH"),
    ],
)
def test_every_end_has_its_code_and_sentence(tmp_path, kind, code):
    with pytest.raises(ChildFailure) as failed:
        run(tmp_path, kind)
    assert failed.value.code == code
    assert failed.value.sentence == sandbox._SENTENCES[code]
    assert not (tmp_path / "result.json").exists()


def test_time_on_the_clock_is_limited(tmp_path):
    limits = ChildLimits(memory_mb=1024, cpu_seconds=20, wall_seconds=1, file_mb=1)
    with pytest.raises(ChildFailure) as failed:
        run(tmp_path, "sleep", limits, pid_file=str(tmp_path / "pid"))
    assert failed.value.code == "E_PARSER_TIMEOUT"
    assert not is_alive(int((tmp_path / "pid").read_text()))


def test_processor_time_is_limited(tmp_path):
    limits = ChildLimits(memory_mb=1024, cpu_seconds=1, wall_seconds=30, file_mb=1)
    with pytest.raises(ChildFailure) as failed:
        run(tmp_path, "loop", limits)
    assert failed.value.code == "E_PARSER_TIMEOUT"


def test_measuring_has_codes_of_its_own(tmp_path):
    with pytest.raises(ChildFailure) as failed:
        run(tmp_path, "extract", volume=str(tmp_path / "absent"), profile="ct")
    assert failed.value.code == "E_EXTRACT_CRASH"


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"x": NaN}', '{"x": Infinity}'])
def test_nonsense_is_no_answer(tmp_path, text):
    with pytest.raises(ChildFailure) as failed:
        run(tmp_path, "nonsense", text=text)
    assert failed.value.code == "E_PARSER_CRASH"


def test_an_answer_of_any_size_is_not_taken(tmp_path, monkeypatch):
    monkeypatch.setattr(sandbox, "RESULT_BYTES", 100)
    with pytest.raises(ChildFailure):
        run(tmp_path, "nonsense", text=json.dumps({"x": "x" * 100}))


def test_a_link_is_no_answer(tmp_path):
    (tmp_path / "secret.json").write_text('{"secret": 1}')
    with pytest.raises(ChildFailure):
        run(tmp_path, "link", target=str(tmp_path / "secret.json"))


def test_an_old_answer_is_not_taken_for_a_new_one(tmp_path):
    (tmp_path / "result.json").write_text("{}")
    with pytest.raises(ChildFailure):
        run(tmp_path, "segfault")


def test_the_child_is_confined_and_knows_no_secret(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://secret")
    told = run(tmp_path, "tell", of=RLIMITS)
    assert "secret" not in json.dumps(told)
    assert set(told["environment"]) <= {*sandbox._PASSED_ON, *sandbox._ONE_THREAD, "LANG", "TZ", "TMPDIR"} | {
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONHASHSEED",
        "PYTHONNOUSERSITE",
        "LC_CTYPE",
    }
    assert told["limits"]["RLIMIT_AS"] == [1024 << 20] * 2
    assert told["limits"]["RLIMIT_CPU"] == [20, 25]
    assert told["limits"]["RLIMIT_FSIZE"] == [1 << 20] * 2
    assert told["limits"]["RLIMIT_NOFILE"] == [64, 64]
    assert told["limits"]["RLIMIT_CORE"] == [0, 0]
    assert told["no_new_privileges"]
    assert told["session"] == told["pid"] != os.getpid()
    assert told["nice"] == min(19, os.nice(0) + 10)
    assert len(told["open"]) == 4  # the three of every process, and the folder being listed


def test_the_parent_keeps_its_own_limits(tmp_path):
    before = [resource.getrlimit(getattr(resource, name)) for name in RLIMITS]
    run(tmp_path, "silent")
    assert [resource.getrlimit(getattr(resource, name)) for name in RLIMITS] == before


def test_a_child_that_closes_its_mouth_still_answers(tmp_path):
    told = run(tmp_path, "silent")
    assert told["said"] == "nothing"
    assert 5 < told["peak_rss_mb"] < 60


def test_a_crash_tells_where_and_what_kind_but_none_of_its_words(tmp_path, caplog):
    with caplog.at_level(logging.WARNING, logger="radiomics_tasks.sandbox"), pytest.raises(ChildFailure):
        run(tmp_path, "talk_without_end")
    assert "RuntimeError" in caplog.text and "misbehaving.py" in caplog.text
    assert not any(words in caplog.text for words in ("broken", "last words", "first words"))


def test_children_of_the_child_go_with_it(tmp_path):
    assert ends(run(tmp_path, "leave_a_child")["left"])


def test_beats_come_while_waiting(tmp_path, monkeypatch):
    monkeypatch.setattr(sandbox, "BEAT_SECONDS", 0.1)
    monkeypatch.setattr(sandbox, "_GLANCE_SECONDS", 0.1)
    beats = []
    run(tmp_path, "silent", beat=lambda: beats.append(time.monotonic()))
    assert len(beats) >= 4


def test_a_lost_lease_ends_the_child(tmp_path):
    pid_file = tmp_path / "pid"

    def beat():
        if pid_file.exists():
            raise Fenced

    assert sandbox.BEAT_SECONDS <= 5
    with pytest.raises(Fenced):
        run(tmp_path, "sleep", beat=beat, pid_file=str(pid_file))
    assert not is_alive(int(pid_file.read_text()))


def test_a_killed_parent_leaves_no_child(tmp_path):
    program = (
        "import sys; from radiomics_tasks import sandbox; from tests.radiomics_tasks.test_sandbox import LIMITS;"
        "sandbox._PROGRAM = (*sandbox._PROGRAM[:-1], 'tests.radiomics_tasks.misbehaving');"
        "job = {'kind': 'sleep', 'result': sys.argv[1] + '/r', 'pid_file': sys.argv[1] + '/p'};"
        "sandbox.run_child(job, LIMITS, lambda: None)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)])
    pid = wait_for(tmp_path / "p")
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert ends(pid)


def test_threads_may_run_children_side_by_side(tmp_path):
    found = {}

    def work(number):
        folder = tmp_path / str(number)
        folder.mkdir()
        found[number] = run(folder, "silent")["said"]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == dict.fromkeys(range(3), "nothing")
