"""The walls: contracts kept, the web process light, every setting in the README, sizes of rooms, words in use."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.factories import CandidateFactory, SegmentationFactory, followed_patient
from tests.live_worker import environment

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("patients", "radiomics_tasks", "monitoring")
HEAVY = ("SimpleITK", "pydicom", "highdicom", "radiomics", "lifelines", "scipy", "pandas", "skimage")
LONGEST_FILE = 300
LONGEST_FUNCTION = 40
SETTING = r'"(DELTARAD_[A-Z_]+|DATABASE_URL|REDIS_URL|PG_BINDIR|REDIS_SERVER)"'
NAMES_THAT_FIT_EVERYTHING = {"utils", "helpers", "services", "signals", "common", "misc", "managers", "constants"}


def sources() -> list[Path]:
    found = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    return [ROOT / "manage.py", *(path for path in found if "migrations" not in path.parts)]


def test_imports_run_down_only():
    run = subprocess.run(
        [Path(sys.executable).with_name("lint-imports")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout


def test_no_file_is_longer_than_a_room():
    long = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in sources()}
    assert {name: lines for name, lines in long.items() if lines > LONGEST_FILE} == {}


def functions(path: Path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            words = ast.get_docstring(node)
            yield node.name, (node.end_lineno or 0) - node.lineno + 1 - (len(words.splitlines()) + 1 if words else 0)


def test_no_function_is_longer_than_a_screen():
    sizes = [(path, name, lines) for path in sources() for name, lines in functions(path)]
    long = [f"{path.relative_to(ROOT)}:{name}" for path, name, lines in sizes if lines > LONGEST_FUNCTION]
    assert long == []


def test_every_file_says_its_one_idea_first():
    silent = [
        str(path.relative_to(ROOT))
        for path in sources()
        if path.read_text().strip() and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


def test_no_name_fits_everything():
    assert [path for path in sources() if path.stem in NAMES_THAT_FIT_EVERYTHING] == []


def test_tests_mirror_rooms():
    """A test file stands where its room stands; a few speak of a whole package or of the outside."""
    homeless = []
    for test in (ROOT / "tests").rglob("test_*.py"):
        inner = test.relative_to(ROOT / "tests")
        if inner.parts[0] in PACKAGES and not (ROOT / inner.parent).is_dir():
            homeless.append(str(inner))
    assert homeless == []


def test_every_setting_is_in_the_readme():
    readme = (ROOT / "README.md").read_text()
    named = set()
    for path in (ROOT / "monitoring").rglob("*.py"):
        named |= set(re.findall(SETTING, path.read_text()))
    assert {name for name in named if f"`{name}`" not in readme} == set()
    documented = set(re.findall(r"\| `(DELTARAD_[A-Z_]+)` \|", readme))
    assert documented - named == set()


def test_every_command_is_in_the_readme():
    readme = (ROOT / "README.md").read_text()
    commands = [path.stem for package in PACKAGES for path in (ROOT / package).glob("management/commands/[a-z]*.py")]
    assert [name for name in commands if f"manage.py {name}" not in readme] == []


LOCKS = ("requirements.lock", "requirements-s3.lock", "requirements-machines.lock")


@pytest.mark.parametrize("name", LOCKS)
def test_the_lock_carries_no_address(name):
    lock = (ROOT / name).read_text()
    assert "://" not in lock
    assert lock.count("--hash=sha256:") > lock.count("==")


@pytest.mark.parametrize("name", LOCKS[1:])
def test_what_is_locked_apart_has_the_versions_of_the_lock(name):
    pins = [dict(re.findall(r"^([a-z0-9-]+)==([^ ]+)", (ROOT / one).read_text(), re.M)) for one in (LOCKS[0], name)]
    assert {package for package in pins[1] if pins[0].get(package, pins[1][package]) != pins[1][package]} == set()
    assert "django-storages" in pins[1] and "django-storages" not in pins[0]


WEB_PROCESS = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "monitoring.settings"
import monitoring.wsgi
from tests.every_address import request_every_address
print("REQUESTED", request_every_address("owner"))
heavy = sorted({name.partition(".")[0] for name in sys.modules} & set(HEAVY))
print("HEAVY", heavy)
"""


@pytest.mark.django_db(transaction=True)
def test_the_web_process_stays_light(owner, team, storage):
    """A process of its own that imports the web application and requests every URL of it, signed in and filled."""
    followed_patient(team, storage=storage)
    SegmentationFactory.create(scan__patient__team=team, lesion=None)
    CandidateFactory.create(upload__team=team)
    script = f"HEAVY = {HEAVY!r}\n{WEB_PROCESS}"
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr[-3000:]
    assert "HEAVY []" in run.stdout
    assert int(run.stdout.split()[1]) > 30
