"""One process of the benchmark: a job (JSON on stdin), its times and values (JSON on stdout)."""

import json
import re
import sys
import time
from pathlib import Path
from typing import Any

from radiomics_tasks.extraction.build import OWN
from radiomics_tasks.extraction.extractor import ScanExtractor
from radiomics_tasks.extraction.profiles import Profile, profile_named

Job = dict[str, Any]


def run(job: Job) -> Job:
    """Time each way to take the features as often as asked, the ways alternating; the files are read once.

    Ours is timed as the work does it: crop, resampling, features, provenance; the scan's digest, which belongs to the
    scan, is known by then. pyradiomics is timed as anybody would call it, without its own record of provenance.
    """
    import SimpleITK as sitk

    from radiomics_tasks.imaging.volume import Grid, Mask, Volume

    profile = profile_named(job["profile"])
    image, mask = sitk.ReadImage(job["image"], sitk.sitkFloat32), sitk.ReadImage(job["mask"], sitk.sitkUInt8)
    # A view of the image's own voxels: neither engine pays for the other's copy.
    inside = sitk.GetArrayViewFromImage(mask) == 1
    grid = Grid(inside.shape, image.GetSpacing(), image.GetOrigin(), image.GetDirection())
    volume = Volume(grid, sitk.GetArrayViewFromImage(image), "HU")
    seconds: dict[str, list[float]] = {way: [] for way in job["ways"]}
    values: dict[str, dict[str, float]] = {}
    if job["rounds"] > 1:
        _own(volume, Mask(grid, inside), profile, "own 1", values)  # the first call loads and finds its memory
    for turn in range(job["rounds"]):
        for way in job["ways"][:: 1 if turn % 2 == 0 else -1]:
            if way == "pyradiomics":
                seconds[way].append(_reference(image, mask, profile, values))
            else:
                seconds[way].append(_own(volume, Mask(grid, inside), profile, way, values))
    return {"seconds": seconds, "values": values, "voxels": int(inside.sum()), "peak_mb": peak_mb()}


def _own(volume: Any, mask: Any, profile: Profile, way: str, values: dict[str, dict[str, float]]) -> float:
    extractor = ScanExtractor(volume, profile, OWN, threads=int(way.split()[1]))
    if extractor.build.name != OWN:
        raise SystemExit("The engine's kernels are not built: there is nothing to compare.")
    _ = extractor.volume_digest
    began = time.perf_counter()
    found = extractor.extract(mask)
    took = time.perf_counter() - began
    values[way] = {name: value for name, value in zip(found.names, found.values, strict=True) if value is not None}
    return took


def _reference(image: Any, mask: Any, profile: Profile, values: dict[str, dict[str, float]]) -> float:
    from radiomics_tasks.extraction import reference

    began = time.perf_counter()
    values["pyradiomics"] = reference.by_itself(image, mask, profile)
    return time.perf_counter() - began


def peak_mb() -> float:
    """Largest resident memory of this process so far."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found.group(1)) / 1024 if found else 0.0


if __name__ == "__main__":
    json.dump(run(json.load(sys.stdin)), sys.stdout)
