"""What lesions come to at a visit: growth of the sum, opposite answers, and the reasons where there is none."""

import math
from dataclasses import replace
from datetime import timedelta

import pytest

from patients.concluded.trusted import ReferenceSummary
from patients.vocabulary import Criterion, LesionRole, Modality, Reference, ResponseCategory
from patients.words.noise_words import Undefined
from radiomics_tasks.analysis.change.summed import growth_before
from radiomics_tasks.analysis.conclude import conclude
from tests.progressions import UNSCALED, on, progression, scanned
from tests.radiomics_tasks.analysis.change.changing import beside, changing
from tests.timelines import FIRST_ON, course, observation, timeline, track, visit


def summary(seen, visit: int, reference: Reference = Reference.BASELINE) -> ReferenceSummary:
    found = next(one for one in beside(seen).visits if one.timepoint_pk == visit)
    return next(one for one in found.by_reference if one.reference is reference)


def test_growth_of_the_sum_against_each_reference():
    seen = changing([(20.0, 1.0, 1.0), (10.0, 1.0, 1.0), (20.0, 1.0, 1.0)])
    baseline, nadir = summary(seen, 3), summary(seen, 3, Reference.NADIR)
    assert baseline.sum_growth_mm_per_month.value == 0
    assert nadir.sum_growth_mm_per_month.value == pytest.approx(10 * 30.4375 / 56)
    # The sum doubles in 56 days, as volume it grows eightfold.
    assert nadir.sum_growth_per_month.value == pytest.approx(math.expm1(3 * math.log(2) * 30.4375 / 56))


def test_too_short_an_interval_says_so_and_an_earlier_scan_is_needed_for_a_ratio():
    found = summary(changing([(20.0, 1.0, 1.0), (22.0, 1.0, 1.0)], days=10), 2)
    assert found.sum_growth_per_month.absence is Undefined.INTERVAL_TOO_SHORT
    assert found.sum_growth_mm_per_month.absence is Undefined.INTERVAL_TOO_SHORT
    assert found.growth_ratio.absence is Undefined.NO_REFERENCE


def test_growth_before_treatment_makes_a_ratio():
    seen = changing([(20.0, 1.0, 1.0), (21.0, 1.0, 1.0), (30.0, 1.0, 1.0)])
    began = seen.timepoints[1].last_on
    found = summary(replace(seen, courses=(course(began),)), 3)
    before, since = (math.expm1(3 * math.log(one) * 30.4375 / 56) for one in (21 / 20, 30 / 21))
    assert found.growth_ratio.value == pytest.approx(since / before)


def test_a_scan_shortly_before_the_baseline_is_skipped_for_an_earlier_one():
    days = [FIRST_ON + timedelta(day) for day in (0, 50, 60, 120)]
    sizes = (20.0, 20.5, 21.0, 30.0)
    one = track(1, [observation(pk, on, mm) for pk, (on, mm) in enumerate(zip(days, sizes, strict=True), start=1)])
    seen = timeline([visit(pk, on) for pk, on in enumerate(days, start=1)], [one], [course(days[2])])
    assert growth_before(seen).value == pytest.approx(math.expm1(3 * math.log(21 / 20) * 30.4375 / 60))
    recent = replace(seen, timepoints=seen.timepoints[1:])
    assert growth_before(recent).absence is Undefined.INTERVAL_TOO_SHORT


def test_lesions_in_opposite_directions_are_told_by_name():
    seen = changing([(30.0, 1.0, 1.0), (20.0, 1.0, 1.0)], [(20.0, 1.0, 1.0), (30.0, 1.0, 1.0)])
    found = summary(seen, 2)
    assert (found.dissociated.is_present, found.dissociated.shrunk, found.dissociated.grown) == (True, (1,), (2,))
    assert found.heterogeneity.value == pytest.approx(abs(3 * math.log(1.5) + 3 * math.log(1.5)) / math.sqrt(2))


def test_one_lesion_is_too_few_for_opposite_answers():
    found = summary(changing([(20.0, 1.0, 1.0), (21.0, 1.0, 1.0)]), 2)
    assert (found.dissociated.is_present, found.dissociated.absence) == (None, Undefined.TOO_FEW_LESIONS)


