"""Published tables of tumour sizes as tables of measurements; every assumption of the conversion is stated here.

Both studies publish sizes and nothing else, so of every visit it is assumed that there was no non-target disease
(NA) and no new lesion (NO): what is assessed is the target response. Neither names organs or readers; the
lesion is put into the lung, the reader is "Published table", and why a size was not evaluable is
"No reason is published". No date is published: day zero is 2020-01-01.

Ghaffari Laleh 2022 (one row: one patient, one day, one diameter)
    A patient has one target lesion. A day without any number is a visit that was not evaluable, as NOT EVALUABLE;
    0 mm is a lesion that is gone. Two equal rows of one day are one visit. Rows stand in the order of days.
    Six patients have no visit on or before day zero: their treatment starts on the day of their first visit.
INSPIRE (one row: one patient, one time, the change of the sum in percent)
    The baseline of `l_size` mm was measured on day zero, and stands for one lesion. Time is in weeks, rounded to
    days. The size is the baseline with the change, exactly; -100 % is gone, an empty change is not evaluable.
    A patient without a baseline size is left out.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from patients.measured.columns import NAMES

DAY_ZERO = date(2020, 1, 1)
FOLDER = "longitudinal_tables"
GHAFFARI = "ghaffari_laleh_2022_tumour_size_studies1-3.csv"
INSPIRE_SIZES = "inspire_pembrolizumab_serial_size_change.csv"
INSPIRE_PATIENTS = "inspire_pembrolizumab_patients_os_pfs.csv"
STATES = {"NOT EVALUABLE": "NE", "": "NE", "TOO SMALL TO MEASURE": "TSTM"}
NO_REASON = "No reason is published"
ASSUMED = {
    "lesion": "target",
    "organ": "LUNG",
    "nodal": "no",
    "role": "TARGET",
    "non_target": "NA",
    "new_disease": "NO",
    "reader": "Published table",
}

Row = dict[str, str]


def source(data_dir: Path, name: str) -> list[Mapping[str, str]]:
    """The rows of one published file."""
    with (data_dir / FOLDER / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def as_csv(rows: Iterator[Row]) -> bytes:
    """A table of measurements as a file."""
    text = io.StringIO()
    writer = csv.DictWriter(text, NAMES, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def size_cells(published: str) -> Row:
    """Diameter and state for a published diameter."""
    if published in STATES:
        return {"diameter_mm": "", "state": STATES[published], "why": NO_REASON if STATES[published] == "NE" else ""}
    size_mm = Decimal(published)
    if not size_mm:
        return {"diameter_mm": "", "state": "ABSENT"}
    return {"diameter_mm": f"{size_mm.normalize():f}", "state": "MEASURED"}


def ghaffari(data_dir: Path) -> Iterator[Row]:
    """The 628 patients of studies 1 to 3."""
    by_patient: dict[str, dict[int, str]] = {}
    for row in source(data_dir, GHAFFARI):
        days = by_patient.setdefault(row["patient_id"], {})
        day, size = int(Decimal(row["treatment_day"])), row["target_lesion_long_diam_mm"]
        if days.setdefault(day, size) != size:
            raise ValueError(f"{row['patient_id']} has two sizes on day {day}")
    for patient, days in by_patient.items():
        start = DAY_ZERO + timedelta(max(0, min(days)))
        for day in sorted(days):
            yield {
                **ASSUMED,
                **size_cells(days[day]),
                "patient": patient,
                "date": str(DAY_ZERO + timedelta(day)),
                "course_start": str(start),
            }


def inspire(data_dir: Path) -> Iterator[Row]:
    """The patients of INSPIRE with a baseline and serial sizes."""
    baselines = {row["id"]: row["l_size"] for row in source(data_dir, INSPIRE_PATIENTS) if row["l_size"]}
    changes: dict[str, list[Mapping[str, str]]] = {}
    for row in source(data_dir, INSPIRE_SIZES):
        if row["id"] in baselines:
            changes.setdefault(row["id"], []).append(row)
    for patient, rows in changes.items():
        given = {"patient": patient, "course_start": str(DAY_ZERO), "course_name": "Pembrolizumab"}
        base = {**ASSUMED, **given, "drug_class": "ANTI_PD_L1"}
        yield {**base, **size_cells(baselines[patient]), "date": str(DAY_ZERO)}
        for row in sorted(rows, key=lambda row: float(row["time"])):
            yield {**base, **changed(baselines[patient], row["size_change"]), "date": str(inspire_day(row))}


def inspire_day(row: Mapping[str, str]) -> date:
    """The day of one row of INSPIRE."""
    return DAY_ZERO + timedelta(round(float(row["time"]) * 7))


def changed(baseline_mm: str, percent: str) -> Row:
    """Diameter and state after a change in percent."""
    if not percent:
        return size_cells("")
    return size_cells(str(Decimal(baseline_mm) * (100 + Decimal(percent)) / 100))
