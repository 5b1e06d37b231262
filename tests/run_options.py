"""A pytest plugin: how long and with which seed crash tests run: twenty is quick, two thousand possible."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("crash")
    group.addoption("--runs", type=int, default=20, help="random faults of crash tests, damaged files of fuzz (20)")
    group.addoption("--each", type=int, default=1, help="kills at every named moment (1)")
    group.addoption("--seed", type=int, default=20261124, help="seed of either")
