"""What lesions come to at a visit: growth of the sum, opposite answers, and the reasons where there is none."""

import math
from dataclasses import replace

import pytest

from patients.noise_words import Undefined
from patients.trusted import ReferenceSummary
from patients.vocabulary import Reference
from tests.radiomics_tasks.analysis.change.changing import beside, changing
from tests.timelines import course


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


def test_lesions_in_opposite_directions_are_told_by_name():
    seen = changing([(30.0, 1.0, 1.0), (20.0, 1.0, 1.0)], [(20.0, 1.0, 1.0), (30.0, 1.0, 1.0)])
    found = summary(seen, 2)
    assert (found.dissociated.is_present, found.dissociated.shrunk, found.dissociated.grown) == (True, (1,), (2,))
    assert found.heterogeneity.value == pytest.approx(abs(3 * math.log(1.5) + 3 * math.log(1.5)) / math.sqrt(2))


def test_one_lesion_is_too_few_for_opposite_answers():
    found = summary(changing([(20.0, 1.0, 1.0), (21.0, 1.0, 1.0)]), 2)
    assert (found.dissociated.is_present, found.dissociated.absence) == (None, Undefined.TOO_FEW_LESIONS)
