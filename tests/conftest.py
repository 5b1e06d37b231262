"""What every test may ask for: real data where they lie, and the logins of the permission tests."""

import os
from pathlib import Path

import pytest

DEFAULT_TEST_DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"


def data_root() -> Path:
    return Path(os.environ.get("TEST_DATA") or DEFAULT_TEST_DATA)


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real scans; absent and not named: a counted skip, named but absent: a failure."""
    root = data_root()
    if root.is_dir():
        return root
    if os.environ.get("TEST_DATA"):
        pytest.fail(f"TEST_DATA names {root}, which is not a folder")
    pytest.skip("no real data: set TEST_DATA to the folder that holds them")
