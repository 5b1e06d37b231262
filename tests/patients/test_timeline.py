"""What was seen, in order: the baseline, the targets, and the observation that counts at a visit."""

from datetime import date, timedelta

from patients.judged import Judgement, LesionJudged
from patients.timeline import Course, LesionTrack, Timepoint
from patients.vocabulary import Absence, DrugClass, LesionRole, Modality
from patients.words.reading_words import NewDisease, NonTarget, SizeState
from tests.timelines import FIRST_ON, course, followed, observation, timeline, track, visit

SECOND_ON = FIRST_ON + timedelta(56)
LATER = FIRST_ON + timedelta(59)


def test_a_visit_begins_and_ends_with_its_scans() -> None:
    of_three_days = visit(1, LATER, SECOND_ON)
    assert (of_three_days.first_on, of_three_days.last_on) == (SECOND_ON, LATER)


def test_a_visit_without_scans_has_the_date_it_was_judged_on() -> None:
    elsewhere = Timepoint(1, (), SECOND_ON)
    assert (elsewhere.first_on, elsewhere.last_on, elsewhere.dates) == (SECOND_ON, SECOND_ON, (SECOND_ON,))
    assert Timepoint(1, (), None).dates == ()
    assert visit(1, LATER).dates == (LATER,)


def test_what_was_said_of_a_lesion_is_found_by_its_key() -> None:
    said = LesionJudged(7, SizeState.ABSENT)
    judged = Judgement(
        1, 1, None, "R1", True, NonTarget.NA, NewDisease.NO, (LesionJudged(6, SizeState.TOO_SMALL), said)
    )
    assert (judged.of(7), judged.of(8)) == (said, None)


def test_the_baseline_is_the_last_visit_up_to_the_start_of_treatment() -> None:
    known = followed([1.0, 1.0, 1.0])
    treated = timeline(known.timepoints, known.tracks, [course(SECOND_ON + timedelta(7))])
    assert treated.baseline is known.timepoints[1]
    assert treated.baseline_is_before_treatment
    assert [t.pk for t in treated.since_baseline()] == [2, 3]


def test_a_scan_on_the_day_treatment_starts_is_a_baseline() -> None:
    known = followed([1.0, 1.0])
    assert timeline(known.timepoints, [], [course(SECOND_ON)]).baseline is known.timepoints[1]


def test_without_an_earlier_scan_the_first_visit_is_taken() -> None:
    known = followed([1.0, 1.0])
    late = timeline(known.timepoints, [], [course(FIRST_ON - timedelta(1))])
    assert late.baseline is known.timepoints[0]
    assert not late.baseline_is_before_treatment


def test_without_a_course_the_first_visit_is_taken() -> None:
    unknown = timeline(followed([1.0]).timepoints, [], [])
    assert unknown.current_course is None
    assert unknown.baseline is unknown.timepoints[0]
    assert not unknown.baseline_is_before_treatment


def test_the_current_course_is_the_one_that_started_last() -> None:
    first, second = course(FIRST_ON, pk=1), course(SECOND_ON, pk=2)
    assert timeline([], [], [second, first]).current_course is second


def test_radiotherapy_beside_a_drug_begins_no_new_line() -> None:
    drug = course(FIRST_ON)
    rays = Course(2, "spine, 5 x 4 Gy", DrugClass.RADIOTHERAPY, SECOND_ON)
    assert timeline([], [], [drug, rays]).current_course is drug
    assert timeline([], [], [rays]).current_course is rays


def test_nobody_seen_has_no_baseline() -> None:
    nobody = timeline([], [])
    assert nobody.baseline is None
    assert list(nobody.since_baseline()) == []


def test_targets_are_the_lesions_with_that_role() -> None:
    target, other = track(1, []), track(2, [], role=LesionRole.NON_TARGET)
    assert timeline([], [target, other]).targets == (target,)


def counts(*observations: tuple[date, float | Absence | None, Modality]) -> date | None:
    first = observation(1, FIRST_ON, 20.0)
    seen = [observation(2, on, size, modality=modality) for on, size, modality in observations]
    found = track(1, [first, *seen]).at(2)
    return found.observed_on if found else None


def test_the_last_outlined_observation_of_a_visit_counts() -> None:
    assert counts((SECOND_ON, 9.0, Modality.CT), (LATER, 8.0, Modality.CT)) == LATER
    assert counts((SECOND_ON, 9.0, Modality.CT), (LATER, None, Modality.CT)) == SECOND_ON


