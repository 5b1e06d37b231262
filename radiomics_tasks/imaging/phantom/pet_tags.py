"""What a PET series says about its tracer, dose, times and units."""

from datetime import datetime

from pydicom.dataset import Dataset

# PS3.16 CID 4020 (radionuclides) and CID 4021 (radiopharmaceuticals), with the half-lives of QIBA's profile.
NUCLIDES = {
    "F-18": ("77004003", "^18^Fluorine", 6586.2, "35321007", "Fluorodeoxyglucose F^18^"),
    "Ga-68": ("80751004", "^68^Gallium", 4057.74, "438345000", "Edotreotide Ga^68^"),
}


def pet_tags(
    *,
    injected_at: datetime | None,
    nuclide: str = "F-18",
    half_life_s: float | None = None,
    dose_bq: float | None = 370e6,
    weight_kg: float | None = 70.0,
    units: str = "BQML",
    decay_correction: str | None = "START",
    corrected: tuple[str, ...] = ("ATTN", "SCAT", "DECY", "RAN", "DTIM", "NORM"),
    series_time: str = "110000",
    acquisition_time: str = "110000",
    has_full_injection_moment: bool = True,
) -> dict[str, object]:
    """Elements for `write_series(..., modality="PT", tags=...)`; None leaves an element out.

    Parameters
    ----------
    injected_at
        Moment of administration, in the scanner's own clock.
    nuclide
        "F-18" or "Ga-68".
    half_life_s
        Overrides the nuclide's half-life, in seconds.
    dose_bq, weight_kg
        Injected activity in Bq, body weight in kg.
    units, decay_correction, corrected
        Units (0054,1001), Decay Correction (0054,1102), Corrected Image (0028,0051).
    series_time, acquisition_time
        HHMMSS, for all slices; give `slice_tags` for beds of their own.
    has_full_injection_moment
        False writes the time of day only (0018,1072), as older scanners do.
    """
    code, meaning, usual_half_life_s, drug_code, drug = NUCLIDES[nuclide]
    tracer = Dataset()
    tracer.Radiopharmaceutical = drug.split(" ", maxsplit=1)[0]
    if injected_at is not None:
        tracer.RadiopharmaceuticalStartTime = injected_at.strftime("%H%M%S")
        if has_full_injection_moment:
            tracer.RadiopharmaceuticalStartDateTime = injected_at.strftime("%Y%m%d%H%M%S")
    if dose_bq is not None:
        tracer.RadionuclideTotalDose = dose_bq
    tracer.RadionuclideHalfLife = usual_half_life_s if half_life_s is None else half_life_s
    tracer.RadionuclidePositronFraction = 0.967
    tracer.RadionuclideCodeSequence = [_code(code, meaning)]
    tracer.RadiopharmaceuticalCodeSequence = [_code(drug_code, drug)]
    return {
        "RadiopharmaceuticalInformationSequence": [tracer],
        "PatientWeight": weight_kg,
        "Units": units,
        "DecayCorrection": decay_correction,
        "CorrectedImage": list(corrected),
        "SeriesTime": series_time,
        "AcquisitionTime": acquisition_time,
        "DecayFactor": 1.0,
    }


def _code(value: str, meaning: str) -> Dataset:
    ds = Dataset()
    ds.CodeValue, ds.CodingSchemeDesignator, ds.CodeMeaning = value, "SCT", meaning
    return ds
