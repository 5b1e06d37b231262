"""What is kept about a scan beside its voxels: plain data with every key always there."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from patients.vocabulary import Unit
from radiomics_tasks.imaging.series.acquisition import acquired_on, acquisition_facts, description
from radiomics_tasks.imaging.series.checks import MODALITIES
from radiomics_tasks.imaging.series.header import Header
from radiomics_tasks.imaging.series.identity import clean_text, hashed_identity, keyed_uid
from radiomics_tasks.imaging.series.wording import clinical_only

SYNTHETIC_PREFIX = "SYN-"
MAX_DESCRIPTION = 120


def empty_facts() -> dict[str, Any]:
    """The facts of a scan of which nothing is known."""
    return {
        "kind": "dicom",
        "modality": "",
        "acquired_on": None,
        "date_source": "",
        "date_problem": "",
        "description": "",
        "unit": str(Unit.ARBITRARY),
        "volume_digest": "",
        "volume_file": "",
        "geometry": None,
        "series_instance_uid": "",
        "study_instance_uid": "",
        "frame_of_reference_uid": "",
        "sop_instance_uids": [],
        "identity": {"patient_id_hmac": "", "birth_date_hmac": "", "sex_hmac": ""},
        "physique": {},
        "acquisition": {},
        "suv": {},
        "percentiles": None,
        "instances": [],
        "thumbnail": "",
        "body": None,
        "jitter_mm": 0.0,
        "slice_axis": 2,
        "probes": {},
        "probes_why": [],
        "is_synthetic": False,
        "notes": [],
    }


def series_facts(headers: Sequence[Header], key: bytes, today: date) -> dict[str, Any]:
    """What the headers of a series say: date, identity as keyed hashes, keyed UIDs, acquisition.

    A series that names several people has no identity here: nobody is to be found by it.
    """
    facts = empty_facts()
    if not headers:
        return facts
    first = headers[0]
    day = acquired_on(headers, today)
    people = {
        (header.text("PatientID"), header.text("PatientBirthDate"), header.text("PatientSex")) for header in headers
    }
    if len(people) == 1:
        facts["identity"] = hashed_identity(*people.pop(), key)
    return facts | {
        "modality": MODALITIES.get(first.layout.sop_class_uid, ""),
        "acquired_on": day.day.isoformat() if day.day else None,
        "date_source": day.source,
        "date_problem": day.problem,
        "description": description(first),
        "series_instance_uid": keyed_uid(first.text("SeriesInstanceUID"), key),
        "study_instance_uid": keyed_uid(first.text("StudyInstanceUID"), key),
        "frame_of_reference_uid": keyed_uid(first.text("FrameOfReferenceUID"), key),
        "sop_instance_uids": [keyed_uid(header.text("SOPInstanceUID"), key) for header in headers],
        "physique": _physique(first),
        "acquisition": acquisition_facts(headers, key),
        "is_synthetic": first.text("PatientID").startswith(SYNTHETIC_PREFIX),
    }


def _physique(header: Header) -> dict[str, float]:
    """Height and weight where they are told and can be a person's: two scans of one patient agree in them."""
    told = {"size_m": header.number("PatientSize"), "weight_kg": header.number("PatientWeight")}
    possible = {"size_m": (0.3, 2.6), "weight_kg": (2.0, 400.0)}
    return {
        name: value
        for name, value in told.items()
        if value is not None and possible[name][0] <= value <= possible[name][1]
    }


def image_facts(path: Path, name: str) -> dict[str, Any]:
    """What a single-file image says about itself beside its voxels: next to nothing, so its name describes it."""
    with path.open("rb") as opened:
        is_nrrd = opened.read(4) == b"NRRD"
    return empty_facts() | {
        "kind": "nrrd" if is_nrrd else "nifti",
        "date_problem": "The file carries no date. Say when the scan was made.",
        "description": clinical_only(clean_text(name, MAX_DESCRIPTION)),
    }
