"""PET values to SUV by body weight: the factor of each slice, and how it was found."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pydicom.dataset import Dataset
from pydicom.tag import Tag

from patients.vocabulary import Unit
from radiomics_tasks.errors import Refusal
from radiomics_tasks.imaging.series.header import Header, finite, number, text
from radiomics_tasks.imaging.series.moments import date_time, moment, time_of_day
from radiomics_tasks.imaging.series.tracer import (
    CORRECT_AT_SOURCE,
    EXPORT_WHOLE,
    dose_bq,
    half_life_s,
    tracer_name,
    tracer_of,
)

WEIGHTS_KG = (2.0, 400.0)
MAX_HALF_LIVES = 5
# Without a half-life, how long after its injection a tracer may be looked at.
LONGEST_UPTAKE_S = 7200.0
INJECTION = (
    "RadionuclideTotalDose",
    "RadionuclideHalfLife",
    "RadiopharmaceuticalStartTime",
    "RadiopharmaceuticalStartDateTime",
)
OWN_UNITS = {
    "BW": Unit.SUV_BW,
    "": Unit.SUV_BW,
    "LBM": Unit.SUV_LBM,
    "LBMJAMES128": Unit.SUV_LBM,
    "LBMJANMA": Unit.SUV_LBM,
    "BSA": Unit.SUV_BSA,
    "IBW": Unit.SUV_IBW,
}
_GE_PETD = "GEMS_PETD_01"


@dataclass(frozen=True, slots=True)
class SuvScaling:
    """Factors by which rescaled values become SUV, one for each slice, in the order of the slices.

    `facts` tells how they were found: units, reference time, elapsed seconds, dose and so on.
    """

    unit: Unit
    factors: tuple[float, ...]
    facts: dict[str, object]
    notes: tuple[Refusal, ...] = ()


def suv_scaling(headers: Sequence[Header]) -> SuvScaling:
    """How the values of a PET series become SUV.

    SUVbw = C · W / D′: C in Bq/mL, W the weight in g, D′ the dose at the time the voxels are decay-corrected to.
    An image that is in SUV already keeps its values.

    Raises
    ------
    Refusal
        E_SUV_UNITS, E_SUV_DECAY, E_SUV_TIME, E_SUV_DOSE, E_SUV_HALF_LIFE, E_SUV_WEIGHT or E_SUV_NUCLIDE,
        naming what is missing or wrong.

    References
    ----------
    QIBA SUV pseudo-code; IBSI SUV recommendations; DICOM PS3.3 C.8.9.
    """
    scaling = _scaling(headers)
    return replace(scaling, facts=told_of_injection(headers) | scaling.facts)


def _scaling(headers: Sequence[Header]) -> SuvScaling:
    units = headers[0].text("Units").upper()
    if units == "GML":
        return _already_suv(headers)
    if units == "CNTS":
        return _from_counts(headers)
    if units == "BQML":
        return _from_activity(headers, [1.0] * len(headers), units)
    if not units:
        raise Refusal("E_SUV_UNITS", "SUV is undefined: the Units of the PET are missing. Export it again in Bq/mL.")
    raise Refusal("E_SUV_UNITS", "SUV is undefined: the PET is neither in Bq/mL nor in SUV. Export it in Bq/mL.")


def _already_suv(headers: Sequence[Header]) -> SuvScaling:
    kind = headers[0].text("SUVType").upper()
    if kind not in OWN_UNITS:
        raise Refusal(
            "E_SUV_UNITS",
            "SUV is undefined: the kind of SUV that the PET states is not known here. Export it in Bq/mL.",
        )
    facts: dict[str, object] = {"units": "GML", "suv_type": kind or "BW", "method": "already SUV, factor 1"}
    return SuvScaling(OWN_UNITS[kind], (1.0,) * len(headers), facts)


def _from_counts(headers: Sequence[Header]) -> SuvScaling:
    to_suv = [_private_number(header, 0x00) for header in headers]
    if all(factor is not None for factor in to_suv):
        factors = tuple(factor for factor in to_suv if factor is not None)
        facts: dict[str, object] = {"units": "CNTS", "method": "manufacturer's SUV factor (7053,1000)"}
        return SuvScaling(Unit.SUV_BW, factors, facts)
    to_activity = [_private_number(header, 0x09) for header in headers]
    found = [factor for factor in to_activity if factor is not None]
    if len(found) == len(headers):
        return _from_activity(headers, found, "CNTS")
    sentence = "SUV is undefined: the PET is in counts and the manufacturer's factor is missing. Export it in Bq/mL."
    raise Refusal("E_SUV_UNITS", sentence)


def _private_number(header: Header, element: int) -> float | None:
    """A positive factor of Philips' block, which always stands at (7053,10xx)."""
    tag = Tag(0x7053, 0x1000 + element)
    if tag not in header.ds:
        return None
    value = header.ds[tag].value
    factor = finite(value.decode("latin-1") if isinstance(value, bytes) else str(value))
    return factor if factor is not None and factor > 0 else None