def test_a_lesion_on_two_kinds_of_scan_is_one_lesion():
    """On CT it shrinks and on MR, which does not count, it grows: no opposite answers of two lesions."""
    days = [FIRST_ON, FIRST_ON + timedelta(56)]
    on_ct = [observation(pk, on, mm) for pk, on, mm in zip((1, 2), days, (30.0, 20.0), strict=True)]
    on_mr = [
        observation(pk, on, mm, modality=Modality.MR, scan_pk=10 + pk)
        for pk, on, mm in zip((1, 2), days, (20.0, 30.0), strict=True)
    ]
    both = timeline([visit(pk, on) for pk, on in enumerate(days, start=1)], [track(1, [*on_ct, *on_mr])])
    found = summary(both, 2)
    assert found.dissociated.absence is found.heterogeneity.absence is Undefined.TOO_FEW_LESIONS


def test_the_pace_before_treatment_is_from_scan_to_scan():
    """A brain scan ten days into the baseline visit makes the interval of the targets no longer."""
    seen = changing([(20.0, 1.0, 1.0), (21.0, 1.0, 1.0), (30.0, 1.0, 1.0)])
    began = course(seen.timepoints[1].last_on + timedelta(10))
    late = visit(2, seen.timepoints[1].first_on, seen.timepoints[1].first_on + timedelta(10))
    longer = replace(seen, timepoints=(seen.timepoints[0], late, seen.timepoints[2]))
    plain, with_brain = (growth_before(replace(one, courses=(began,))) for one in (seen, longer))
    assert with_brain == plain


def test_a_lesion_that_appeared_at_an_earlier_visit_is_new_against_baseline():
    """Against the visit at which it appeared it is a lesion like any other."""
    seen = changing([(30.0, 1.0, 1.0), (20.0, 1.0, 1.0), (20.0, 1.0, 1.0)])
    days = [one.first_on for one in seen.timepoints]
    new = track(9, [observation(2, days[1], 12.0), observation(3, days[2], 12.0)], role=LesionRole.NEW)
    grown = replace(seen, tracks=(*seen.tracks, new))
    for at in (2, 3):
        found = summary(grown, at).dissociated
        assert (found.is_present, found.shrunk, found.new) == (True, (1,), (9,))
    assert summary(grown, 3, Reference.PREVIOUS).dissociated.new == ()
    gone = replace(grown, tracks=(*seen.tracks, replace(new, observations=new.observations[:1])))
    assert summary(gone, 3).dissociated.absence is Undefined.TOO_FEW_LESIONS


def test_a_lesion_of_an_earlier_line_is_not_new_in_the_next():
    seen = changing([(30.0, 1.0, 1.0), (30.0, 1.0, 1.0), (20.0, 1.0, 1.0)])
    days = [one.first_on for one in seen.timepoints]
    new = track(9, [observation(2, days[1], 12.0), observation(3, days[2], 12.0)], role=LesionRole.NEW)
    later = replace(seen, tracks=(*seen.tracks, new), courses=(course(days[1]),))
    assert summary(later, 3).dissociated.new == ()


def test_scans_that_are_not_comparable_have_no_rate_of_growth():
    grown = progression(40.0, 50.0, 40.0, 55.0)
    paced = replace(grown, courses=(replace(grown.courses[0], started_on=on(2)),))
    assert summary(scanned(paced, {}), 4).growth_ratio.value is not None
    found = summary(scanned(paced, {4: UNSCALED}), 4)
    rates = found.sum_growth_per_month, found.sum_growth_mm_per_month, found.growth_ratio
    assert {one.absence for one in rates} == {Undefined.NOT_COMPARABLE}
    assert found.is_hyperprogression_pattern is not True
    before = summary(scanned(paced, {1: UNSCALED}), 4)
    assert (before.sum_growth_per_month.absence, before.growth_ratio.absence) == (None, Undefined.NOT_COMPARABLE)


def test_a_sum_over_scans_that_are_not_comparable_stays_and_its_visit_is_marked():
    """A diameter is a reader's act, and the criteria know no scanner: the call stands, and says what it stands on."""
    found = conclude(scanned(progression(50.0, 40.0, 65.0), {3: UNSCALED})).responses
    marked = {one.timepoint_pk for one in found if "SCANS_NOT_COMPARABLE" in one.flags}
    last = next(one for one in found if one.timepoint_pk == 3 and one.criterion is Criterion.RECIST_1_1)
    assert (marked, last.category, str(last.sum_mm)) == ({3}, ResponseCategory.PD, "65.0")
    assert any("not comparable with earlier ones" in reason for reason in last.reasons)