def test_without_an_outline_the_last_observation_says_why() -> None:
    assert counts((SECOND_ON, None, Modality.CT), (LATER, None, Modality.CT)) == LATER
    assert counts() is None


def test_the_usual_kind_of_scan_counts_before_a_later_one() -> None:
    assert counts((SECOND_ON, 9.0, Modality.CT), (LATER, 8.0, Modality.PT)) == SECOND_ON
    assert counts((SECOND_ON, 9.0, Modality.CT), (LATER, 8.0, Modality.MR)) == SECOND_ON


def test_without_the_usual_kind_ct_and_mr_count_before_pet() -> None:
    assert counts((SECOND_ON, 9.0, Modality.MR), (LATER, 8.0, Modality.PT)) == SECOND_ON


def modality_of(*modalities: Modality) -> Modality | None:
    seen = [observation(1, FIRST_ON, modality=modality) for modality in modalities]
    return track(1, seen).usual_modality


def test_the_usual_kind_of_scan_is_the_first_one_measured() -> None:
    assert modality_of(Modality.PT, Modality.MR, Modality.CT) is Modality.MR
    assert modality_of(Modality.PT) is Modality.PT
    assert modality_of() is None


def test_what_was_seen_cannot_be_changed() -> None:
    seen: LesionTrack = track(1, [observation(1, FIRST_ON)])
    assert hash(seen) == hash(track(1, [observation(1, FIRST_ON)]))


def measured_at_baseline(*days_and_sizes: tuple[int, float], starts: int = 5) -> float | None:
    dates = [FIRST_ON + timedelta(days) for days, _ in days_and_sizes]
    seen = [observation(1, on, size) for on, (_, size) in zip(dates, days_and_sizes, strict=True)]
    found = timeline([visit(1, FIRST_ON, *dates)], [track(1, seen)], [course(FIRST_ON + timedelta(starts))])
    counted = found.at(found.tracks[0], found.timepoints[0])
    return counted.sizes.longest_diameter_mm if counted and counted.sizes else None


def test_at_baseline_the_last_outline_before_treatment_counts() -> None:
    assert measured_at_baseline((0, 30.0), (9, 40.0)) == 30.0
    assert measured_at_baseline((0, 30.0), (5, 35.0), (9, 40.0)) == 35.0
    assert measured_at_baseline((0, 30.0), (9, 40.0), starts=9) == 40.0


def test_at_baseline_an_outline_after_treatment_began_counts_where_there_is_no_other() -> None:
    assert measured_at_baseline((7, 40.0), (9, 41.0)) == 41.0


def test_after_baseline_the_last_outline_counts() -> None:
    days = [SECOND_ON, SECOND_ON + timedelta(9)]
    tracked = track(1, [observation(2, on, 10.0 + n) for n, on in enumerate(days)])
    found = timeline([visit(1, FIRST_ON), visit(2, *days)], [tracked], [course(FIRST_ON)])
    counted = found.at(tracked, found.timepoints[1])
    assert counted is not None
    assert counted.observed_on == days[1]


def test_a_course_planned_for_after_the_last_visit_is_not_the_current_one() -> None:
    known = followed([1.0, 1.0, 1.0])
    begun, planned = course(FIRST_ON, pk=1), course(FIRST_ON + timedelta(200), pk=2)
    found = timeline(known.timepoints, known.tracks, [begun, planned])
    assert (found.current_course, found.planned_courses) == (begun, (planned,))
    assert found.baseline is known.timepoints[0]


def test_the_only_course_is_the_current_one_even_before_a_scan_under_it() -> None:
    known = followed([1.0, 1.0])
    planned = course(FIRST_ON + timedelta(200))
    found = timeline(known.timepoints, known.tracks, [planned])
    assert (found.current_course, found.planned_courses) == (planned, ())
    assert found.baseline is known.timepoints[1]


def test_planned_drugs_do_not_push_aside_radiotherapy_that_was_given() -> None:
    rays = Course(2, "spine, 5 x 4 Gy", DrugClass.RADIOTHERAPY, FIRST_ON)
    found = timeline(followed([1.0, 1.0]).timepoints, [], [rays, course(FIRST_ON + timedelta(200))])
    assert found.current_course is rays