def _from_activity(headers: Sequence[Header], to_activity: Sequence[float], units: str) -> SuvScaling:
    _check_one_injection(headers)
    first = headers[0]
    correction = _decay_correction(first)
    tracer = tracer_of(first)
    weight_kg = _weight_kg(first)
    dose = dose_bq(tracer)
    half_life = half_life_s(tracer)
    facts: dict[str, object] = {
        "units": units,
        "method": "C · W / D′",
        "decay_correction": correction,
        "weight_kg": weight_kg,
        "dose_bq": dose,
        "half_life_s": half_life,
    }
    notes: tuple[Refusal, ...] = ()
    remaining_bq = dose
    if correction == "START":
        reference, source = _reference_time(headers)
        elapsed_s, notes = _elapsed_s(tracer, reference, half_life)
        remaining_bq = dose * 2.0 ** (-elapsed_s / half_life)
        facts |= {"reference_time": reference.isoformat(), "reference_source": source, "elapsed_s": elapsed_s}
    facts["dose_at_reference_bq"] = remaining_bq
    factors = tuple(factor * weight_kg * 1000.0 / remaining_bq for factor in to_activity)
    return SuvScaling(Unit.SUV_BW, factors, facts, notes)


def _check_one_injection(headers: Sequence[Header]) -> None:
    """All slices must tell of the same patient's weight and the same injection."""
    told = set()
    for header in headers:
        tracer = tracer_of(header)
        told.add((header.text("PatientWeight"), *(text(tracer, keyword) for keyword in INJECTION)))
    if len(told) > 1:
        raise Refusal("E_MIXED_UNITS", "The slices tell of different weights or injections. Send one series at a time.")


def _decay_correction(header: Header) -> str:
    correction = header.text("DecayCorrection").upper()
    if correction not in ("START", "ADMIN"):
        word = "missing" if not correction else f"{correction}: the values were not corrected for decay"
        raise Refusal("E_SUV_DECAY", f"SUV is undefined: Decay Correction is {word}. Export the corrected PET.")
    corrections = {word.upper() for word in header.words("CorrectedImage")}
    if "DECY" not in corrections:
        sentence = (
            "SUV is undefined: Decay Correction and Corrected Image contradict each other (DECY is missing). "
            "Export the corrected PET as the scanner made it."
        )
        raise Refusal("E_SUV_DECAY", sentence)
    if "ATTN" not in corrections:
        sentence = "SUV is undefined: the PET was not corrected for attenuation. Send the series that is."
        raise Refusal("E_SUV_DECAY", sentence)
    return correction


