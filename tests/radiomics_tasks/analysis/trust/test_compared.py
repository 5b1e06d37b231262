"""The pair of scans behind a comparison: read from both scans' facts, accepted only for what blocked it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from patients.concluded.trusted import PairAccepted
from patients.timeline import PatientTimeline
from patients.vocabulary import Absence
from patients.words.trust_words import Comparability
from radiomics_tasks.analysis.conclude import conclude
from tests.radiomics_tasks.analysis.change.changing import changing

TAGS = {"RescaleSlope": 1.0, "RescaleIntercept": -1024.0}


def scanned(then: dict[str, Any], now: dict[str, Any]) -> PatientTimeline:
    """One lesion on two scans with these tags beside the common ones."""
    seen = changing([(20.0, 5.0, 4.0), (25.0, 9.0, 8.0)])
    (lesion,) = seen.tracks
    observations = tuple(replace(one, scan_pk=10 * one.timepoint_pk) for one in lesion.observations)
    visits = tuple(
        replace(visit, scans=(replace(visit.scans[0], facts={"acquisition": {**TAGS, **tags}}),))
        for visit, tags in zip(seen.timepoints, (then, now), strict=True)
    )
    return replace(seen, timepoints=visits, tracks=(replace(lesion, observations=observations),))


BLOCKED = scanned({"SliceThickness": 1.25}, {"SliceThickness": 5.0})


def word(**changed: Any) -> PairAccepted:
    (found, *_) = conclude(BLOCKED).comparisons
    codes = tuple(hit.code for hit in found.found.hits if hit.level is Comparability.BLOCK_TEXTURE)
    known = PairAccepted(1, 10, 20, found.found.rules_digest, codes, "reader", "seen", datetime(2024, 5, 1, tzinfo=UTC))
    return replace(known, **changed)


def test_a_blocked_pair_hides_texture_and_keeps_size():
    found = conclude(BLOCKED)
    (first, *_) = found.comparisons
    assert (first.found.level, first.hides_texture, first.hides_size) == (Comparability.BLOCK_TEXTURE, True, False)
    assert {reason for delta in found.deltas for reason in delta.absolute.reasons} == {Absence.NOT_COMPARABLE}
    assert first.longest_diameter_mm == (20.0, 25.0)
    assert {one.feature_set_pk for one in found.noises} == {None}


def test_a_word_for_this_pair_these_rules_and_all_that_blocks_lets_texture_be_compared():
    found = conclude(replace(BLOCKED, acceptances=(word(),)))
    assert found.comparisons[0].accepted == word()
    assert found.deltas[0].absolute.values[1] == 4.0


@pytest.mark.parametrize("changed", [{"rules_digest": "other"}, {"codes": ()}, {"now_scan_pk": 30}])
def test_a_word_for_something_else_changes_nothing(changed):
    found = conclude(replace(BLOCKED, acceptances=(word(**changed),)))
    assert found.comparisons[0].accepted is None
    assert found.deltas[0].absolute.values[1] is None


def test_what_is_blocked_as_a_whole_hides_size_and_nobody_can_accept_it():
    seen = scanned({}, {"RescaleType": "US"})
    found = conclude(replace(seen, acceptances=(word(codes=("RESCALE",)),)))
    (first, *_) = found.comparisons
    assert (first.found.level, first.accepted) == (Comparability.BLOCK, None)
    assert first.longest_diameter_mm == (None, None)
    assert found.noises == ()
