"""Aorta and liver are found where they are, on made-up and real scans, and nowhere else."""

from dataclasses import replace
from time import process_time

import numpy as np
import pytest
from scipy import ndimage

from radiomics_tasks.imaging.dicom import read_series
from radiomics_tasks.imaging.phantom.cohort import DEMO_PATIENTS
from radiomics_tasks.imaging.phantom.patient_out import recipe_of
from radiomics_tasks.imaging.phantom.picture.tissue import Phase
from radiomics_tasks.imaging.phantom.scan import made_scan
from radiomics_tasks.imaging.probes.measured import TURNED, probe_facts
from radiomics_tasks.imaging.volume import Grid, Volume
from tests.radiomics_tasks.imaging.scans import DEMO_DATES, files, turned_about_x

PATIENTS = {patient.pseudonym: patient for patient in DEMO_PATIENTS}


def demo_volume(pseudonym: str, visit: int, phase: Phase | None = None) -> Volume:
    """One scan of a demo patient, in its own phase of contrast or another."""
    planned = recipe_of(PATIENTS[pseudonym], visit, 0)
    recipe = replace(planned, phase=phase or planned.phase)
    grid = Grid(recipe.grid.shape_zyx, recipe.grid.spacing_mm, recipe.grid.origin_mm)
    return Volume(grid, made_scan(recipe).array_zyx.astype(np.float32), "HU")


def test_a_chest_with_upper_abdomen_gives_both_in_the_portal_phase():
    probes = probe_facts(demo_volume("SYN-01", 0))["probes"]
    assert probes["aorta_hu"] == pytest.approx(160, abs=8)
    assert probes["liver_hu"] == pytest.approx(110, abs=5)
    assert probes["where"]["liver_hu"][0] < -40 < 0 < probes["where"]["aorta_hu"][0] < 40


def test_what_was_not_found_has_a_sentence_and_no_value():
    facts = probe_facts(demo_volume("SYN-04", 0))
    assert facts["probes"]["aorta_hu"] == pytest.approx(160, abs=8)
    assert "liver_hu" not in facts["probes"]
    assert facts["probes_why"] == ["Liver: no even mass of 200 mL was found on the patient's right."]


@pytest.mark.parametrize(("pseudonym", "visit"), [("SYN-01", 0), ("SYN-03", 3)])
def test_in_the_arterial_phase_both_are_found_and_as_far_from_the_portal_phase(pseudonym, visit):
    probes = probe_facts(demo_volume(pseudonym, visit, Phase.ARTERIAL))["probes"]
    assert probes["aorta_hu"] == pytest.approx(300, abs=8)
    assert probes["liver_hu"] == pytest.approx(85, abs=5)


def test_the_demo_patient_of_the_phase_trap_is_seen_through_and_a_sharp_kernel_moves_nothing():
    portal, arterial = (probe_facts(demo_volume("SYN-10", visit))["probes"]["liver_hu"] for visit in (0, 1))
    usual, sharp = (probe_facts(demo_volume("SYN-09", visit))["probes"]["liver_hu"] for visit in (0, 2))
    assert (portal, arterial) == (pytest.approx(110, abs=5), pytest.approx(85, abs=5))
    assert usual == pytest.approx(sharp, abs=3)


@pytest.mark.parametrize("visit", DEMO_DATES)
def test_a_real_abdomen_gives_the_same_at_each_visit(data_dir, visit):
    paths = files(data_dir / "demo_longitudinal_simulated" / "DEMO-LIVER-01" / visit / "CT")
    probes = probe_facts(read_series(paths).volume)["probes"]
    # One scan under simulated lesions and noise: its vessels and its parenchyma are the same at each visit.
    assert 125 <= probes["aorta_hu"] <= 137
    assert 119 <= probes["liver_hu"] <= 125


@pytest.mark.parametrize("place", ["sts_ct_pet_mr/STS_002/dicom/CT/image", "sts_ct_pet_mr/STS_002/dicom/PET/image"])
def test_a_real_thigh_has_neither(data_dir, place):
    facts = probe_facts(read_series(files(data_dir / place)).volume)
    assert facts["probes"] == {}
    assert facts["probes_why"]


def test_a_real_tumour_in_the_lung_is_no_liver(data_dir):
    facts = probe_facts(read_series(files(data_dir / "ibsi1_ct_phantom/dicom/image")).volume)
    assert "liver_hu" not in facts["probes"]


def test_oblique_slices_are_not_searched():
    grid = Grid((8, 40, 40), (4.0, 4.0, 4.0), (0.0, 0.0, 0.0), turned_about_x(20))
    volume = Volume(grid, np.zeros(grid.shape, dtype=np.float32), "HU")
    assert probe_facts(volume) == {"probes": {}, "probes_why": [TURNED]}


def test_mr_has_no_probe():
    grid = Grid((8, 40, 40), (4.0, 4.0, 4.0), (0.0, 0.0, 0.0))
    assert probe_facts(Volume(grid, np.ones(grid.shape, dtype=np.float32), "AU")) == {"probes": {}, "probes_why": []}


def pet(liver_suv: float, *, is_mirrored: bool = False) -> Volume:
    """A trunk of SUV 0.6 with an even organ on the right, noise as of a scanner."""
    z, y, x = np.meshgrid(np.arange(50) * 4.0, np.arange(80) * 4.0 - 160, np.arange(100) * 4.0 - 200, indexing="ij")
    body = (x / 170) ** 2 + (y / 110) ** 2 < 1
    side = -1 if not is_mirrored else 1
    organ = ((x - side * 75) / 60) ** 2 + (y / 65) ** 2 + ((z - 100) / 70) ** 2 < 1
    noise = ndimage.gaussian_filter(np.random.default_rng(5).standard_normal(x.shape), 1.0)
    array = (0.6 * body + (liver_suv - 0.6) * organ + 0.3 * noise * body).astype(np.float32)
    return Volume(Grid(array.shape, (4.0, 4.0, 4.0), (-200.0, -160.0, 0.0)), array, "SUVbw")


def test_the_liver_of_a_pet_is_a_ball_on_the_right():
    probes = probe_facts(pet(2.4))["probes"]
    assert probes["liver_suv"] == pytest.approx(2.4, abs=0.05)
    assert probes["where"]["liver_suv"][0] == pytest.approx(-75, abs=20)


@pytest.mark.parametrize("volume", [pet(2.4, is_mirrored=True), pet(0.7), pet(9.0)], ids=["left", "cold", "hot"])
def test_a_pet_without_such_an_organ_has_no_probe(volume):
    assert probe_facts(volume)["probes"] == {}


def test_a_chest_ct_is_searched_in_little_time():
    volume = demo_volume("SYN-16", 0)
    begun = process_time()
    probe_facts(volume)
    assert process_time() - begun < 3  # 0.5 s where nothing else runs
