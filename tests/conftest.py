"""What every test may ask for: real data where they lie, and the logins of the permission tests."""

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from django.contrib.auth.models import User
from django.test import Client, override_settings
from playwright.sync_api import Browser

from patients.files import Storage
from patients.vocabulary import Role
from tests.browser import Desk, chromium
from tests.emptied import let_trail_be_emptied
from tests.factories import TeamFactory, login
from tests.live_web import collect_static, running_web

# The same examples every time: a run that fails must fail again. Random ones are for whoever goes hunting.
hypothesis.settings.register_profile("same", derandomize=True, deadline=None)
hypothesis.settings.load_profile("same")

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


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The test database, whose audit trail a test may empty; its own tests close it again."""
    with django_db_blocker.unblock():
        let_trail_be_emptied()


@pytest.fixture(autouse=True)
def audit_folder(tmp_path_factory):
    """Each test notes the heads of its own audit trail: one that is rolled back leaves none behind."""
    with override_settings(AUDIT_DIR=tmp_path_factory.mktemp("audit")):
        yield


@pytest.fixture
def storage(settings, tmp_path):
    """The site's private storage, in a folder of this test alone."""
    settings.DATA_DIR = tmp_path / "data"
    return Storage(settings.DATA_DIR)


@pytest.fixture
def team(db):
    """The team that looks after the patients of a test."""
    return TeamFactory.create()


@pytest.fixture
def owner(team):
    """A login that may do everything with the team's patients."""
    return login(team, Role.COORDINATOR, Role.READER, Role.ONCOLOGIST, username="owner")


@pytest.fixture
def member(team):
    """A login of the same team that may only look."""
    return login(team, Role.BOARD, username="member")


@pytest.fixture
def stranger(db):
    """A login with every right, in another team."""
    return login(TeamFactory.create(), Role.COORDINATOR, Role.READER, Role.ONCOLOGIST, username="stranger")


@pytest.fixture
def as_user():
    """A browser with one login: `as_user(owner).get(address)`."""

    def signed_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return signed_in


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium for the browser tests of one file."""
    with chromium() as launched:
        yield launched


@pytest.fixture(scope="session")
def static_files(django_db_setup, tmp_path_factory) -> Path:
    """The collected static files, once for a run."""
    folder: Path = tmp_path_factory.mktemp("static")
    collect_static(folder)
    return folder


@pytest.fixture(scope="module")
def site(browser, static_files, tmp_path_factory) -> Iterator[tuple[str, Path]]:
    """Address and data folder of the web process of one file."""
    folder: Path = tmp_path_factory.mktemp("site")
    (folder / "data").mkdir(mode=0o700)
    with running_web(folder / "web.log", static_files, folder / "data") as address:
        yield address, folder / "data"


@pytest.fixture
def served(site, settings) -> Storage:
    """The storage that the web process reads from."""
    settings.DATA_DIR = site[1]
    return Storage(site[1])


@pytest.fixture
def desk(browser, transactional_db, site, served) -> Iterator[Desk]:
    """A browser on the site; afterwards no page may have complained."""
    opened = Desk(browser, site[0])
    yield opened
    opened.context.close()
    assert opened.complaints == []
