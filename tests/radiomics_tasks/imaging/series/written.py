"""The pairs of the acquisition rules as DICOM series: each change written into the files that intake reads."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from radiomics_tasks.analysis.trust.comparability.scan_facts import ScanFacts
from radiomics_tasks.imaging.phantom.dicom_out import write_series
from radiomics_tasks.imaging.phantom.pet_tags import pet_tags
from tests.radiomics_tasks.analysis.trust.comparability.pairs import COMMON, CT, MR, Pair, side
from tests.radiomics_tasks.imaging.uploads import upload

SHAPE = (8, 12, 12)
MODALITY_TAGS: dict[str, dict[str, Any]] = {"CT": CT, "MR": MR, "PT": COMMON | {"ReconstructionMethod": "OSEM"}}
# What of the gate's quantities is no element of its own, and how the files make it.
PET_NUMBERS = {"suv.dose_bq": "dose_bq", "suv.weight_kg": "weight_kg", "suv.decay_correction": "decay_correction"}
REFERENCE = datetime(2024, 1, 1, 11, 0, 0)


def sides_read(pair: Pair, folder: Path) -> tuple[ScanFacts, ScanFacts]:
    """Both scans of a pair after they went through intake; the outline's facts are as the pair has them."""
    as_planned = pair.sides()
    read = []
    for number, (changes, planned) in enumerate(zip((pair.both, {**pair.both, **pair.now}), as_planned, strict=True)):
        facts = facts_read(pair.modality, changes, folder / f"side{number}")
        kept = ScanFacts.kept(facts, facts["modality"], planned.acquired_on)
        read.append(kept.probed(planned.probes).outlined(planned.outline or side(pair.modality).outline))
    return read[0], read[1]


def facts_read(modality: str, changes: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The facts that intake keeps of a series written with these changes; an assertion where it was refused."""
    write(folder / "drop", modality, changes)
    (scan,) = upload(folder / "work", folder / "drop").scans
    assert not [problem for problem in scan["problems"] if problem["code"].startswith("E_")], scan["problems"]
    return scan["facts"]


def write(folder: Path, modality: str, changes: Mapping[str, Any]) -> None:
    """The series of a scan like `pairs.side`, but for the changes."""
    modality = changes.get("facts.modality", modality)
    tags = {**MODALITY_TAGS[modality], "DeviceSerialNumber": "0f0f"}
    if modality == "PT":
        tags = {**pet(changes), **tags}
    tags |= {name: value for name, value in changes.items() if "." not in name}
    rows = tags.pop("ImageOrientationPatient")
    slice_mm = changes.get("facts.slice_mm", 3.0)
    array = np.random.default_rng(3).integers(-100 if modality == "CT" else 1, 200, SHAPE).astype(np.int16)
    write_series(
        folder,
        array,
        (0.7, 0.7, slice_mm),
        acquired_on=date(2024, 1, 1),
        modality=modality,
        direction=direction_of(rows),
        tags={"SliceThickness": 3.0, **{key: split(value) for key, value in tags.items()}},
        slice_tags=jittered(slice_mm, changes["facts.jitter_mm"]) if "facts.jitter_mm" in changes else None,
    )


def split(value: Any) -> Any:
    return value.split("\\") if isinstance(value, str) and "\\" in value else value


def direction_of(rows: list[float]) -> tuple[float, ...]:
    i, j = np.asarray(rows[:3], dtype=float), np.asarray(rows[3:], dtype=float)
    return tuple(float(x) for x in np.stack([i, j, np.cross(i, j)], axis=1).reshape(-1))


def jittered(slice_mm: float, off_mm: float) -> dict[str, list[object]]:
    """Positions of which the middle ones lie so far off: steps that grow and shrink within what a grid allows."""
    places = np.arange(SHAPE[0]) * slice_mm + off_mm * np.sin(np.linspace(0, np.pi, SHAPE[0]))
    return {"ImagePositionPatient": [[0.0, 0.0, round(float(z), 6)] for z in places]}


def pet(changes: Mapping[str, Any]) -> dict[str, object]:
    """The elements of a PET; what the pair leaves out is left out."""
    about: dict[str, Any] = {"dose_bq": 300e6, "weight_kg": 70.0}
    about |= {PET_NUMBERS[name]: value for name, value in changes.items() if name in PET_NUMBERS}
    injected_at = REFERENCE - timedelta(seconds=changes.get("suv.elapsed_s", 3600.0))
    tags = pet_tags(injected_at=injected_at, units=changes.get("suv.units", "BQML"), **about)
    tracer = tags["RadiopharmaceuticalInformationSequence"][0]  # type: ignore[index]  # a list of one item
    if name := changes.get("suv.radiopharmaceutical"):
        tracer.Radiopharmaceutical = name
        del tracer.RadiopharmaceuticalCodeSequence
    if kind := changes.get("suv.suv_type"):
        tags["SUVType"] = kind
    return tags
