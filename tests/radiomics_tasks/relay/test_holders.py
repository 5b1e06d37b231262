"""Whether the holder of a lease is gone: by process number and start, and a zombie works no more."""

import signal
import subprocess
import sys
import time

import pytest

from radiomics_tasks.relay import holders
from radiomics_tasks.relay.holders import is_gone, this_process
from tests.live_worker import ROOT


def test_this_process_is_there():
    assert not is_gone(this_process())


def test_the_same_number_with_another_start_is_another_process():
    host, pid, started = this_process().split("|")
    assert is_gone(f"{host}|{pid}|{int(started) - 1}")


@pytest.mark.parametrize("holder", ["", "elsewhere|1|1", "nonsense", "||"])
def test_of_other_machines_nothing_is_known(holder):
    assert not is_gone(holder)


def test_another_space_of_process_numbers_is_another_machine():
    host, pid, started = this_process().split("|")
    assert "pid:[" in host
    assert not is_gone(f"{host.partition(' ')[0]} pid:[1]|{pid}|{int(started) - 1}")


def test_a_killed_process_is_gone_before_anybody_has_asked_how_it_ended():
    """Where the first process of a container never asks, it stays in the list for ever."""
    words = "from radiomics_tasks.relay.holders import this_process; print(this_process(), flush=True); input()"
    child = subprocess.Popen(
        [sys.executable, "-c", words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert child.stdout is not None
    holder = child.stdout.readline().strip()
    assert not is_gone(holder)
    child.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 10
    while not is_gone(holder) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert holders._state_and_start(child.pid)[0] == "Z"
    assert is_gone(holder)
    child.communicate()
    assert is_gone(holder)


def test_a_process_that_may_not_be_looked_at_is_not_called_gone(monkeypatch):
    def hidden(_pid: int) -> tuple[str, str]:
        return "", ""

    holder = this_process()
    monkeypatch.setattr(holders, "_state_and_start", hidden)
    assert not is_gone(holder)
