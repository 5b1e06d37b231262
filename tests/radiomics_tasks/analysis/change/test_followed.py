"""What is compared with what: one modality, the last observation of a visit, the visit of the smallest volume."""

from dataclasses import replace
from datetime import timedelta

from patients.vocabulary import Modality, Reference
from radiomics_tasks.analysis.change.followed import pairings
from tests.radiomics_tasks.analysis.change.changing import changing
from tests.timelines import FIRST_ON, features, observation, timeline, track, visit


def compared(seen) -> dict[tuple[int, Reference], int]:
    return {(one.now.timepoint_pk, one.reference): one.then.timepoint_pk for one in pairings(seen, seen.tracks[0])}


def test_references_are_baseline_the_visit_before_and_the_smallest_volume():
    found = compared(changing([(size, 1.0, 1.0) for size in (20.0, 10.0, 12.0, 15.0)]))
    assert found[4, Reference.BASELINE] == 1
    assert found[4, Reference.PREVIOUS] == 3
    assert found[4, Reference.NADIR] == 2
    assert (1, Reference.BASELINE) not in found


def test_an_earlier_scan_of_another_kind_is_compared_only_where_there_is_no_other():
    later = FIRST_ON + timedelta(56)
    seen = track(
        1,
        [
            observation(1, FIRST_ON, 10.0, features(1, [1.0, 1.0, 1.0])),
            observation(2, later, 11.0, features(2, [1.0, 1.0, 1.0])),
            observation(2, later, 12.0, features(3, [1.0, 1.0, 1.0], profile="pet"), modality=Modality.PT, scan_pk=9),
        ],
    )
    patient = timeline([visit(1, FIRST_ON), visit(2, later)], [seen])
    found = [(one.now.modality, one.then.modality) for one in pairings(patient, seen)]
    assert set(found) == {(Modality.CT, Modality.CT), (Modality.PT, Modality.CT)}


def test_of_two_scans_of_one_visit_the_last_with_features_counts():
    patient = changing([(10.0, 1.0, 1.0), (11.0, 1.0, 1.0)])
    first, second = patient.tracks[0].observations
    bare = replace(second, scan_pk=77, features=None, observed_on=second.observed_on + timedelta(1))
    seen = replace(patient.tracks[0], observations=(first, second, bare))
    (one, *_) = pairings(replace(patient, tracks=(seen,)), seen)
    assert one.now.observation.scan_pk == second.scan_pk
    assert one.interval_days == 56
