"""Rows of the tables from frozen objects: sizes, changes, verdict."""

from dataclasses import replace
from datetime import date

import pytest

from monitoring.tables import feature_cell, feature_tables, lesion_rows, verdict_of, visits_of
from patients.findings import PatientFindings
from patients.timeline import Sizes
from patients.vocabulary import Absence, LesionRole, Organ
from radiomics_tasks.analysis.recist import target_responses
from tests.timelines import course, features, followed, observation, timeline, track, visit


def table(seen):
    return {row.track.lesion_pk: row for row in lesion_rows(seen)}


def concluded(seen):
    return PatientFindings(seen.patient_pk, (), target_responses(seen))


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


def test_the_verdict_is_that_of_the_last_concluded_visit():
    seen = followed([30.0, 20.0, 24.0])
    visits = visits_of(seen, concluded(seen))
    verdict = verdict_of(visits)
    assert (verdict.visit.number, verdict.is_latest_visit) == (3, True)
    assert visits[0].is_baseline and visits[0].on == visits[0].timepoint.first_on
    assert verdict_of(visits_of(seen, PatientFindings(1))) is None


def test_days_are_counted_from_the_start_of_therapy():
    seen = timeline([visit(1, date(2023, 1, 1)), visit(2, date(2023, 3, 1))], [], [course(date(2023, 1, 8))])
    assert [one.days for one in visits_of(seen, PatientFindings(1))] == [-7, 52]
    assert [one.days for one in visits_of(timeline(seen.timepoints, [], []), PatientFindings(1))] == [None, None]


def test_a_feature_that_is_not_there_says_why():
    assert feature_cell(None, "original_glcm_Contrast") == (None, "not outlined at this visit")
    bare = observation(1, date(2023, 1, 1))
    assert feature_cell(bare, "original_glcm_Contrast")[0] is None
    assert feature_cell(bare, "original_glcm_Contrast")[1]


def test_a_feature_of_another_set_was_not_computed(seen_with_features):
    assert feature_cell(seen_with_features, "wavelet_glcm_Contrast") == (None, Absence.NOT_COMPUTED.label)


@pytest.fixture
def seen_with_features():
    found = features(1, [1.0, None], names=["original_firstorder_Mean", "x_y_z"])
    return observation(1, date(2023, 1, 1), values=found, scan_pk=10)


def test_a_feature_table_has_values_units_and_reasons(seen_with_features):
    seen = timeline([visit(1, date(2023, 1, 1))], [track(1, [seen_with_features])])
    mean, other = feature_tables(seen, ["original_firstorder_Mean", "x_y_z"])
    assert (mean.label, mean.unit, mean.rows[0].cells[0]) == ("First order Mean", "HU", (1.0, ""))
    assert (other.rows[0].cells[0][0], other.unit) == (None, "")
    assert other.rows[0].track.organ is Organ.LIVER
