"""Timeline in, findings out: which observations are compared, and how long it takes."""

import time
from datetime import date, timedelta

import pytest

from patients.findings import Delta, PatientFindings
from patients.timeline import Features, LesionTrack, Observation, PatientTimeline
from patients.vocabulary import Absence, LesionRole, Modality, Reference
from patients.words.noise_words import NoiseVerdict
from radiomics_tasks.analysis.conclude import conclude
from tests.timelines import FIRST_ON, course, features, observation, timeline, track, visit

DATES = [FIRST_ON + timedelta(56 * index) for index in range(4)]


def values(pk: int, mean: float) -> Features:
    return features(pk, (100.0, mean, 10.0))


def patient(*observations: Observation, dates: list[date] = DATES, starts: int = 0) -> PatientTimeline:
    visits = [visit(pk, on) for pk, on in enumerate(dates, start=1)]
    return timeline(visits, [track(1, observations)], [course(dates[starts])])


def references(findings: PatientFindings) -> dict[tuple[int, str], int]:
    return {(d.timepoint_pk, d.reference): d.reference_snapshot_pk for d in findings.deltas}


def seen(pk: int, size: float | None = 10.0, features_: Features | None = None) -> Observation:
    return observation(pk, DATES[pk - 1], size, features_ or (values(pk, float(pk)) if size is not None else None))


def test_baseline_previous_and_volume_nadir() -> None:
    found = references(conclude(patient(seen(1, 20.0), seen(2, 12.0), seen(3, 15.0), seen(4, 16.0))))
    assert found == {
        (2, Reference.BASELINE): 1,
        (2, Reference.PREVIOUS): 1,
        (2, Reference.NADIR): 1,
        (3, Reference.BASELINE): 1,
        (3, Reference.PREVIOUS): 2,
        (3, Reference.NADIR): 2,
        (4, Reference.BASELINE): 1,
        (4, Reference.PREVIOUS): 3,
        (4, Reference.NADIR): 2,
    }


def test_the_first_of_equal_nadirs_counts() -> None:
    found = references(conclude(patient(seen(1, 20.0), seen(2, 12.0), seen(3, 12.0), seen(4))))
    assert found[4, Reference.NADIR] == 2


def test_a_visit_without_an_outline_is_passed_over() -> None:
    found = references(conclude(patient(seen(1), seen(2, None), seen(3))))
    assert found[3, Reference.PREVIOUS] == 1
    assert not any(timepoint == 2 for timepoint, _ in found)


def test_a_lesion_that_was_not_outlined_at_baseline_has_no_baseline_delta() -> None:
    found = references(conclude(patient(seen(2), seen(3))))
    assert found == {(3, Reference.PREVIOUS): 2, (3, Reference.NADIR): 2}


def test_a_nadir_without_features_is_not_replaced_by_another_visit() -> None:
    small = observation(2, DATES[1], 5.0)
    found = references(conclude(patient(seen(1, 20.0), small, seen(3))))
    assert (3, Reference.NADIR) not in found
    assert found[3, Reference.PREVIOUS] == 1


def test_sizes_from_before_the_baseline_are_no_nadir() -> None:
    found = references(conclude(patient(seen(1, 5.0), seen(2, 20.0), seen(3, 30.0), starts=1)))
    assert found[3, Reference.NADIR] == 2
    assert found[2, Reference.PREVIOUS] == 1
    assert (2, Reference.NADIR) not in found


def test_without_a_size_there_is_no_nadir() -> None:
    unsized = observation(1, DATES[0], None, values(1, 1.0))
    found = references(conclude(patient(unsized, seen(2))))
    assert found == {(2, Reference.BASELINE): 1, (2, Reference.PREVIOUS): 1}


def test_each_kind_of_scan_is_followed_by_itself() -> None:
    def on(pk: int, modality: Modality, snapshot_pk: int) -> Observation:
        taken = features(snapshot_pk, (1.0, 2.0, 3.0), profile=modality, feature_set_pk=ord(modality[0]))
        return observation(pk, DATES[pk - 1], 10.0, taken, modality=modality)

    findings = conclude(
        patient(on(1, Modality.CT, 11), on(1, Modality.PT, 12), on(2, Modality.CT, 21), on(2, Modality.PT, 22))
    )
    pairs = {(d.snapshot_pk, d.reference_snapshot_pk) for d in findings.deltas}
    assert pairs == {(21, 11), (22, 12)}


def test_another_kind_of_scan_is_named_and_not_compared() -> None:
    mr = observation(1, DATES[0], 10.0, features(1, (1.0, 2.0, 3.0), profile="mr"), modality=Modality.MR)
    findings = conclude(patient(mr, seen(2)))
    assert [d.reference for d in findings.deltas] == list(Reference)
    assert {reason for d in findings.deltas for reason in d.absolute.reasons} == {Absence.PROFILE_DIFFERS}


def test_two_scans_of_one_visit_count_once_the_one_with_features() -> None:
    later = observation(2, DATES[1] + timedelta(3), 10.0, None, scan_pk=9)
    latest = observation(2, DATES[1] + timedelta(4), 10.0, values(8, 8.0), scan_pk=8)
    found = conclude(patient(seen(1), seen(2), later)).deltas
    assert {d.snapshot_pk for d in found} == {2}
    assert {d.snapshot_pk for d in conclude(patient(seen(1), seen(2), latest)).deltas} == {8}


def test_nothing_seen_nothing_concluded() -> None:
    assert conclude(timeline([], [])) == PatientFindings(1)


def large() -> PatientTimeline:
    names = tuple(f"wavelet-LLH_glcm_Feature{i}" if i % 2 else f"original_shape_F{i}" for i in range(1316))
    dates = [FIRST_ON + timedelta(56 * i) for i in range(8)]
    tracks: list[LesionTrack] = []
    for lesion in range(1, 6):
        rows = [
            observation(
                i + 1, on, 20.0 + i, features(100 * lesion + i, [float(i + j) for j in range(1316)], names=names)
            )
            for i, on in enumerate(dates)
        ]
        tracks.append(track(lesion, rows, role=LesionRole.TARGET))
    return timeline([visit(i + 1, on) for i, on in enumerate(dates)], tracks)


def test_equal_timelines_give_equal_findings() -> None:
    assert conclude(large()) == conclude(large())


def test_1316_features_5_lesions_8_dates_take_well_under_a_second() -> None:
    patient_of_many = large()
    conclude(patient_of_many)
    began = time.process_time()
    deltas: tuple[Delta, ...] = conclude(patient_of_many).deltas
    assert time.process_time() - began < 1.0
    assert len(deltas) == 5 * 7 * 3
    assert all(len(d.absolute.values) == 1316 for d in deltas)


@pytest.mark.parametrize("kinds", [(Modality.CT, Modality.MR), (Modality.MR, Modality.CT)])
def test_a_size_on_another_kind_of_scan_is_held_against_no_band(kinds: tuple[Modality, Modality]) -> None:
    then, now = (visit(1, FIRST_ON, modality=kinds[0]), visit(2, FIRST_ON + timedelta(60), modality=kinds[1]))
    seen = [observation(one.pk, one.first_on, 20.0 * one.pk, modality=one.scans[0].modality) for one in (then, now)]
    noises = conclude(timeline([then, now], [track(1, seen)])).noises
    assert {verdict for noise in noises for verdict in noise.verdicts} == {NoiseVerdict.UNKNOWN}
