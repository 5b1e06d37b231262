"""Rows of the lesion table from frozen objects: sizes and changes."""

from dataclasses import replace
from datetime import date

import pytest

from monitoring.shown.response.lesion_table import lesion_rows
from patients.timeline import Sizes
from patients.vocabulary import Absence, LesionRole, Modality
from tests.timelines import course, followed, observation, timeline, track, visit


def table(seen):
    return {row.track.lesion_pk: row for row in lesion_rows(seen)}


def test_changes_are_against_baseline_previous_and_nadir():
    (row,) = lesion_rows(followed([30.0, 20.0, 24.0]))
    assert (row.against_baseline.mm, row.against_previous.mm, row.against_nadir.mm) == (-6.0, 4.0, 4.0)
    assert row.against_nadir.ratio == pytest.approx(0.2)


def test_a_node_is_measured_by_its_short_axis():
    seen = replace(observation(1, date(2023, 1, 1)), sizes=Sizes(24.0, 11.0, 2.0))
    visits = [visit(1, date(2023, 1, 1))]
    rows = table(timeline(visits, [track(1, [seen], is_node=True), track(2, [seen])]))
    assert (rows[1].cells[0].size_mm, rows[2].cells[0].size_mm) == (11.0, 24.0)


def test_a_lesion_that_is_gone_has_no_ratio_to_come_back_from():
    (row,) = lesion_rows(followed([30.0, 0.0, 6.0]))
    assert (row.against_previous.mm, row.against_previous.ratio) == (6.0, None)


def test_a_missing_visit_is_a_reason_not_a_zero():
    (row,) = lesion_rows(followed([30.0, None, 24.0]))
    assert row.cells[1].size_mm is None
    assert row.cells[1].absence is not None
    assert row.against_previous.mm == -6.0


def test_an_outline_in_parts_has_no_size_that_counts():
    (row,) = lesion_rows(followed([30.0, Absence.SEVERAL_PARTS]))
    assert (row.cells[1].size_mm, row.cells[1].absence) == (None, Absence.SEVERAL_PARTS)
    assert row.against_baseline is None


def test_one_visit_has_nothing_to_compare_with():
    (row,) = lesion_rows(followed([30.0]))
    assert (row.against_baseline, row.against_previous, row.against_nadir, row.volume_change_ratio) == (None,) * 4


def test_the_nadir_is_not_before_the_baseline():
    visits = [visit(1, date(2023, 1, 1)), visit(2, date(2023, 6, 1)), visit(3, date(2023, 9, 1))]
    seen = [observation(v.pk, v.first_on, size) for v, size in zip(visits, (5.0, 30.0, 33.0), strict=True)]
    (row,) = lesion_rows(timeline(visits, [track(1, seen)], [course(date(2023, 6, 2))]))
    assert row.against_nadir.mm == 3.0


def test_targets_come_first():
    visits = [visit(1, date(2023, 1, 1))]
    seen = [observation(1, date(2023, 1, 1))]
    tracks = [track(1, seen, role=LesionRole.NON_TARGET), track(2, seen)]
    assert [row.track.lesion_pk for row in lesion_rows(timeline(visits, tracks))] == [2, 1]


def test_a_visit_of_two_days_says_which_scan_a_size_was_read_from():
    first, last = date(2024, 3, 3), date(2024, 3, 6)
    visits = [visit(1, first, last, modality=Modality.MR), visit(2, date(2024, 6, 1))]
    seen = [observation(1, last, 12.0, modality=Modality.MR), observation(2, date(2024, 6, 1), 9.0)]
    (row,) = lesion_rows(timeline(visits, [track(1, seen)]))
    assert [cell.shares_visit for cell in row.cells] == [True, False]
    assert row.cells[0].observation.observed_on == last
