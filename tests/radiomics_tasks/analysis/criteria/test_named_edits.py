"""Every named edit of a copy of the science is caught by the written cases; an edit that fits no more fails, too."""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.named_edits import EDITS, Edit
from tests.written_courses import GOLDEN

ROOT = Path(__file__).resolve().parents[4]
SCIENCE = Path("radiomics_tasks/analysis")
CAUGHT = 3
FILES = ("recist11_vectors", "irecist_vectors", "irecist_ibor_table3", "decision_tables", "edges")
# Ends with CAUGHT where a case is not met or a doctest of the edited module fails; a crash is another status.
CHECK = """
import doctest, importlib, json, sys
from pathlib import Path
import radiomics_tasks.analysis.conformance.run as run
from radiomics_tasks.errors import Refusal

module, folder, *files = sys.argv[1:]
assert Path(run.__file__).is_relative_to(folder), run.__file__

def is_met(case):
    try:
        return run.run_case(case).is_met
    except Refusal:
        return False

for file in files:
    for case in run.cases_in(json.loads(Path(file).read_text(encoding="utf-8"))):
        if not is_met(case):
            print(case["id"])
            sys.exit(3)
if module and doctest.testmod(importlib.import_module(module), report=False).failed:
    sys.exit(3)
"""


def copied(folder: Path, edit: Edit | None) -> str:
    """A copy of the science with one edit; the name of the edited module, empty where it is no module."""
    shutil.copytree(ROOT / SCIENCE, folder / SCIENCE)
    for name in ("__init__.py", "errors.py"):
        shutil.copy2(ROOT / "radiomics_tasks" / name, folder / "radiomics_tasks" / name)
    if edit is None:
        return ""
    path = folder / SCIENCE / edit.file
    text = path.read_text(encoding="utf-8")
    assert text.count(edit.old) == 1, f"{edit.name}: its text stands {text.count(edit.old)} times in {edit.file}"
    path.write_text(text.replace(edit.old, edit.new), encoding="utf-8")
    for compiled in path.parent.glob(f"__pycache__/{path.stem}.*"):
        compiled.unlink()
    return ".".join((SCIENCE / edit.file).with_suffix("").parts) if path.suffix == ".py" else ""


def checked(folder: Path, edit: Edit | None) -> subprocess.CompletedProcess[str]:
    """The written cases run against such a copy."""
    module = copied(folder, edit)
    files = [str(GOLDEN / f"{name}.json") for name in FILES]
    environment = {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"}
    command = [sys.executable, "-c", CHECK, module, str(folder), *files]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory) -> dict[str, subprocess.CompletedProcess[str]]:
    """Every edit checked, two at a time."""
    folder: Path = tmp_path_factory.mktemp("edited")
    with ThreadPoolExecutor(2) as pool:
        runs = pool.map(lambda numbered: checked(folder / str(numbered[0]), numbered[1]), enumerate(EDITS))
        return {edit.name: run for edit, run in zip(EDITS, runs, strict=True)}


def test_without_an_edit_every_case_is_met(tmp_path) -> None:
    run = checked(tmp_path / "plain", None)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


@pytest.mark.parametrize("name", [edit.name for edit in EDITS])
def test_edit_is_caught(name: str, outcomes) -> None:
    run = outcomes[name]
    assert run.returncode == CAUGHT, run.stderr[-1000:] or f"{name}: not noticed"


def test_an_edit_whose_text_is_gone_is_no_proof(tmp_path) -> None:
    with pytest.raises(AssertionError, match="stands 0 times"):
        copied(tmp_path, Edit("rotten", "criteria/sums.py", "a text that nobody wrote", ""))


def test_edits_have_names_of_their_own_and_the_readme_counts_them() -> None:
    assert len({edit.name for edit in EDITS}) == len(EDITS) >= 24
    assert f"{len(EDITS)} wrong edits" in (ROOT / "README.md").read_text(encoding="utf-8")
