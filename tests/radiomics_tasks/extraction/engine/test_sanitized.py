"""Kernels built with address and undefined-behaviour sanitizers take wild pairs: no report, the same bits, and
pyradiomics' numbers; the everyday run does a few, `-m fuzz --runs N` as many as asked for.
"""

import json
import math
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from radiomics_tasks.extraction import reference
from radiomics_tasks.extraction.engine import compiled
from tests.radiomics_tasks.extraction.engine.wild import profile_of, taken, wild

SANITIZED = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g", "-O1", "-DONE_VERSION")
A_FEW = 12
EQUAL_RATIO, OF_LARGEST = 1e-9, 1e-12


@pytest.fixture(scope="session")
def sanitized(tmp_path_factory) -> Path:
    compiler = shutil.which("gcc")
    if compiler is None:
        pytest.skip("the sanitizers are gcc's, which is not here")
    target = tmp_path_factory.mktemp("sanitized") / "kernels.so"
    assert compiled.compile_to(target, compiler, SANITIZED) == ""
    return target


def run_sanitized(library: Path, first: int, count: int) -> dict[int, dict[str, str]]:
    runtime = [
        subprocess.run(["gcc", f"-print-file-name={name}"], capture_output=True, text=True, check=True).stdout.strip()
        for name in ("libasan.so", "libubsan.so")
    ]
    # CPython keeps what it allocates until it ends: leaks are looked for in nothing but the kernels, by reading them.
    environment = {
        **os.environ,
        "LD_PRELOAD": " ".join(runtime),
        "ASAN_OPTIONS": "detect_leaks=0",
        "PYTHONMALLOC": "malloc",
    }
    command = [
        sys.executable,
        "-m",
        "tests.radiomics_tasks.extraction.engine.wild",
        str(library),
        str(first),
        str(count),
    ]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {line["seed"]: line["values"] for line in lines}


def held(library: Path, first: int, count: int) -> list[str]:
    """Each value that a sanitizer's build has otherwise than the one in use, or pyradiomics otherwise than both."""
    found = run_sanitized(library, first, count)
    assert sorted(found) == list(range(first, first + count))
    wrong, pairs = [], {}
    for seed, values in found.items():
        with np.errstate(all="ignore"):
            mine, theirs = taken(seed), by_pyradiomics(seed)
        wrong += [f"{seed} {name}: {value}" for name, value in values.items() if mine[name].hex() != value]
        pairs[seed] = mine, theirs
    return wrong + against_pyradiomics(pairs)


def by_pyradiomics(seed: int) -> dict[str, float]:
    """Its values of a pair; none of a single voxel, which it refuses."""
    pair, profile = wild(seed), profile_of(seed)
    if np.count_nonzero(sitk.GetArrayViewFromImage(pair.mask)) == 1:
        return {}
    wanted = {group: list(quantities) for group, quantities in profile.features.items()}
    if not np.ptp(np.nonzero(sitk.GetArrayViewFromImage(pair.mask)), axis=1).all():
        wanted.pop("shape")
    return reference.features(pair.image, pair.mask, wanted, profile)


def against_pyradiomics(pairs: dict[int, tuple[dict[str, float], dict[str, float]]]) -> list[str]:
    """What is not equal, within a ratio or a share of the largest value that a feature takes anywhere."""
    largest: dict[str, float] = {}
    for _, theirs in pairs.values():
        for name, value in theirs.items():
            largest[name] = max(largest.get(name, 0.0), 0.0 if math.isnan(value) else abs(value))
    return [
        f"{wild(seed).told} {name}: {mine.get(name)!r}, pyradiomics {value!r}"
        for seed, (mine, theirs) in pairs.items()
        for name, value in theirs.items()
        if name not in mine or not is_equal(mine[name], value, largest[name])
    ]


def is_equal(one: float, other: float, largest: float) -> bool:
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    return abs(one - other) <= max(EQUAL_RATIO * max(abs(one), abs(other)), OF_LARGEST * largest)


@pytest.mark.filterwarnings("ignore:Mean of empty slice")
def test_a_few_wild_pairs(sanitized):
    assert held(sanitized, 0, A_FEW) == []


@pytest.mark.fuzz
@pytest.mark.filterwarnings("ignore:Mean of empty slice")
def test_many_wild_pairs(sanitized, request):
    runs, first = request.config.getoption("--runs"), request.config.getoption("--seed")
    wrong = held(sanitized, first, runs)
    print(f"{runs} wild pairs from {first}: {len(wrong)} differences")  # noqa: T201
    assert wrong == []


def test_a_read_beyond_an_array_is_reported(sanitized, tmp_path):
    """What makes the silence of the others worth something."""
    told = tmp_path / "beyond.py"
    told.write_text(
        "import sys, ctypes, numpy as np\n"
        "lib = ctypes.CDLL(sys.argv[1])\n"
        "short, out = np.zeros(400), np.zeros(6)\n"
        "lib.moments(ctypes.c_void_p(short.ctypes.data), ctypes.c_size_t(500), ctypes.c_double(0),"
        " ctypes.c_void_p(out.ctypes.data))\n"
    )
    runtime = subprocess.run(["gcc", "-print-file-name=libasan.so"], capture_output=True, text=True, check=True)
    environment = {**os.environ, "LD_PRELOAD": runtime.stdout.strip(), "ASAN_OPTIONS": "detect_leaks=0"}
    done = subprocess.run(
        [sys.executable, str(told), str(sanitized)], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode != 0
    assert "heap-buffer-overflow" in done.stderr