def _weight_kg(header: Header) -> float:
    weight = header.number("PatientWeight")
    if not weight:
        sentence = f"SUV is undefined: the patient's weight is missing. {EXPORT_WHOLE}"
        raise Refusal("E_SUV_WEIGHT", sentence)
    if not WEIGHTS_KG[0] <= weight <= WEIGHTS_KG[1]:
        sentence = f"SUV is undefined: a patient's weight of {weight:g} kg cannot be right. {CORRECT_AT_SOURCE}"
        raise Refusal("E_SUV_WEIGHT", sentence)
    return weight


def _reference_time(headers: Sequence[Header]) -> tuple[datetime, str]:
    """The moment to which voxels corrected to START are decay-corrected, and where it was found."""
    moments = [moment(header, "AcquisitionDate", "AcquisitionTime") for header in headers]
    acquired = [moment for moment in moments if moment is not None]
    earliest = min(acquired) if acquired else None
    series = moment(headers[0], "SeriesDate", "SeriesTime")
    if series is not None and earliest is not None and series <= earliest:
        return series, "SeriesTime"
    if (private := _ge_scan_moment(headers[0])) is not None:
        return private, "GE scan time (0009,100d)"
    if earliest is not None and len(acquired) == len(headers):
        return earliest, "earliest AcquisitionTime"
    raise Refusal("E_SUV_TIME", f"SUV is undefined: the start of the PET acquisition is missing. {EXPORT_WHOLE}")


def told_of_injection(headers: Sequence[Header]) -> dict[str, object]:
    """What a PET says of its injection, for comparing scans: what is missing or makes no sense is left out.

    It asks for nothing: an image that is in SUV already needs none of it.
    """
    first = headers[0]
    tracer = next(iter(first.ds.get("RadiopharmaceuticalInformationSequence") or []), Dataset())
    told: dict[str, object] = {
        "decay_correction": first.text("DecayCorrection").upper(),
        "radiopharmaceutical": tracer_name(tracer),
    }
    numbers = {
        "weight_kg": first.number("PatientWeight"),
        "dose_bq": number(tracer, "RadionuclideTotalDose"),
        "half_life_s": number(tracer, "RadionuclideHalfLife"),
    }
    told |= {name: value for name, value in numbers.items() if value is not None and value > 0}
    try:
        reference, _ = _reference_time(headers)
        told["elapsed_s"] = _elapsed_s(tracer, reference, numbers["half_life_s"] or LONGEST_UPTAKE_S)[0]
    except Refusal:
        return told
    return told


def _ge_scan_moment(header: Header) -> datetime | None:
    try:
        block = header.ds.private_block(0x0009, _GE_PETD)
        value = block[0x0D].value
    except KeyError:
        return None
    return date_time(value.decode("latin-1") if isinstance(value, bytes) else str(value))


def _elapsed_s(tracer: Dataset, reference: datetime, half_life: float) -> tuple[float, tuple[Refusal, ...]]:
    full = date_time(text(tracer, "RadiopharmaceuticalStartDateTime"))
    if full is not None:
        elapsed = (reference - full).total_seconds()
        return _plausible(elapsed, MAX_HALF_LIVES * half_life), ()
    clock = time_of_day(text(tracer, "RadiopharmaceuticalStartTime"))
    if clock is None:
        raise Refusal("E_SUV_TIME", f"SUV is undefined: the time of the injection is missing. {EXPORT_WHOLE}")
    injected = datetime.combine(reference.date(), datetime.min.time()) + clock
    elapsed = (reference - injected).total_seconds()
    limit = min(MAX_HALF_LIVES * half_life, 86400.0)
    if elapsed >= 0:
        return _plausible(elapsed, limit), ()
    note = Refusal("W_SUV_MIDNIGHT", "The injection is taken to be on the day before the scan (midnight between them).")
    return _plausible(elapsed + 86400.0, limit), (note,)


def _plausible(elapsed: float, limit: float) -> float:
    if not 0 <= elapsed <= limit:
        sentence = f"SUV is undefined: the times of injection and scan do not fit together. {CORRECT_AT_SOURCE}"
        raise Refusal("E_SUV_TIME", sentence)
    return elapsed
