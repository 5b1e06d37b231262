"""Size and texture disagree only where one is outside its noise and the other is known to be within."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from patients.vocabulary import Modality
from patients.words.noise_words import NoiseSource
from radiomics_tasks.analysis.change.discordant import SIZE_ONLY, TEXTURE_ONLY
from radiomics_tasks.analysis.change.noise.bands import chosen_bands
from radiomics_tasks.analysis.conclude import conclude
from radiomics_tasks.analysis.grounds import Grounds
from tests.noisy import bands
from tests.radiomics_tasks.analysis.change.changing import beside, changing
from tests.timelines import FIRST_ON, NAMES, features, observation

SAME = (20.0, 5.0, 4.0)


def on(visit: int) -> date:
    return FIRST_ON + timedelta(56 * (visit - 1))


def test_texture_alone_and_size_alone():
    texture, size = beside(changing([SAME, (20.1, 9.0, 4.0)])), beside(changing([SAME, (30.0, 5.0, 4.0)]))
    (first,), (second,) = texture.discordances, size.discordances
    assert (first.kind, first.seen_on, first.features) == (TEXTURE_ONLY, on(2), ("original_firstorder_Mean",))
    assert first.sentence == "1 texture feature outside noise; the change of size is smaller than what can be measured"
    assert (second.kind, second.features) == (SIZE_ONLY, ())
    assert second.sentence.startswith("volume and longest diameter outside noise; of texture nothing")


@pytest.mark.parametrize("now", [(20.1, 5.01, 4.01), (40.0, 9.0, 8.0)])
def test_both_within_or_both_outside_is_no_disagreement(now):
    assert beside(changing([SAME, now])).discordances == ()


def test_where_no_repeatability_is_known_nothing_is_said():
    found = conclude(changing([SAME, (20.1, 9.0, 4.0)]))
    assert found.discordances == ()
    assert [one.texture_on for one in found.departures] == [None]


def test_beside_a_lower_bound_it_is_marked():
    beside_bound = beside(changing([SAME, (20.1, 9.0, 4.0)]), source=NoiseSource.PERTURBATION)
    (found,), (left,) = beside_bound.discordances, beside_bound.departures
    assert found.is_lower_bound
    assert found.sentence.startswith("1 texture feature exceeds the perturbation lower bound; ")
    assert "outside noise" not in found.sentence
    assert left.sentence.endswith("a band from perturbation is a lower bound")


@pytest.mark.parametrize(
    ("later", "lead_days", "sentence"),
    [
        ([(20.1, 9.0, 4.0), (30.0, 9.0, 4.0)], 56, "First order Mean left its noise band 56 days before size"),
        ([(30.0, 5.0, 4.0), (30.0, 9.0, 4.0)], -56, "Size left its noise band 56 days before texture"),
        ([(30.0, 9.0, 4.0), (30.0, 9.0, 4.0)], 0, "Size and texture left their noise bands on the same date"),
        ([SAME, SAME], None, "Neither size nor texture of the panel has left its noise band"),
    ],
)
def test_which_left_its_band_first_and_by_how_many_days(later, lead_days, sentence):
    (found,) = beside(changing([SAME, *later])).departures
    assert (found.lead_days, found.sentence) == (lead_days, sentence)


def test_which_was_first_is_not_told_where_a_scan_before_cannot_be_judged():
    """On the second date texture has no value: when it left its band is not known."""
    known = changing([SAME, SAME, (30.0, 5.0, 4.0), (30.0, 9.0, 4.0)])
    (sure,) = beside(known).departures
    assert (sure.lead_days, sure.sentence) == (-56, "Size left its noise band 56 days before texture")
    missing = changing([SAME, (20.0, None, None), (30.0, 5.0, 4.0), (30.0, 9.0, 4.0)])
    (unsure,) = beside(missing).departures
    assert (unsure.size_on, unsure.texture_on, unsure.lead_days) == (on(3), on(4), None)
    assert "which was first is not known" in unsure.sentence
    (alone,) = beside(changing([SAME, (20.0, None, None), (30.0, 5.0, 4.0)])).departures
    assert alone.sentence.endswith("whether texture has is not known")


def test_each_kind_of_scan_of_a_visit_is_told_with_its_own_day():
    """On CT texture leaves its band alone, on MR four days later size does: two dates of one lesion and visit."""
    ct = changing([SAME, (20.1, 9.0, 4.0)])
    (lesion,) = ct.tracks
    mr = [
        observation(
            place + 1,
            on(place + 1) + timedelta(4),
            size,
            features(200 + place, [size**3, 5.0, 4.0], feature_set_pk=2),
            modality=Modality.MR,
            scan_pk=50 + place,
        )
        for place, size in enumerate((20.0, 30.0))
    ]
    both = replace(ct, tracks=(replace(lesion, observations=(*lesion.observations, *mr)),))
    measured = bands(0.05, NAMES, "ct"), bands(0.05, NAMES, "ct", modality=Modality.MR)
    found = conclude(both, grounds=Grounds(bands=chosen_bands(measured))).discordances
    assert [(one.timepoint_pk, one.kind, one.seen_on) for one in found] == [
        (2, TEXTURE_ONLY, on(2)),
        (2, SIZE_ONLY, on(2) + timedelta(4)),
    ]
