"""A pytest plugin: says how many tests were skipped for want of real scans; with TEST_DATA set, that is a failure."""

import os
from typing import Any

import pytest

WANT_OF_DATA = "no real data"


def wanting(session: pytest.Session) -> list[Any]:
    """The reports of tests that found no real scans; with pytest-xdist, those of all its workers."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    reports = reporter.stats.get("skipped", []) if reporter else []
    return [report for report in reports if WANT_OF_DATA in str(report.longrepr)]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if os.environ.get("TEST_DATA") and wanting(session) and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    skipped = [r for r in terminalreporter.stats.get("skipped", []) if WANT_OF_DATA in str(r.longrepr)]
    if not skipped:
        return
    count = f"{len(skipped)} tests were skipped for want of real scans"
    if os.environ.get("TEST_DATA"):
        terminalreporter.write_line(f"FAILED: {count}, though TEST_DATA is set.", red=True)
    else:
        terminalreporter.write_line(f"{count}: set TEST_DATA to the folder that holds them.", yellow=True)
