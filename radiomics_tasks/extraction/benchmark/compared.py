"""Our engine against pyradiomics on one case: agreement, warm and cold time, threads, peak memory."""

import json
import math
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from radiomics_tasks.extraction.benchmark.cases import Case

_PROJECT = Path(__file__).resolve().parents[3]
_ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS"), "1"
)
OURS, TWO_THREADS, THEIRS = "own 1", "own 2", "pyradiomics"
EQUAL_RATIO = 1e-9


@dataclass(frozen=True, slots=True)
class Compared:
    """What one case showed. Times are medians (s); a ratio is the median of the rounds' own ratios.

    `unequal`: features that differ by more than a billionth; `worst`: the largest difference relative to the value.
    """

    case: str
    profile: str
    roi_voxels: int
    features: int
    unequal: int
    worst_feature: str
    worst_ratio: float
    is_same_with_two_threads: bool
    own_s: float
    pyradiomics_s: float
    times_faster: float
    two_threads_faster: float
    cold_own_s: float
    cold_pyradiomics_s: float
    cold_ratio: float
    peak_own_mb: float
    peak_pyradiomics_mb: float
    peak_ratio: float

    def as_dict(self) -> dict[str, Any]:
        """As plain data, for JSON."""
        return asdict(self)


def compare(case: Case, profile: str, rounds: int) -> Compared:
    """Both engines on one case: in one process in turn, then each in processes of its own, in turn."""
    warm, _ = _process(case, profile, [OURS, TWO_THREADS, THEIRS], rounds)
    ours, theirs = warm["seconds"][OURS], warm["seconds"][THEIRS]
    cold: dict[str, list[tuple[float, float]]] = {OURS: [], THEIRS: []}
    for turn in range(rounds):
        for way in (OURS, THEIRS)[:: 1 if turn % 2 == 0 else -1]:
            told, took = _process(case, profile, [way], 1)
            cold[way].append((took, told["peak_mb"]))
    unequal, worst_feature, worst = _agreement(warm["values"][OURS], warm["values"][THEIRS])
    peaks = {way: max(peak for _, peak in cold[way]) for way in cold}
    return Compared(
        case=case.name,
        profile=profile,
        roi_voxels=warm["voxels"],
        features=len(warm["values"][OURS]),
        unequal=unequal,
        worst_feature=worst_feature,
        worst_ratio=worst,
        is_same_with_two_threads=warm["values"][OURS] == warm["values"][TWO_THREADS],
        own_s=median(ours),
        pyradiomics_s=median(theirs),
        times_faster=_paired(theirs, ours),
        two_threads_faster=_paired(ours, warm["seconds"][TWO_THREADS]),
        cold_own_s=median(took for took, _ in cold[OURS]),
        cold_pyradiomics_s=median(took for took, _ in cold[THEIRS]),
        cold_ratio=_paired([took for took, _ in cold[OURS]], [took for took, _ in cold[THEIRS]]),
        peak_own_mb=peaks[OURS],
        peak_pyradiomics_mb=peaks[THEIRS],
        peak_ratio=peaks[OURS] / peaks[THEIRS],
    )


def _paired(one: list[float], other: list[float]) -> float:
    return median(a / b for a, b in zip(one, other, strict=True))


def _process(case: Case, profile: str, ways: list[str], rounds: int) -> tuple[dict[str, Any], float]:
    job = {"image": str(case.image), "mask": str(case.mask), "profile": profile, "ways": ways, "rounds": rounds}
    began = time.perf_counter()
    ended = subprocess.run(
        [sys.executable, "-m", "radiomics_tasks.extraction.benchmark.timed"],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        check=False,
        cwd=_PROJECT,
        env={**os.environ, **_ONE_THREAD},
    )
    took = time.perf_counter() - began
    if ended.returncode != 0:
        words = ended.stderr.strip().splitlines() or ["nothing was said"]
        raise RuntimeError(f"{case.name}: {words[-1]}")
    told: dict[str, Any] = json.loads(ended.stdout)
    return told, took


def _agreement(mine: dict[str, float], theirs: dict[str, float]) -> tuple[int, str, float]:
    """How many features differ by more than a billionth, which one differs most, and by how much."""
    apart = {}
    for name, value in mine.items():
        other = theirs.get(name, math.nan)
        largest = max(abs(value), abs(other))
        apart[name] = abs(value - other) / largest if largest else 0.0
    worst = max(apart, key=lambda name: math.inf if math.isnan(apart[name]) else apart[name], default="")
    return sum(not ratio <= EQUAL_RATIO for ratio in apart.values()), worst, apart.get(worst, 0.0)
