"""What is planted in the demo's textures, held against the noise of scanning the same lesions again."""

import pytest

from radiomics_tasks.imaging.phantom.cohort import DEMO_PATIENTS
from radiomics_tasks.imaging.phantom.picture.tissue import TISSUES, Look, Phase, tissue_of
from tests.radiomics_tasks.imaging.phantom.textures import joint_entropies, noise_units

PATIENTS = {patient.pseudonym: patient for patient in DEMO_PATIENTS}
# The scan that calls the progression, of liver lesions: what later was none, and what was confirmed.
LATE_RESPONSES = (("SYN-03", "liver 1"), ("SYN-03", "liver 2"), ("SYN-18", "liver 1"), ("SYN-18", "liver 2"))
PROGRESSIONS = (("SYN-02", "liver 1"), ("SYN-02", "liver 2"), ("SYN-06", "liver 1"))
REPEATS = 8


def test_the_arterial_phase_changes_what_blood_fills() -> None:
    assert tissue_of(Look.LUNG_CAVITY, Phase.ARTERIAL) == TISSUES[Look.LUNG_CAVITY]
    early, late = (tissue_of(Look.LIVER_METASTASIS, phase) for phase in (Phase.ARTERIAL, Phase.PORTAL))
    assert early.viable < late.viable and (early.rim or 0) > (late.rim or 0)


@pytest.mark.texture
def test_one_lesion_gains_four_noise_units_of_entropy() -> None:
    assert noise_units(PATIENTS["SYN-02"], (0, 2), "liver 1", 24) == pytest.approx(4, abs=0.5)


@pytest.mark.texture
@pytest.mark.parametrize("visit", [1, 2])
def test_one_lesion_grows_without_a_change_of_texture(visit: int) -> None:
    assert abs(noise_units(PATIENTS["SYN-02"], (0, visit), "liver 2", REPEATS)) < 1.96


@pytest.mark.texture
@pytest.mark.parametrize("visit", [1, 3])
def test_unchanged_disease_has_unchanged_texture(visit: int) -> None:
    assert abs(noise_units(PATIENTS["SYN-09"], (0, visit), "liver 1", REPEATS)) < 1.96


@pytest.mark.texture
def test_a_sharp_kernel_looks_like_a_change_of_texture() -> None:
    assert noise_units(PATIENTS["SYN-09"], (0, 2), "liver 1", REPEATS) > 4


@pytest.mark.texture
def test_two_scans_a_day_differ_by_noise_alone() -> None:
    patient = PATIENTS["SYN-12"]
    assert abs(noise_units(patient, (0, 1), "liver 1", REPEATS)) < 1.96
    assert len(set(joint_entropies(patient, 0, "liver 1", REPEATS))) == REPEATS


@pytest.mark.texture
def test_textures_of_true_and_false_progression_overlap() -> None:
    false, true = (
        [noise_units(PATIENTS[pseudonym], (0, 1), name, REPEATS) for pseudonym, name in lesions]
        for lesions in (LATE_RESPONSES, PROGRESSIONS)
    )
    assert min(sum(false), sum(true)) > 0
    assert min(false) < max(true) and min(true) < max(false)
