"""What must hold for any course under iRECIST, on thousands of made-up ones."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from patients.words.reading_words import NewLesionKind, NonTarget, SizeState, Trend
from radiomics_tasks.analysis.criteria.immune import ImmuneCourse, immune_results
from radiomics_tasks.analysis.criteria.immune_best import immune_summary
from radiomics_tasks.analysis.criteria.immune_visits import immune_course
from radiomics_tasks.analysis.criteria.overall import overall_results
from radiomics_tasks.analysis.criteria.protocol import Protocol
from radiomics_tasks.analysis.criteria.visits import ImmuneVisit, JudgedCourse, NewLesionSeen
from tests.radiomics_tasks.analysis.criteria.test_recist_properties import courses

BASELINE_ON = date(2024, 1, 1)
MANY = settings(max_examples=150, deadline=None, derandomize=True, database=None)
RESOLVED = "CONFIRMED_IN_OTHER_CATEGORY_WHILE_DRIVER_RESOLVED"
STATES = [SizeState.MEASURED, SizeState.PRESENT, SizeState.TOO_SMALL, SizeState.ABSENT, SizeState.NOT_EVALUABLE]
SUMS = st.one_of(st.sampled_from([0, 40, 50, 60, 70, 100, 105, 120, 125, 130, 135]), st.integers(0, 200)).map(Decimal)
PROTOCOLS = st.builds(
    Protocol,
    nl_not_evaluated=st.sampled_from(["ne", "as_present"]),
    pr_persistence=st.sampled_from(["recist_group", "strict"]),
    other_category_when_resolved=st.sampled_from(["icpd_flagged", "reset_new_iupd"]),
    ipr_persistence_after_reset=st.sampled_from(["numbers", "continue"]),
    post_cr=st.sampled_from(["pd", "off"]),
)
TO_RECIST = {"iCR": "CR", "iPR": "PR", "iSD": "SD", "iUPD": "PD", "NON-iCR/NON-iUPD": "NON_CR_NON_PD"}

Judged = tuple[Decimal | None, tuple[ImmuneVisit, ...]]


@st.composite
def new_lesion(draw: Any, key: str) -> NewLesionSeen:
    kind = NewLesionKind.TARGET if key != "n3" else NewLesionKind.NON_TARGET
    state = draw(st.sampled_from(STATES[:4] if kind is NewLesionKind.TARGET else STATES[1:]))
    size = Decimal(draw(st.integers(3, 30))) if state is SizeState.MEASURED else None
    return NewLesionSeen(key, kind, state, size, draw(st.sampled_from(Trend)), draw(st.booleans()))


@st.composite
def judged(draw: Any, least: int = 1) -> Judged:
    on, visits = BASELINE_ON, []
    for _ in range(draw(st.integers(least, 6))):
        on += timedelta(days=draw(st.sampled_from([14, 25, 26, 42, 70])))
        sum_mm = draw(st.one_of(SUMS, SUMS, SUMS, st.none()))
        visits.append(
            ImmuneVisit(
                on,
                sum_mm,
                partial_mm=draw(st.one_of(st.none(), SUMS)) if sum_mm is None else None,
                are_targets_gone=sum_mm is not None and (sum_mm == 0 or (sum_mm < 10 and draw(st.booleans()))),
                non_target=draw(st.sampled_from([NonTarget.NA, NonTarget.NCNP, *NonTarget])),
                non_target_trend=draw(st.sampled_from([None, *Trend])),
                new_lesions=tuple(draw(new_lesion(key)) for key in ("n1", "n2", "n3") if draw(st.integers(0, 3)) == 0),
                is_for_symptom=draw(st.booleans()),
                reappearance=draw(st.sampled_from(["", "", "DISEASE", "NODE_10_15", "EQUIVOCAL", "NOTHING"])),
                is_read=draw(st.sampled_from([True, True, True, True, False])),
                are_new_evaluated=draw(st.sampled_from([True, True, True, True, False])),
            )
        )
    return draw(st.one_of(st.none(), st.just(Decimal(100)))), tuple(visits)


def run(course: Judged, protocol: Protocol) -> ImmuneCourse:
    return immune_results(BASELINE_ON, course[0], course[1], protocol)


@MANY
@given(judged(), PROTOCOLS)
def test_every_visit_is_called_and_explained(course: Judged, protocol: Protocol) -> None:
    found = run(course, protocol)
    assert all(result.rule and result.source and result.reason for result in found.visits)
    assert all(block.outcome in {"OPEN", "RESET", "CONFIRMED"} for block in found.blocks)
    assert all(block.outcome != "OPEN" for block in found.blocks[:-1])
    summary = immune_summary(found, protocol)
    assert (summary.progressed_on is None) == all(block.outcome == "RESET" for block in found.blocks)
    assert all(block.label for block in summary.blocks)


@MANY
@given(judged(2), PROTOCOLS)
def test_the_nadir_never_rises_and_an_incomplete_sum_never_changes_it(course: Judged, protocol: Protocol) -> None:
    for before, after in pairwise(run(course, protocol).visits):
        if before.nadir_mm is not None and after.nadir_mm is not None:
            assert after.nadir_mm <= before.nadir_mm
            assert before.sum_mm is not None or after.nadir_mm == before.nadir_mm


@MANY
@given(judged(2), PROTOCOLS)
def test_confirmation_needs_an_open_block_of_26_days(course: Judged, protocol: Protocol) -> None:
    for before, result in pairwise(run(course, protocol).visits):
        if result.category == "iCPD":
            assert before.category in {"iUPD", "NE"}
            assert result.days_open is not None
            assert result.days_open >= 26 or result.rule == "IRECIST_OPEN_1"
    assert run(course, protocol).visits[0].category != "iCPD"


@MANY
@given(judged(2), PROTOCOLS)
def test_confirmation_while_no_driver_progresses_is_always_flagged(course: Judged, protocol: Protocol) -> None:
    for visit, result in zip(course[1], run(course, protocol).visits, strict=True):
        if result.category != "iCPD" or result.rule == "IRECIST_OPEN_1":
            continue
        is_there = any(one.state not in {SizeState.ABSENT, SizeState.NOT_EVALUABLE} for one in visit.new_lesions)
        may_progress = {
            "T": result.target not in {"CR", "PR", "SD"},
            "NT": visit.non_target not in {NonTarget.CR, NonTarget.NCNP},
            "NL": is_there or "MISSING" in "".join(result.flags) or _is_unknown(visit),
        }
        if not any(may_progress[driver] for driver in result.drivers):
            is_non_target_back = (
                "NT" in result.drivers and visit.non_target is NonTarget.NCNP and protocol.post_cr == "pd"
            )
            assert RESOLVED in result.flags or is_non_target_back
            assert RESOLVED not in result.flags or result.rule in {"IRECIST_OPEN_6", "IRECIST_OPEN_7"}


def _is_unknown(visit: ImmuneVisit) -> bool:
    return any(one.state is SizeState.NOT_EVALUABLE for one in visit.new_lesions)


@MANY
@given(judged(2), PROTOCOLS)
def test_a_visit_without_data_neither_confirms_nor_resets(course: Judged, protocol: Protocol) -> None:
    baseline, visits = course
    empty = ImmuneVisit(visits[-1].on, None, non_target=NonTarget.NE)
    before = run((baseline, visits[:-1]), protocol)
    after = run((baseline, (*visits[:-1], empty)), protocol)
    assert after.blocks == before.blocks
    assert after.visits[-1].category in {"NE", "iUPD", "POST_iCPD"}


@MANY
@given(judged(2), PROTOCOLS)
def test_leaving_out_what_was_seen_never_confirms_or_resets(course: Judged, protocol: Protocol) -> None:
    baseline, (*earlier, last) = course
    whole = _outcomes(run(course, protocol))
    poorer = [
        replace(last, new_lesions=last.new_lesions[:n] + last.new_lesions[n + 1 :])
        for n in range(len(last.new_lesions))
    ]
    known = run((baseline, tuple(earlier)), protocol).first_seen
    dropped = [key for key in (one.key for one in last.new_lesions) if key in known]
    for less, one in zip(poorer, last.new_lesions, strict=True):
        outcomes = _outcomes(run((baseline, (*earlier, less)), protocol))
        assert outcomes.count("CONFIRMED") <= whole.count("CONFIRMED") or _is_other_reading(protocol, whole)
        if one.key in dropped and not _is_other_reading(protocol, outcomes):
            assert outcomes.count("RESET") <= _outcomes(run((baseline, tuple(earlier)), protocol)).count("RESET")
    if baseline is not None and last.sum_mm is not None:
        less = replace(last, sum_mm=None, partial_mm=None, are_targets_gone=False, reappearance="NOTHING")
        outcomes = _outcomes(run((baseline, (*earlier, less)), protocol))
        assert outcomes.count("CONFIRMED") <= whole.count("CONFIRMED") or _is_other_reading(protocol, whole)


def _outcomes(course: ImmuneCourse) -> list[str]:
    return [block.outcome for block in course.blocks]


def _is_other_reading(protocol: Protocol, outcomes: list[str]) -> bool:
    """A resolved driver is a reset under this setting; one that was not evaluated is not resolved."""
    return protocol.other_category_when_resolved == "reset_new_iupd" and "RESET" in outcomes


@MANY
@given(judged(2), PROTOCOLS)
def test_after_confirmed_progression_nothing_opens_again(course: Judged, protocol: Protocol) -> None:
    found = run(course, protocol)
    called = [result.category.value for result in found.visits]
    assert called.count("iCPD") <= 1
    if "iCPD" in called:
        first = called.index("iCPD")
        assert set(called[first + 1 :]) <= {"POST_iCPD"}
        assert found.blocks == run((course[0], course[1][: first + 1]), protocol).blocks
    assert ("CONFIRMED" in _outcomes(found)) == ("iCPD" in called)


@MANY
@given(judged(), PROTOCOLS)
def test_the_order_of_new_lesions_does_not_matter(course: Judged, protocol: Protocol) -> None:
    turned = tuple(replace(visit, new_lesions=visit.new_lesions[::-1]) for visit in course[1])
    calls = [(result.category, result.rule) for result in run(course, protocol).visits]
    assert [(result.category, result.rule) for result in run((course[0], turned), protocol).visits] == calls


@MANY
@given(courses())
def test_up_to_the_first_progression_irecist_says_what_recist_says(course: JudgedCourse) -> None:
    """Re-reading an earlier iCR apart, which changes calls before it."""
    words = [None if visit.reappearance == "REREAD_PR" else visit.reappearance for visit in course.visits]
    pairs = zip(course.visits, words, strict=True)
    plain = replace(course, visits=tuple(replace(visit, reappearance=word) for visit, word in pairs))
    results = overall_results(plain)
    for recist, immune in zip(results, immune_course(plain, results).visits, strict=True):
        assert TO_RECIST.get(immune.category.value, immune.category.value) == recist.category.value
        if recist.category == "PD":
            break
