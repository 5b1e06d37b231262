"""One world for all tests of a file: they leave nothing behind."""

import logging
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import override_settings

from patients.files import Storage
from tests.access import world as worlds


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[worlds.World]:
    """Two teams and their rows, in a transaction that is never kept."""
    folder = tmp_path_factory.mktemp("access")
    with django_db_blocker.unblock(), override_settings(DATA_DIR=folder / "data"), transaction.atomic():
        yield worlds.world(Storage(folder / "data"))
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Thousands of refusals are what is asked for here; a line in the log for each, or an end to them, is not."""
    logging.disable(logging.WARNING)
    with override_settings(TOKEN_RATE_LIMITS={}):
        yield
    logging.disable(logging.NOTSET)
