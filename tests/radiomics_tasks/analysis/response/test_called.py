"""Signed readings to calls under both criteria: reasons, flips, readers, lines of therapy."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from patients.findings import Response
from patients.judged import Judgement, LesionJudged
from patients.timeline import PatientTimeline
from patients.vocabulary import Criterion, LesionRole
from patients.words.reading_words import NewDisease, NewLesionKind, NonTarget, SizeState, Trend
from radiomics_tasks.analysis.conclude import conclude
from radiomics_tasks.analysis.criteria.protocol import Protocol
from radiomics_tasks.analysis.response.called import called_responses
from tests.timelines import FIRST_ON, course, followed, observation, track


def judged(visit: int, **said) -> Judgement:
    """One signed reading that finds nothing beside the targets, changed in places."""
    plain = {"counts": True, "non_target": NonTarget.NA, "new": NewDisease.NO, "reader_pk": 7}
    return Judgement(visit, visit, reader_name="", **{**plain, **said})


def read(timeline: PatientTimeline, *judgements: Judgement) -> PatientTimeline:
    return replace(timeline, judgements=judgements)


def calls(timeline: PatientTimeline, criterion: Criterion, reader: int | None = None, **settings) -> list[Response]:
    responses, _ = called_responses(timeline, Protocol().with_settings(settings))
    return [r for r in responses if r.criterion is criterion and r.reader_pk == reader]


def categories(timeline: PatientTimeline, criterion: Criterion, reader: int | None = None) -> list[str]:
    return [response.category.value for response in calls(timeline, criterion, reader)]


PSEUDO = read(followed([59.84, 74.04, 49.62, 34.60]), *(judged(n) for n in (1, 2, 3, 4)))


def test_a_pseudoprogression_under_both_criteria():
    assert categories(PSEUDO, Criterion.RECIST_1_1) == ["PD", "SD", "PR"]
    assert categories(PSEUDO, Criterion.IRECIST) == ["iUPD", "iSD", "iPR"]
    (summary,) = conclude(PSEUDO).summaries
    assert summary.blocks[0].confirm_from == FIRST_ON + timedelta(56 + 28)
    assert summary.blocks[0].confirm_until == FIRST_ON + timedelta(56 + 56)
    assert (summary.best, summary.immune_best, summary.open_block) == ("PD", "iPR", None)


def test_every_call_says_its_rule_source_protocol_and_reasons():
    for response in calls(PSEUDO, Criterion.RECIST_1_1) + calls(PSEUDO, Criterion.IRECIST):
        assert response.rule and response.source and response.protocol == Protocol().title
        assert len(response.reasons) >= 2 and all(response.reasons)
    first = calls(PSEUDO, Criterion.RECIST_1_1)[0]
    assert first.reasons[0] == "The target lesions have progressed"
    assert "sum 74.0 mm; +23.7 % from baseline" in first.reasons[1]


def test_what_would_flip_a_call_flips_it_and_a_tenth_less_does_not():
    first = calls(PSEUDO, Criterion.RECIST_1_1)[0]
    (flip,) = first.flips
    assert (flip.tracking_id, flip.change_mm, flip.becomes) == ("liver 1", Decimal("-2.3"), "SD")
    for change, category in ((2.3, "SD"), (2.2, "PD")):
        other = read(followed([59.84, 74.04 - change]), judged(2))
        assert categories(other, Criterion.RECIST_1_1) == [category]


def test_nobody_assessed_it_nothing_is_called():
    assert called_responses(followed([50.0, 70.0]), Protocol()) == ((), ())
    assert [r.criterion for r in conclude(followed([50.0, 70.0])).responses] == [Criterion.RECIST_1_1_TARGET] * 2


def test_a_visit_not_read_between_two_that_were_decides_nothing_but_its_sum_is_a_nadir():
    timeline = read(followed([100.0, 60.0, 74.0]), judged(3))
    assert categories(timeline, Criterion.RECIST_1_1) == ["NE", "PD"]
    assert calls(timeline, Criterion.RECIST_1_1)[0].flips == ()
    trailing = read(followed([100.0, 60.0, 74.0]), judged(2))
    assert categories(trailing, Criterion.RECIST_1_1) == ["PR"]


def test_what_a_reader_says_of_a_target_counts_instead_of_its_outline():
    own = LesionJudged(1, SizeState.MEASURED, diameter_mm=71.0, diameter_why="vessel included in the outline")
    timeline = read(followed([59.84, 74.04]), judged(2, lesions=(own,)))
    (response,) = calls(timeline, Criterion.RECIST_1_1)
    assert (response.category, response.sum_mm) == ("SD", Decimal("71.0"))
    assert conclude(timeline).responses[1].sum_mm == Decimal("71.0")


@pytest.mark.parametrize(
    ("said", "size", "category"),
    [
        (LesionJudged(1, SizeState.TOO_SMALL), Decimal(5), "PR"),
        (LesionJudged(1, SizeState.ABSENT), Decimal(0), "CR"),
        (LesionJudged(1, SizeState.SPLIT, parts_mm=(18.0, 15.0)), Decimal("33.0"), "SD"),
        (LesionJudged(1, SizeState.SPLIT), None, "NE"),
        (LesionJudged(1, SizeState.NOT_EVALUABLE, why="motion"), None, "NE"),
    ],
)
def test_states_of_a_target(said, size, category):
    (response,) = calls(read(followed([40.0, 38.0]), judged(2, lesions=(said,))), Criterion.RECIST_1_1)
    assert (response.sum_mm, response.category) == (size, category)


def test_a_merged_pair_has_one_diameter():
    said = (LesionJudged(1, SizeState.MEASURED, 48.0, "both"), LesionJudged(2, SizeState.MERGED, merged_into_pk=1))
    (response,) = calls(read(followed([30.0, 30.0], [25.0, 25.0]), judged(2, lesions=said)), Criterion.RECIST_1_1)
    assert response.sum_mm == Decimal("48.0")
    assert [part.state for part in response.contributions] == ["", "MERGED"]


def with_new(*entries: tuple[int, str, SizeState | None]) -> PatientTimeline:
    """Targets that stay, and one new lesion (11 mm at visit 2, 16 mm at visit 3 where outlined)."""
    timeline = followed([40.0, 40.0, 40.0])
    dates = [visit.first_on for visit in timeline.timepoints]
    new = track(9, [observation(2, dates[1], 11.0), observation(3, dates[2], 16.5)], role=LesionRole.NEW)
    timeline = replace(timeline, tracks=(*timeline.tracks, new))
    said = [
        judged(n, new=NewDisease(word), lesions=(LesionJudged(9, state),) if state else ())
        for n, word, state in entries
    ]
    return read(timeline, *said)


def test_a_new_lesion_that_grows_confirms():
    timeline = with_new((2, "YES", SizeState.MEASURED), (3, "YES", SizeState.MEASURED))
    assert categories(timeline, Criterion.RECIST_1_1) == ["PD", "PD"]
    assert categories(timeline, Criterion.IRECIST) == ["iUPD", "iCPD"]


def test_an_equivocal_lesion_opens_nothing():
    timeline = with_new((2, "EQ", SizeState.MEASURED), (3, "EQ", SizeState.MEASURED))
    assert categories(timeline, Criterion.RECIST_1_1) == ["SD", "SD"]
    assert categories(timeline, Criterion.IRECIST) == ["iSD", "iSD"]


@pytest.mark.parametrize(
    ("trend", "kind", "category"),
    [
        (Trend.UNEQUIVOCAL, NewLesionKind.NON_TARGET, "iUPD"),
        (Trend.UNEQUIVOCAL, None, "iUPD"),
        (Trend.INCREASED, NewLesionKind.NON_TARGET, "iPR"),
        (Trend.UNEQUIVOCAL, NewLesionKind.TARGET, "iPR"),
    ],
)
def test_an_unmeasured_new_lesion_unequivocally_worse_is_progression_again(trend, kind, category):
    timeline = followed([40.0, 20.0, 20.0, 20.0])
    new = replace(track(9, [], role=LesionRole.NEW), new_kind=kind)
    said = ((2, None), (3, Trend.DECREASED), (4, trend))
    judgements = [
        judged(n, new=NewDisease.YES, lesions=(LesionJudged(9, SizeState.PRESENT, trend=word),)) for n, word in said
    ]
    timeline = read(replace(timeline, tracks=(*timeline.tracks, new)), *judgements)
    assert categories(timeline, Criterion.IRECIST) == ["iUPD", "iPR", category]


def test_a_known_new_lesion_that_nobody_looked_for_is_not_gone():
    timeline = with_new((2, "YES", SizeState.MEASURED), (3, "NO", SizeState.NOT_EVALUABLE))
    assert categories(timeline, Criterion.IRECIST) == ["iUPD", "NE"]


def test_two_readers_are_called_each_for_itself():
    mine = [judged(2), judged(3)]
    other = [replace(judged(n), reading_pk=20 + n, reader_pk=8, counts=False, non_target=NonTarget.PD) for n in (2, 3)]
    timeline = read(followed([50.0, 50.0, 50.0]), *mine, *other)
    assert categories(timeline, Criterion.RECIST_1_1) == ["SD", "SD"]
    assert categories(timeline, Criterion.RECIST_1_1, reader=7) == ["SD", "SD"]
    assert categories(timeline, Criterion.RECIST_1_1, reader=8) == ["PD", "PD"]
    assert all(not r.flips for r in calls(timeline, Criterion.RECIST_1_1, reader=8))


def test_a_new_line_of_therapy_has_a_baseline_of_its_own():
    timeline = followed([100.0, 130.0, 120.0, 90.0])
    dates = [visit.first_on for visit in timeline.timepoints]
    lines = (course(dates[0], "first", 1), course(dates[1] + timedelta(3), "second", 2))
    timeline = read(replace(timeline, courses=lines), *(judged(n) for n in (1, 2, 3, 4)))
    found = calls(timeline, Criterion.RECIST_1_1)
    assert [(r.course_pk, r.category.value) for r in found] == [(1, "PD"), (2, "SD"), (2, "PR")]
    assert [summary.course_pk for summary in conclude(timeline).summaries] == [1, 2]


def test_a_lesion_treated_locally_is_no_target_any_more():
    timeline = followed([30.0, 20.0], [30.0, 20.0])
    treated = replace(timeline.tracks[0], local_therapy_on=timeline.timepoints[1].first_on)
    timeline = read(replace(timeline, tracks=(treated, timeline.tracks[1])), judged(2))
    (response,) = calls(timeline, Criterion.RECIST_1_1)
    assert (response.category, response.sum_mm) == ("NE", None)
    assert "treated locally" in " ".join(conclude(timeline).responses[1].reasons)


def test_readers_may_choose_other_targets():
    chosen = judged(1, lesions=(LesionJudged(2, SizeState.MEASURED, role=LesionRole.NON_TARGET),))
    timeline = read(followed([40.0, 20.0], [40.0, 40.0]), chosen, judged(2, non_target=NonTarget.NCNP))
    (response,) = calls(timeline, Criterion.RECIST_1_1)
    assert (response.sum_mm, response.category) == (Decimal("20.0"), "PR")


def test_a_lesion_measured_on_another_day_of_the_visit_dates_the_progression():
    said = LesionJudged(1, SizeState.MEASURED, 50.0, "own", observed_on=FIRST_ON + timedelta(54))
    (response,) = calls(read(followed([40.0, 38.0]), judged(2, lesions=(said,))), Criterion.RECIST_1_1)
    assert (response.category, response.assessed_on) == ("PD", FIRST_ON + timedelta(54))


def test_a_known_new_lesion_called_measured_without_a_size_is_not_evaluable():
    timeline = with_new((2, "YES", SizeState.MEASURED), (3, "NO", SizeState.MEASURED))
    (new,) = [found for found in timeline.tracks if found.role is LesionRole.NEW]
    timeline = replace(timeline, tracks=(*timeline.tracks[:-1], replace(new, observations=new.observations[:1])))
    assert categories(timeline, Criterion.IRECIST) == ["iUPD", "NE"]


def test_why_a_target_brings_nothing_to_the_sum():
    said = LesionJudged(1, SizeState.NOT_EVALUABLE, why="motion")
    timeline = read(followed([40.0, 38.0]), judged(2, lesions=(said,)))
    assert "not evaluable by the reader" in " ".join(conclude(timeline).responses[1].reasons)
