"""Patients concluded beside bands of known width, as if the site had measured its noise."""

from collections.abc import Sequence

from patients.models import Patient
from patients.reads.timelines import patient_timeline
from patients.vocabulary import Modality
from patients.words.noise_words import NoiseSource, SizeClass
from patients.writes.findings import replace_findings
from radiomics_tasks.analysis.change.noise.bands import Bands, band_key, counted_band
from radiomics_tasks.analysis.change.noise.verdicts import SIZE_PANEL
from radiomics_tasks.analysis.conclude import conclude
from radiomics_tasks.analysis.grounds import Grounds
from tests.factories import FEATURES


def bands(
    within_sd: float,
    names: Sequence[str] = FEATURES,
    profile_digest: str = "",
    source: NoiseSource = NoiseSource.SITE_PAIRS,
    pairs: int = 40,
    modality: Modality = Modality.CT,
) -> Bands:
    """One band for every size and feature of one kind of scan in every size class."""
    keys = [
        band_key(name, modality, profile_digest, size_class)
        for name in (*SIZE_PANEL, *names)
        for size_class in SizeClass
    ]
    return Bands({key: counted_band(key, source, within_sd, pairs, lesions=pairs, patients=pairs) for key in keys})


def concluded_beside(patient: Patient, within_sd: float, **more) -> Patient:
    """Conclude a patient beside bands of this within-lesion deviation, under its own profile."""
    timeline = patient_timeline(patient.pk)
    features = next(seen.features for track in timeline.tracks for seen in track.observations if seen.features)
    found = bands(within_sd, features.names, features.profile_digest, **more)
    replace_findings(conclude(timeline, grounds=Grounds(bands=found)))
    return patient
