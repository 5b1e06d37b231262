"""Every change of a visit beside its noise: sizes and textures together in one family of tests."""

import pytest

from patients.vocabulary import Reference
from patients.words.noise_words import NoiseSource, NoiseVerdict
from radiomics_tasks.analysis.change.noise.multiplicity import q_values
from radiomics_tasks.analysis.change.noise.visits import panel_places
from tests.radiomics_tasks.analysis.change.changing import beside, changing
from tests.timelines import NAMES

SEEN = changing([(20.0, 5.0, 4.0), (20.5, 9.0, 4.0), (30.0, 9.0, 8.0)], [(20.0, 5.0, 4.0)] * 3)


def test_q_values_are_over_all_lesions_references_and_sizes_of_one_visit():
    for visit in (2, 3):
        noises = [one for one in beside(SEEN).noises if one.timepoint_pk == visit]
        p = [value for one in noises for value in one.p if value is not None]
        q = [value for one in noises for value in one.q if value is not None]
        assert q == pytest.approx(q_values(p))
        assert len(p) == 2 * 3 * (2 + 3)


def test_a_panel_counts_sizes_and_panel_features_and_expects_one_in_twenty():
    (visit, _) = beside(SEEN).visits
    (panel,) = visit.panels
    # MeshVolume is not of the panel: two sizes, Mean and Contrast, of two lesions against three references.
    assert panel.expected == pytest.approx(1.2)
    assert (panel.outside, panel.made) == (3, 24)
    assert panel.sentence == "3 of 24 outside noise, about 1.2 expected by chance"
    sizes, texture = beside(SEEN).noises[:2]
    assert (panel_places(sizes, {}), panel_places(texture, {1: NAMES})) == ((0, 1), (1, 2))


def test_scans_of_one_day_are_no_change_and_are_not_judged():
    assert beside(changing([(20.0, 5.0, 4.0), (25.0, 9.0, 4.0)], days=0)).noises == ()


def test_beside_perturbation_there_is_no_p_and_no_outside():
    noises = beside(SEEN, source=NoiseSource.PERTURBATION).noises
    assert {value for one in noises for value in (*one.p, *one.q)} == {None}
    assert NoiseVerdict.OUTSIDE not in {verdict for one in noises for verdict in one.verdicts}
    assert {one.reference for one in noises} == set(Reference)
