"""Measurability at baseline and the guard-rails, each with its code and rule."""

from datetime import date
from decimal import Decimal

import pytest

from radiomics_tasks.analysis.criteria.measurable import (
    BaselineLesion,
    Measurability,
    Nature,
    Seen,
    baseline_warnings,
    least_target_mm,
    measurability,
    target_warnings,
)
from radiomics_tasks.analysis.criteria.protocol import Protocol


def lesion(size: float | None = 20, *, is_node: bool = False, thickness: float | None = None, **facts):
    size_mm = None if size is None else Decimal(repr(size))
    thickness_mm = None if thickness is None else Decimal(repr(thickness))
    organ = facts.pop("organ", "LUNG")
    return BaselineLesion(facts.pop("key", "x 1"), organ, is_node, size_mm, thickness_mm, **facts)


MEASURABLE, NON_TARGET = Measurability.MEASURABLE, Measurability.NON_TARGET_ONLY
CASES = [
    (lesion(10), MEASURABLE),
    (lesion(9.9), NON_TARGET),
    (lesion(10, thickness=5), MEASURABLE),
    (lesion(14.9, thickness=7.5), NON_TARGET),
    (lesion(15, thickness=7.5), MEASURABLE),
    (lesion(10, thickness=9, seen=Seen.CALLIPER), MEASURABLE),
    (lesion(19.9, seen=Seen.RADIOGRAPH), NON_TARGET),
    (lesion(20, seen=Seen.RADIOGRAPH), MEASURABLE),
    (lesion(15, is_node=True), MEASURABLE),
    (lesion(14.9, is_node=True), NON_TARGET),
    (lesion(10, is_node=True), NON_TARGET),
    (lesion(9.9, is_node=True), Measurability.NORMAL),
    (lesion(15, is_node=True, thickness=6), MEASURABLE),
    (lesion(15, is_node=True, thickness=8), NON_TARGET),
    (lesion(None), NON_TARGET),
    (lesion(None, is_node=True), NON_TARGET),
    (lesion(30, nature=Nature.BONE), NON_TARGET),
    (lesion(30, nature=Nature.BONE_WITH_SOFT_TISSUE), MEASURABLE),
    (lesion(30, nature=Nature.UNBOUNDED), NON_TARGET),
    (lesion(30, nature=Nature.SIMPLE_CYST), Measurability.NOT_DISEASE),
    (lesion(30, nature=Nature.CYSTIC_METASTASIS), MEASURABLE),
    (lesion(30, is_treated=True), NON_TARGET),
]


@pytest.mark.parametrize(("found", "expected"), CASES)
def test_measurability(found: BaselineLesion, expected: Measurability) -> None:
    assert measurability(found) is expected


WARNED = [
    (lesion(30, nature=Nature.SIMPLE_CYST), "NOT_DISEASE", "simple cyst"),
    (lesion(9.9, is_node=True), "NORMAL_NODE", "9.9 mm short axis is normal"),
    (lesion(30, nature=Nature.BONE), "BONE_NOT_MEASURABLE", "soft-tissue"),
    (lesion(30, nature=Nature.UNBOUNDED), "NEVER_MEASURABLE", "never measurable"),
    (lesion(30, is_treated=True), "TREATED_BEFORE", "progressed since"),
    (lesion(None), "TARGET_WITHOUT_SIZE", "needs a size"),
    (lesion(9.9), "TARGET_TOO_SMALL", "longest diameter 9.9 mm; a target needs at least 10 mm on CT or MR."),
    (lesion(14, is_node=True), "TARGET_TOO_SMALL", "short axis 14.0 mm; a target needs at least 15 mm"),
    (
        lesion(18, thickness=10),
        "THICK_SLICES",
        "at least 20 mm on CT or MR with slices of 10 mm (twice the thickness).",
    ),
    (lesion(15, seen=Seen.RADIOGRAPH), "TARGET_TOO_SMALL", "at least 20 mm on chest radiograph."),
    (lesion(30, nature=Nature.CYSTIC_METASTASIS), "CYSTIC_TARGET", "solid one is preferred"),
]


@pytest.mark.parametrize(("found", "code", "words"), WARNED)
def test_a_bad_target_is_warned_of_with_its_rule(found: BaselineLesion, code: str, words: str) -> None:
    (warning,) = target_warnings(found)
    assert (warning.code, warning.lesion_key) == (code, "x 1")
    assert words in warning.sentence
    assert warning.rule.startswith("RECIST 1.1, section 3")


def test_a_good_target_is_not_warned_of() -> None:
    assert target_warnings(lesion(20)) == ()


def test_limits_are_the_protocol_s() -> None:
    protocol = Protocol().with_settings({"target_mm": 15, "most_targets": 1, "most_targets_an_organ": 1})
    assert least_target_mm(lesion(), protocol) == 15
    codes = [w.code for w in baseline_warnings([lesion(), lesion()], date(2024, 1, 1), None, protocol)]
    assert codes == ["TOO_MANY_TARGETS", "TOO_MANY_IN_ORGAN"]


def test_five_targets_two_in_an_organ_are_allowed() -> None:
    organs = ["LUNG", "LUNG", "LIVER", "LIVER", "BRAIN"]
    targets = [lesion(key=f"{organ} {n}", organ=organ) for n, organ in enumerate(organs)]
    assert baseline_warnings(targets, date(2024, 1, 1), date(2024, 1, 29)) == ()
    six = [*targets, lesion(organ="SKIN")]
    (warning,) = baseline_warnings(six, date(2024, 1, 1), None)
    assert (warning.code, warning.sentence) == ("TOO_MANY_TARGETS", "6 targets; at most 5.")


def test_nodes_of_all_stations_are_one_organ() -> None:
    nodes = [lesion(20, is_node=True, organ=organ) for organ in ("LYMPH_NODE", "LYMPH_NODE", "HEAD_NECK")]
    (warning,) = baseline_warnings(nodes, date(2024, 1, 1), None)
    assert warning.sentence == "3 targets in one organ (lymph nodes); at most 2."


@pytest.mark.parametrize(
    ("start", "codes"),
    [
        (date(2024, 1, 29), []),
        (date(2024, 1, 30), ["BASELINE_TOO_EARLY"]),
        (date(2024, 1, 1), []),
        (date(2023, 12, 31), ["BASELINE_AFTER_START"]),
    ],
)
def test_the_date_of_the_baseline(start: date, codes: list[str]) -> None:
    assert [w.code for w in baseline_warnings([lesion()], date(2024, 1, 1), start)] == codes


def test_each_bad_target_is_named() -> None:
    targets = [lesion(5, key="lung 1"), lesion(20, key="lung 2")]
    assert [w.sentence[:6] for w in baseline_warnings(targets, date(2024, 1, 1), None)] == ["lung 1"]
